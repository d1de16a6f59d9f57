"""Pages of accounts, under /accounts/."""

from django.urls import path

from contacts.views import accounts as views
from contacts.views.cells import cell_page

app_name = "accounts"
urlpatterns = [
    path("", views.account_list, name="list"),
    *views.EDITOR.pages(),
    cell_page(views.EDITOR),
    path("options/", views.options, name="options"),
    path("<int:account_id>/", views.detail, name="detail"),
    path("<int:account_id>/history/", views.history, name="history"),
]
