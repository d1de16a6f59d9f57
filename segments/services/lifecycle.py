"""Making, editing, going live, stopping and deleting segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.doorbells import REFRESH_SEGMENTS
from contacts.errors import RecordGone
from contacts.models import User
from contacts.services.records import restorable
from leadcrm.lib import doorbell
from segments.checks import problems_of, uses
from segments.definition import draft_of, read, vocabulary_of
from segments.errors import NameTaken, SegmentChangedMeanwhile, SegmentInUse, SegmentNotLive, SegmentNotReady
from segments.models import Kind, Segment, State
from segments.needs import needs_of
from segments.queue import hear

EDITABLE = ("name", "description", "condition", "steps", "announce")


@transaction.atomic
def create_segment(*, by: User | None, **given: Any) -> Segment:
    """A draft; a list kept by hand is live from the beginning."""
    segment = Segment.objects.create(owner=by, **given)
    if segment.kind == Kind.STATIC:
        go_live(segment)
        segment.refresh_from_db()
    return segment


@transaction.atomic
def list_named(name: str, *, by: User | None) -> Segment:
    """The list of contacts kept by hand of that name, made if there is none."""
    there = Segment.objects.live().filter(name=name, kind=Kind.STATIC).first()
    return there or create_segment(by=by, name=name, kind=Kind.STATIC)


@transaction.atomic
def update_segment(segment_id: int, *, version: int, changes: Mapping[str, Any]) -> Segment:
    """Edit the draft; what is live stays as it is until it goes live again. Raises SegmentChangedMeanwhile."""
    segment = _locked(segment_id)
    if segment.version != version:
        raise SegmentChangedMeanwhile(segment.name, seen=version, current=segment.version)
    for name in EDITABLE:
        if name in changes:
            setattr(segment, name, changes[name])
    segment.version += 1
    segment.save(update_fields=[*EDITABLE, "version"])
    return segment


@transaction.atomic
def go_live(segment: Segment) -> Segment:
    """Let the draft be what decides who is a member, now and from now on.

    Raises SegmentNotReady with every problem there is. The members follow at once, in the background.
    """
    segment = _locked(segment.pk)
    problems = problems_of(segment)
    if problems:
        raise SegmentNotReady(segment.name, problems)
    now = timezone.now()
    if not segment.is_live:
        segment.live_since = now
    definition = read(segment, draft_of(segment), vocabulary_of(segment.subject))
    segment.live, segment.state, segment.error = draft_of(segment), State.LIVE, ""
    segment.uses, segment.needs = sorted(definition.uses), needs_of(definition)
    segment.next_refresh_at, segment.refreshed_at = now, None
    segment.save(
        update_fields=["live", "uses", "needs", "live_since", "state", "error", "next_refresh_at", "refreshed_at"]
    )
    hear()
    doorbell.ring_on_commit(REFRESH_SEGMENTS)
    return segment


@transaction.atomic
def stop(segment: Segment) -> Segment:
    """Keep the members as they are and follow the facts no longer. Raises SegmentNotLive, SegmentInUse."""
    segment = _locked(segment.pk)
    if not segment.is_live:
        raise SegmentNotLive(segment.name)
    _must_be_unused(segment)
    segment.state, segment.next_refresh_at = State.STOPPED, None
    segment.save(update_fields=["state", "next_refresh_at"])
    hear()
    return segment


@transaction.atomic
def delete_segment(segment: Segment, *, by: User | None) -> None:
    """Hide a segment, for good after thirty days; its members are seen by nobody meanwhile.

    Raises SegmentInUse when live ones are made of it.
    """
    segment = _locked(segment.pk)
    _must_be_unused(segment)
    segment.deleted_at, segment.deleted_by = timezone.now(), by
    segment.save(update_fields=["deleted_at", "deleted_by"])
    hear()


@transaction.atomic
def restore_segment(segment_id: int) -> Segment:
    """Bring a segment back in the state it had; a live one catches up at once, unless what it is made of is no longer
    live: then it comes back stopped, as nobody would follow the facts for it.

    Raises RecordGone, CannotRestore (deleted too long ago) or NameTaken.
    """
    segment = restorable(Segment, segment_id)
    segment.deleted_at, segment.deleted_by = None, None
    made_of = {step["segment"] for step in segment.live["steps"]} if segment.is_live and segment.live else set()
    if Segment.objects.live().filter(pk__in=made_of).count() < len(made_of):
        segment.state = State.STOPPED
    segment.next_refresh_at = timezone.now() if segment.is_live else None
    try:
        with transaction.atomic():
            segment.save(update_fields=["deleted_at", "deleted_by", "state", "next_refresh_at"])
    except IntegrityError:
        raise NameTaken(segment.name) from None
    hear()
    doorbell.ring_on_commit(REFRESH_SEGMENTS)
    return segment


def used_by(segment: Segment) -> list[Segment]:
    """The segments that are made of this one, as drafts or live."""
    others = list(Segment.objects.alive().exclude(pk=segment.pk))
    vocabularies = {str(subject): vocabulary_of(subject) for subject in {other.subject for other in others}}
    return [
        other
        for other in others
        if any(
            segment.pk in uses(other, form, vocabularies[other.subject])
            for form in (other.live, draft_of(other))
            if form
        )
    ]


def _locked(segment_id: int) -> Segment:
    segment = Segment.objects.alive().select_for_update().filter(pk=segment_id).first()
    if segment is None:
        raise RecordGone("segment", segment_id)
    return segment


def _must_be_unused(segment: Segment) -> None:
    users = Segment.objects.live().made_of(segment.pk).exclude(pk=segment.pk)
    if users:
        raise SegmentInUse(segment.name, [user.name for user in users])
