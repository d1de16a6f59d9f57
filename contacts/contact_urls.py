"""Pages of contacts, under /contacts/."""

from django.urls import path

from contacts.views import contacts as views

app_name = "contacts"
urlpatterns = [
    path("", views.contact_list, name="list"),
    path("new/", views.new, name="new"),
    path("deleted/", views.deleted, name="deleted"),
    path("options/", views.options, name="options"),
    path("<int:contact_id>/", views.detail, name="detail"),
    path("<int:contact_id>/edit/", views.edit, name="edit"),
    path("<int:contact_id>/delete/", views.delete, name="delete"),
    path("<int:contact_id>/restore/", views.restore, name="restore"),
    path("<int:contact_id>/log/", views.log, name="log"),
]
