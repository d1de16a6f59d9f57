"""Pages of accounts, under /accounts/."""

from django.urls import path

from contacts.merging import account_views as merging
from contacts.views import accounts as views
from contacts.views.cells import cell_page

app_name = "accounts"
urlpatterns = [
    path("", views.account_list, name="list"),
    *views.EDITOR.pages(),
    cell_page(views.EDITOR),
    path("options/", views.options, name="options"),
    path("<int:account_id>/", views.detail, name="detail"),
    path("<int:account_id>/merge/", merging.merge, name="merge"),
    path("duplicates/", merging.duplicates, name="duplicates"),
    path("duplicates/<int:account_pair_id>/not-the-same/", merging.dismiss, name="not_the_same"),
    path("duplicates/<int:account_pair_id>/ask-again/", merging.ask_again, name="ask_again"),
    path("merges/<int:account_merge_id>/undo/", merging.undo, name="undo_merge"),
    path("<int:account_id>/history/", views.history, name="history"),
]
