"""Addresses of segments."""

from __future__ import annotations

from django.urls import path

from segments.views import detail, editing, lists, members

app_name = "segments"
urlpatterns = [
    path("", lists.segment_list, name="list"),
    path("new/", editing.new, name="new"),
    path("put-in/", members.put_in, name="put_in"),
    path("take-out/", members.take_out, name="take_out"),
    path("deleted/", editing.deleted, name="deleted"),
    path("choose/<str:subject>/", members.choose, name="choose"),
    path("of-contact/<int:contact_id>/", members.of_contact, name="of_contact"),
    path("of-lead/<int:lead_id>/", members.of_lead, name="of_lead"),
    path("<int:segment_id>/", detail.detail, name="detail"),
    path("<int:segment_id>/history/", detail.history, name="history"),
    path("<int:segment_id>/would/", detail.would, name="would"),
    path("<int:segment_id>/overlap/", detail.overlap, name="overlap"),
    path("<int:segment_id>/export.csv", detail.export, name="export"),
    path("<int:segment_id>/edit/", editing.edit, name="edit"),
    path("<int:segment_id>/go-live/", editing.go_live, name="go_live"),
    path("<int:segment_id>/stop/", editing.stop, name="stop"),
    path("<int:segment_id>/delete/", editing.delete, name="delete"),
    path("<int:segment_id>/restore/", editing.restore, name="restore"),
    path("<int:segment_id>/why/", members.explain, name="why"),
    path("<int:segment_id>/file/", members.from_file, name="from_file"),
    path("<int:segment_id>/copy/", members.copy, name="copy"),
]
