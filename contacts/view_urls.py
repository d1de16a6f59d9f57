"""Pages of saved views, under /views/."""

from django.urls import path

from contacts.views import saved_views as views

app_name = "views"
urlpatterns = [
    path("<slug:entity>/", views.views_of, name="of"),
    path("<slug:entity>/new/", views.new, name="new"),
    path("<slug:entity>/columns/", views.columns, name="columns"),
    path("<slug:entity>/export/", views.export, name="export"),
    path("<int:view_id>/edit/", views.edit, name="edit"),
    path("<int:view_id>/save/", views.save, name="save"),
    path("<int:view_id>/delete/", views.delete, name="delete"),
    path("<int:view_id>/restore/", views.restore, name="restore"),
    path("<int:view_id>/choose/", views.choose, name="choose"),
]
