"""Pages of leads, under /leads/. The roof adds those that need scores (scoring.urls.lead_pages) to the same names."""

from django.urls import path

from contacts.views.cells import cell_page
from leads.actions import ACTIONS
from leads.qualifying import views as qualifying
from leads.views import conditions, processes, rating, records
from leads.views.actions import act
from leads.views.bulk import bulk
from leads.views.processes import ACTS

app_name = "leads"
urlpatterns = [
    path("", records.lead_list, name="list"),
    *records.EDITOR.pages(),
    cell_page(records.EDITOR),
    path("bulk/", bulk, name="bulk"),
    path("processes/", processes.process_list, name="processes"),
    path("processes/new/", processes.new, name="process_new"),
    path("processes/<int:process_id>/", processes.detail, name="process"),
    path("processes/<int:process_id>/edit/", processes.edit, name="process_edit"),
    path("processes/<int:process_id>/campaigns/", processes.campaigns, name="process_campaigns"),
    *(path(f"processes/<int:process_id>/{act}/", processes.act, {"name": act}, name=f"process_{act}") for act in ACTS),
    path("by-condition/<str:subject>/", conditions.by_condition, name="by_condition"),
    path("conditions/<str:subject>/vocabulary/", conditions.vocabulary, name="condition_vocabulary"),
    path("conditions/<str:subject>/values/", conditions.values, name="condition_values"),
    path("conditions/<str:subject>/read/", conditions.read, name="condition_read"),
    path("conditions/<str:subject>/preview/", conditions.preview, name="condition_preview"),
    path("of/contact/<int:contact_id>/", records.for_contact, name="for_contact"),
    path("of/account/<int:account_id>/", records.for_account, name="for_account"),
    path("<int:lead_id>/contact/", records.contact_of, name="contact"),
    path("<int:lead_id>/log/", records.log, name="log"),
    path("<int:lead_id>/history/", records.history, name="history"),
    path("<int:lead_id>/rate/", rating.rating, name="rate"),
    path("<int:lead_id>/stage/<str:stage>/", records.stage_menu, name="stage"),
    path("<int:lead_id>/qualify/", qualifying.qualify_page, name="qualify"),
    path("<int:lead_id>/qualify/undo/", qualifying.undo, name="undo_qualify"),
    path("<int:lead_id>/outcome/", qualifying.outcome, name="outcome"),
    *(path(f"<int:lead_id>/{name}/", act, {"name": name}, name=name) for name in ACTIONS),
]
