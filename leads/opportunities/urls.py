"""Pages of opportunities, under /opportunities/."""

from django.urls import path

from contacts.models import ListOf
from contacts.views.cells import cell_page
from leads.opportunities import outlook_views, views
from leads.opportunities.actions import ACTIONS
from leads.opportunities.board import opportunity_board
from leads.views.bulk import bulk

app_name = "opportunities"
urlpatterns = [
    path("", views.opportunity_list, name="list"),
    path("bulk/", bulk, {"entity": ListOf.OPPORTUNITY}, name="bulk"),
    path("board/", opportunity_board, name="board"),
    path("soon/", views.soon, name="soon"),
    path("pipeline/", outlook_views.pipeline, name="pipeline"),
    path("forecast/", outlook_views.forecast, name="forecast"),
    *views.EDITOR.pages(),
    cell_page(views.EDITOR),
    path("<int:opportunity_id>/", views.detail, name="detail"),
    *(path(f"<int:opportunity_id>/{name}/", views.act, {"name": name}, name=name) for name in ACTIONS),
    path("of/contact/<int:contact_id>/", views.for_contact, name="for_contact"),
    path("of/account/<int:account_id>/", views.for_account, name="for_account"),
]
