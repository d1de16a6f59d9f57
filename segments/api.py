"""Segments and who is in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Schema

from contacts.api.calls import must, user_of
from contacts.roles import Ability, can
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, PageOf, page_of
from leadcrm.lib.paging import ID, Column, Sort
from segments.models import Membership, Segment, Subject

routes = Routes(tags=["Segments"])

BY_ID = Sort("id", "Id", (ID,))
# A segment's members have unique indexes by contact and by lead, and no other order.
BY_MEMBER = {subject: Sort("member", "Member", (Column(f"{subject}_id", int),)) for subject in Subject}


class SegmentOut(Schema):
    """A named question and how many answer it. `subject`: contact or lead; members are kept up to date while live."""

    id: int
    name: str
    description: str
    subject: str
    kind: str
    state: str
    members_count: int
    refreshed_at: datetime | None


class MemberOut(Schema):
    contact_id: int | None
    lead_id: int | None
    joined_at: datetime


class SegmentsAsked(Given):
    subject: Subject | None = None
    cursor: CursorWords = ""
    limit: Limit = 50


class MembersAsked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("", "segments:read", PageOf[SegmentOut], operation_id="listSegments", summary="List segments")
def list_segments(request: HttpRequest, asked: Query[SegmentsAsked]) -> Any:
    """All segments."""
    _must_market(request)
    rows = Segment.objects.alive()
    return page_of(rows.filter(subject=asked.subject) if asked.subject else rows, BY_ID, asked.cursor, asked.limit)


@routes.reads("/{id}", "segments:read", SegmentOut, operation_id="getSegment", summary="One segment")
def get_segment(request: HttpRequest, id: Id) -> Any:
    """A segment and its size."""
    _must_market(request)
    return get_object_or_404(Segment.objects.alive(), pk=id)


@routes.reads(
    "/{id}/members", "segments:read", PageOf[MemberOut], operation_id="listMembers", summary="Who is in a segment"
)
def list_members(request: HttpRequest, id: Id, asked: Query[MembersAsked]) -> Any:
    """The members now, by their ids."""
    _must_market(request)
    segment = get_object_or_404(Segment.objects.alive(), pk=id)
    rows = Membership.objects.filter(segment=segment, **{f"{segment.subject}__isnull": False})
    return page_of(rows, BY_MEMBER[Subject(segment.subject)], asked.cursor, asked.limit)


def _must_market(request: HttpRequest) -> None:
    must(can(user_of(request), Ability.MARKET), "Segments are for marketing: this token acts as somebody else.")
