"""Pages of scoring, under /scoring/. `lead_pages` need leads and scores; the roof names them with the other pages of
leads."""

from django.urls import path

from scoring.views import (
    builder,
    call,
    going_live,
    hints,
    incoming,
    insight,
    lead,
    models,
    queue,
    ready,
    ready_events,
    rehearsal,
    rules,
    suggested,
)

app_name = "scoring"
lead_pages = [
    path("ready/", ready.ready, name="ready"),
    path("ready/news/", ready.ready_news, name="ready_news"),
    path("ready/events/", ready_events.ready_events, name="ready_events"),
    path("hints/", hints.hints, name="hints"),
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue.next_call, name="next_call"),
    path("queue/incoming/", incoming.incoming, name="incoming"),
    path("<int:lead_id>/call/", call.call, name="call"),
    path("<int:lead_id>/call/claim/", call.claim, name="call_claim"),
    path("<int:lead_id>/call/hold/", call.hold, name="call_hold"),
    path("<int:lead_id>/call/release/", call.release, name="call_release"),
    path("<int:lead_id>/call/skip/", call.skip, name="call_skip"),
    path("<int:lead_id>/", lead.detail, name="detail"),
    path("<int:lead_id>/why/", lead.why, name="why"),
]
urlpatterns = [
    path("", models.model_list, name="models"),
    path("new/", models.new, name="new"),
    path("switches/", models.switches, name="switches"),
    path("<int:model_id>/", insight.insight, name="insight"),
    path("<int:model_id>/drift/", insight.drift, name="drift"),
    path("<int:model_id>/leads/", insight.leads, name="leads"),
    path("<int:model_id>/leads.csv", insight.leads_csv, name="leads_csv"),
    path("<int:model_id>/draft/", builder.builder, name="builder"),
    path("<int:model_id>/draft/around/", builder.around, name="around"),
    path("<int:model_id>/draft/groups/", builder.groups, name="groups"),
    path("<int:model_id>/draft/text/", builder.text, name="text"),
    path("<int:model_id>/draft/run/", builder.run, name="run"),
    path("<int:model_id>/delete/", models.delete, name="delete"),
    path("<int:model_id>/live/", going_live.live, name="live"),
    path("<int:model_id>/stop/", going_live.stopping, name="stop"),
    path("<int:model_id>/rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    path("<int:model_id>/rehearsal/ask/", rehearsal.ask, name="rehearsal_ask"),
    path("<int:model_id>/rehearsal/progress/", rehearsal.progress, name="rehearsal_progress"),
    path("<int:model_id>/rehearsal/leads/", rehearsal.leads, name="rehearsal_leads"),
    path("<int:model_id>/rehearsal/points/", suggested.points, name="rehearsal_points"),
    path("<int:model_id>/rehearsal/threshold/", suggested.threshold, name="rehearsal_threshold"),
    path("<int:model_id>/rehearsal/<int:rehearsal_id>/cancel/", rehearsal.cancel, name="rehearsal_cancel"),
    path("<int:model_id>/rules/new/", rules.new, name="rule_new"),
    path("<int:model_id>/rules/<int:rule_id>/", rules.edit, name="rule"),
    path("<int:model_id>/rules/<int:rule_id>/copy/", rules.copy, name="rule_copy"),
    path("<int:model_id>/rules/<int:rule_id>/move/", rules.move, name="rule_move"),
    path("<int:model_id>/rules/<int:rule_id>/remove/", rules.remove, name="rule_remove"),
]
