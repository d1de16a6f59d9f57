"""What segments add to the condition language: the segments a contact or a lead is in. Never offered to scoring."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db.models import F, OuterRef, QuerySet

from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Choice, Field, Offer, Relation, Vocabulary
from segments.models import Membership, Segment, State, Subject


@dataclass(frozen=True)
class SegmentChoices:
    """Segments of one kind of members, by id; those that never went live have no members to ask for."""

    subject: Subject

    def offered(self) -> list[tuple[Choice, str]]:
        return [(segment.pk, segment.name) for segment in self._with_members()]

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        rows = Segment.objects.alive().filter(pk__in=values, subject=self.subject)
        return {segment.pk: segment.name for segment in rows}

    def found(self, words: str, most: int) -> list[tuple[Choice, str]]:
        segments = self._with_members()
        for term in words.split()[:MOST_TERMS]:
            segments = segments.filter(name__icontains=term)
        return [(segment.pk, segment.name) for segment in segments[:most]]

    def _with_members(self) -> QuerySet[Segment]:
        return Segment.objects.alive().filter(subject=self.subject).exclude(state=State.DRAFT)


MOST_TERMS = 5
CONTACT_SEGMENTS, LEAD_SEGMENTS = "contact.segments", "segments"
"""The public names of the relations: the segments of the contact, those of the lead itself."""


def _relation(name: str, whose: str, subject: Subject, rows: Callable[[], QuerySet]) -> Relation:
    fields = (
        Field("segment", "segment", FieldType.REFERENCE, F("segment_id"), "Segment", SegmentChoices(subject)),
        Field("joined_at", "date of joining", FieldType.DATETIME, F("joined_at"), "Segment"),
    )
    vocabulary = Vocabulary("membership", {field.name: field for field in fields})
    return Relation(name, f"segment of the {whose}", f"segments of the {whose}", rows, vocabulary)


def offered(subject: str) -> Offer:
    """The segments of a lead's contact and of the lead itself, or of a contact."""
    contact = {"lead": "contact_id", "contact": "pk"}[subject]
    relations = [
        _relation(
            CONTACT_SEGMENTS,
            "contact",
            Subject.CONTACT,
            lambda: Membership.objects.filter(contact_id=OuterRef(contact), segment__deleted_at=None),
        )
    ]
    if subject == Subject.LEAD:
        relations.append(
            _relation(
                LEAD_SEGMENTS,
                "lead",
                Subject.LEAD,
                lambda: Membership.objects.filter(lead_id=OuterRef("pk"), segment__deleted_at=None),
            )
        )
    return Offer(relations=tuple(relations))
