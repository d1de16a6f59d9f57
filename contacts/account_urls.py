"""Pages of accounts, under /accounts/."""

from django.urls import path

from contacts.views import accounts as views

app_name = "accounts"
urlpatterns = [
    path("", views.account_list, name="list"),
    path("new/", views.new, name="new"),
    path("deleted/", views.deleted, name="deleted"),
    path("options/", views.options, name="options"),
    path("<int:account_id>/", views.detail, name="detail"),
    path("<int:account_id>/edit/", views.edit, name="edit"),
    path("<int:account_id>/delete/", views.delete, name="delete"),
    path("<int:account_id>/restore/", views.restore, name="restore"),
]
