"""What a segment asks, typed: from its stored JSON to the set of those who meet it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.models import Contact
from leads.conditions import (
    Node,
    Vocabulary,
    compile_condition,
    contact_vocabulary,
    lead_vocabulary,
    parse,
)
from leads.conditions.nodes import Compare, Everything, Related, walk
from leads.models import Lead
from segments.conditions import CONTACT_SEGMENTS, LEAD_SEGMENTS
from segments.models import How, Kind, Membership, Pick, Segment, Subject


@dataclass(frozen=True)
class Step:
    """Changes what came before by the members of a segment."""

    how: How
    segment_id: int


@dataclass(frozen=True)
class Definition:
    """What a segment is made of. `node` is Everything for a list kept by hand or one made of other segments."""

    segment_id: int
    subject: Subject
    kind: Kind
    node: Node
    steps: tuple[Step, ...]

    @property
    def uses(self) -> frozenset[int]:
        """The segments whose members it depends on, by steps and by conditions."""
        return frozenset(step.segment_id for step in self.steps) | segments_in(self.node)


def vocabulary_of(subject: str) -> Vocabulary:
    """What may be asked of the members."""
    return lead_vocabulary() if subject == Subject.LEAD else contact_vocabulary()


def everybody(subject: str) -> QuerySet:
    """All who could be members."""
    return Lead.objects.alive() if subject == Subject.LEAD else Contact.objects.alive()


def draft_of(segment: Segment) -> dict[str, Any]:
    """The draft, in the form that goes live."""
    return {"condition": segment.condition, "steps": segment.steps}


def read(segment: Segment, form: Mapping[str, Any], vocabulary: Vocabulary, *, stored: bool = False) -> Definition:
    """The definition that `form` (`Segment.live` or `draft_of`) holds. Raises InvalidCondition.

    `stored`: what was valid when it went live goes on working, see `parse`.
    """
    return Definition(
        segment_id=segment.pk,
        subject=Subject(segment.subject),
        kind=Kind(segment.kind),
        node=parse(form["condition"], vocabulary, stored=stored) if segment.kind == Kind.DYNAMIC else Everything(),
        steps=tuple(Step(How(step["how"]), step["segment"]) for step in form["steps"]),
    )


def wanted(definition: Definition, vocabulary: Vocabulary, *, now: datetime) -> QuerySet:
    """The records that should be members as of `now`."""
    return everybody(definition.subject).filter(_asked(definition, vocabulary, now))


def _asked(definition: Definition, vocabulary: Vocabulary, now: datetime) -> Q:
    column = f"{definition.subject}_id"
    if definition.kind == Kind.STATIC:
        return Q(Exists(Pick.objects.filter(segment=definition.segment_id, **{column: OuterRef("pk")})))
    steps = list(definition.steps)
    if definition.kind == Kind.COMPOUND:
        asked = is_member(steps.pop(0).segment_id, definition.subject)
    else:
        asked = compile_condition(definition.node, vocabulary, now=now)
    for step in steps:
        asked = combined(asked, step.how, is_member(step.segment_id, definition.subject))
    return asked


def combined(asked: Q, how: How, members: Q) -> Q:
    """What a step makes of what came before it."""
    if how == How.UNION:
        return asked | members
    return asked & members if how == How.INTERSECT else asked & ~members


def is_member(segment_id: int, subject: str) -> Q:
    """That a contact or lead is a member of a segment."""
    return Q(Exists(Membership.objects.filter(segment=segment_id, **{f"{subject}_id": OuterRef("pk")})))


def segments_in(node: Node) -> frozenset[int]:
    """The segments that a condition asks for by name, anywhere in it."""
    found: set[int] = set()
    for each in walk(node, inside=True):
        if isinstance(each, Related) and each.relation in (CONTACT_SEGMENTS, LEAD_SEGMENTS) and each.where is not None:
            for inner in walk(each.where):
                if isinstance(inner, Compare) and inner.field == "segment":
                    values = inner.value if isinstance(inner.value, tuple) else (inner.value,)
                    found.update(value for value in values if isinstance(value, int))
    return frozenset(found)
