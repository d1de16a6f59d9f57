"""Pages of leads, under /leads/. The roof adds those that need scores (scoring.urls.lead_pages) to the same names."""

from django.urls import path

from contacts.views.cells import cell_page
from leads.actions import ACTIONS
from leads.attachments import views as files
from leads.marketing import views as marketing
from leads.qualifying import views as qualifying
from leads.views import (
    assignment,
    assignment_runs,
    board,
    bulk_jobs,
    comments,
    conditions,
    orphans,
    processes,
    rating,
    records,
    teams,
)
from leads.views.actions import act
from leads.views.bulk import bulk
from leads.views.code_lists import code_list
from leads.views.processes import ACTS
from leads.work_urls import PAGES as WORK_PAGES

app_name = "leads"
urlpatterns = [
    path("", records.lead_list, name="list"),
    *records.EDITOR.pages(),
    cell_page(records.EDITOR),
    *WORK_PAGES,
    path("bulk/", bulk, name="bulk"),
    path("board/", board.lead_board, name="board"),
    path("lists/", code_list, {"slug": "status-reasons"}, name="code_lists"),
    path("lists/<slug:slug>/", code_list, name="code_list"),
    path("campaigns/", marketing.campaigns, name="campaigns"),
    path("campaigns/new/", marketing.campaign, name="campaign_new"),
    path("campaigns/<int:campaign_id>/", marketing.campaign, name="campaign"),
    path("contexts/", marketing.contexts, name="contexts"),
    path("contexts/new/", marketing.context, name="context_new"),
    path("contexts/<int:context_id>/", marketing.context, name="context"),
    path("processes/", processes.process_list, name="processes"),
    path("processes/new/", processes.new, name="process_new"),
    path("processes/<int:process_id>/", processes.detail, name="process"),
    path("processes/<int:process_id>/edit/", processes.edit, name="process_edit"),
    path("processes/<int:process_id>/campaigns/", processes.campaigns, name="process_campaigns"),
    *(path(f"processes/<int:process_id>/{act}/", processes.act, {"name": act}, name=f"process_{act}") for act in ACTS),
    path("bulk/jobs/", bulk_jobs.jobs, name="bulk_jobs"),
    path("bulk/jobs/<int:job_id>/", bulk_jobs.job, name="bulk_job"),
    path("bulk/jobs/<int:job_id>/cancel/", bulk_jobs.cancel, name="bulk_cancel"),
    path("bulk/jobs/<int:job_id>/undo/", bulk_jobs.undo, name="bulk_undo"),
    path("bulk/jobs/<int:job_id>/refusals/", bulk_jobs.refusals, name="bulk_refusals"),
    path("by-condition/<str:subject>/", conditions.by_condition, name="by_condition"),
    path("conditions/<str:subject>/vocabulary/", conditions.vocabulary, name="condition_vocabulary"),
    path("conditions/<str:subject>/values/", conditions.values, name="condition_values"),
    path("conditions/<str:subject>/read/", conditions.read, name="condition_read"),
    path("conditions/<str:subject>/preview/", conditions.preview, name="condition_preview"),
    path("assignment/", assignment.rules, name="assignment"),
    path("assignment/new/", assignment.new, name="assignment_new"),
    path("assignment/try/", assignment.trying, name="assignment_try"),
    path("assignment/again/", assignment_runs.asking, name="assignment_runs"),
    path("assignment/again/<int:run_id>/", assignment_runs.one, name="assignment_run"),
    path("assignment/again/<int:run_id>/do/", assignment_runs.do, name="assignment_run_do"),
    path("assignment/again/<int:run_id>/cancel/", assignment_runs.cancel, name="assignment_run_cancel"),
    path("assignment/<int:rule_id>/", assignment.edit, name="assignment_edit"),
    path("assignment/<int:rule_id>/move/", assignment.move, name="assignment_move"),
    path("assignment/<int:rule_id>/switch/", assignment.switch, name="assignment_switch"),
    path("assignment/<int:rule_id>/remove/", assignment.remove, name="assignment_remove"),
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.team, name="team_new"),
    path("teams/<int:team_id>/", teams.team, name="team"),
    path("teams/<int:team_id>/remove/", teams.remove_team, name="team_remove"),
    path("territories/new/", teams.add_territory, name="territory_new"),
    path("territories/<int:territory_id>/remove/", teams.remove_territory, name="territory_remove"),
    path("hours/", teams.my_hours, name="my_hours"),
    path("hours/workspace/", teams.workspace, name="workspace_hours"),
    path("hours/<int:user_id>/", teams.hours, name="hours"),
    path("hours/<int:user_id>/absences/new/", teams.add_absence, name="absence_new"),
    path("hours/<int:user_id>/absences/<int:absence_id>/remove/", teams.remove_absence, name="absence_remove"),
    path("of/contact/<int:contact_id>/", records.for_contact, name="for_contact"),
    path("of/account/<int:account_id>/", records.for_account, name="for_account"),
    path("without-contact/", orphans.orphan_list, name="orphans"),
    path("without-contact/link/", orphans.link_orphans, name="link_orphans"),
    path("<int:lead_id>/comments/", comments.comments, name="comments"),
    path("<int:lead_id>/comments/<int:comment_id>/edit/", comments.edit, name="comment_edit"),
    path("<int:lead_id>/comments/<int:comment_id>/delete/", comments.delete, name="comment_delete"),
    path("<int:lead_id>/attachments/", files.attachments, name="attachments"),
    path("<int:lead_id>/attachments/<int:attachment_id>/", files.download, name="attachment"),
    path("<int:lead_id>/attachments/<int:attachment_id>/delete/", files.delete, name="attachment_delete"),
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
