"""Who is in a list kept by hand."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from contacts.errors import RecordGone
from contacts.models import User
from segments.definition import everybody, vocabulary_of
from segments.errors import NotKeptByHand
from segments.models import Cause, Kind, Pick, Segment
from segments.refresh import Refreshed, attempt


@transaction.atomic
def add(
    segment: Segment, ids: Sequence[int], *, by: User | None, source: str = "", deleted_too: bool = False
) -> Refreshed:
    """Put contacts or leads into a list; those who are in it already stay as they were. With `deleted_too` also into
    one that is deleted, for when it is restored. Raises NotKeptByHand, RecordGone.
    """
    segment = _locked(segment, deleted_too=deleted_too)
    column = f"{segment.subject}_id"
    there = everybody(segment.subject).filter(id__any_of=list(ids)).values_list("id", flat=True)
    picks = [Pick(segment=segment, picked_by=by, source=source, **{column: pk}) for pk in there]
    Pick.objects.bulk_create(picks, ignore_conflicts=True, batch_size=5_000)
    return _follow(segment, ids)


@transaction.atomic
def remove(segment: Segment, ids: Sequence[int], *, deleted_too: bool = False) -> Refreshed:
    """Take contacts or leads out of a list, with `deleted_too` also of a deleted one.

    Raises NotKeptByHand, RecordGone.
    """
    segment = _locked(segment, deleted_too=deleted_too)
    segment.picks.filter(**{f"{segment.subject}__id__any_of": list(ids)}).delete()
    return _follow(segment, ids)


@transaction.atomic
def copy_members(segment: Segment, *, into: Segment, by: User | None) -> Refreshed:
    """Put everybody who is in `segment` now into the list `into`: a question asked once. Raises NotKeptByHand."""
    column = f"{segment.subject}_id"
    ids = list(segment.members.values_list(column, flat=True))
    return add(into, ids, by=by, source=f"Members of {segment.name}"[:200])


def _locked(segment: Segment, *, deleted_too: bool = False) -> Segment:
    pk = segment.pk
    segments = Segment.objects.all() if deleted_too else Segment.objects.alive()
    found = segments.select_for_update(no_key=True).filter(pk=pk).first()
    if found is None:
        raise RecordGone("segment", pk)
    segment = found
    if segment.kind != Kind.STATIC:
        raise NotKeptByHand(segment.name)
    return segment


def _follow(segment: Segment, ids: Sequence[int]) -> Refreshed:
    if segment.deleted_at is not None:
        return Refreshed()  # its members are seen by nobody, and follow when it is restored
    vocabulary = vocabulary_of(segment.subject)
    done, _ = attempt(segment, vocabulary, now=timezone.now(), cause=Cause.BY_HAND, ids=ids)
    return done
