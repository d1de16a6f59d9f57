"""Why somebody is in a segment or not: its conditions part by part, and its steps one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.conditions import Traced, trace
from segments.definition import everybody, is_member, read, vocabulary_of
from segments.gone import must_exist
from segments.models import How, Kind, Membership, MembershipChange, Pick, Segment


@dataclass(frozen=True)
class StepAnswer:
    """One step: what it does, whether the record is in its segment, and whether it is in after this step."""

    how: str
    segment: Segment
    is_in: bool
    then: bool


@dataclass(frozen=True)
class Why:
    """The whole answer. `conditions` is None for a list or a segment made of others alone; `pick` only for lists."""

    kind: Kind
    is_in: bool
    is_member: bool
    conditions: Traced | None
    steps: tuple[StepAnswer, ...]
    pick: Pick | None
    changes: tuple[MembershipChange, ...]


def why(segment: Segment, form: dict[str, Any], record_id: int, *, now: datetime) -> Why | None:
    """What `form` (`Segment.live` or `draft_of`) says of a contact or lead as of `now`; None when it is not there.

    `is_member` is what is stored: the two differ only until the next refresh. The segment may not be saved yet.
    Raises InvalidCondition.
    """
    vocabulary = vocabulary_of(segment.subject)
    definition = read(segment, form, vocabulary, stored=True)
    must_exist(definition, vocabulary)
    record = everybody(segment.subject).filter(pk=record_id)
    if not record.exists():
        return None
    column = f"{segment.subject}_id"
    mine = {"segment": segment.pk, column: record_id}
    pick = Pick.objects.filter(**mine).select_related("picked_by").first()
    conditions = trace(definition.node, vocabulary, record, now=now) if segment.kind == Kind.DYNAMIC else None
    is_in = pick is not None if segment.kind == Kind.STATIC else bool(conditions and conditions.holds)
    steps: list[StepAnswer] = []
    known = Segment.objects.in_bulk([step.segment_id for step in definition.steps])
    for step in definition.steps:
        there = record.filter(is_member(step.segment_id, segment.subject)).exists()
        is_in = _after(is_in, step.how, there) if steps or segment.kind != Kind.COMPOUND else there
        steps.append(StepAnswer(step.how.label, known[step.segment_id], there, is_in))
    return Why(
        kind=Kind(segment.kind),
        is_in=is_in,
        is_member=Membership.objects.filter(**mine).exists(),
        conditions=conditions,
        steps=tuple(steps),
        pick=pick,
        changes=tuple(MembershipChange.objects.filter(**mine).order_by("-changed_at", "-id")[:20]),
    )


def _after(is_in: bool, how: How, there: bool) -> bool:
    if how == How.UNION:
        return is_in or there
    return is_in and there if how == How.INTERSECT else is_in and not there
