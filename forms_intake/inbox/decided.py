"""Whose a submission is, and why: how its contact, account and lead were found or made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse

from contacts.models import Account, Contact, DuplicatePair
from forms_intake.matching.words import key_in_words
from forms_intake.models import Submission
from leads.models import Lead


@dataclass(frozen=True)
class Candidate:
    """A record that was looked at: its name, where it is, whether it was taken, and its points of likeness, of 100."""

    words: str
    url: str = ""
    won: bool = False
    points: int | None = None


@dataclass(frozen=True)
class Decision:
    """How one kind of record was found or made."""

    record: str
    strategy: str
    key: str
    reason: str
    made: bool
    candidates: list[Candidate] = field(default_factory=list)


def decisions_of(submission: Submission) -> list[Decision]:
    """How contact, account and lead were decided. A constant number of queries."""
    decision = submission.decision or {}
    said = {record: one for record in ("contact", "account", "lead") if isinstance(one := decision.get(record), dict)}
    points = _points(submission.contact_id, said.get("contact", {}).get("suggested", ()))
    told = []
    for record, one in said.items():
        ids = [*one.get("candidates", ())]
        winner = one.get("winner")
        if winner and winner not in ids:
            ids.append(winner)
        suggested = [pk for pk in one.get("suggested", ()) if pk not in ids]
        names = _names(record, [*ids, *suggested])
        candidates = [Candidate(*names[pk], won=pk == winner) for pk in ids]
        candidates += [Candidate(*names[pk], points=points.get(pk)) for pk in suggested]
        told.append(
            Decision(
                record=record,
                strategy=one.get("strategy", "By web domain, then by name" if record == "account" else ""),
                key=key_in_words(one.get("key", "")),
                reason=one.get("reason", ""),
                made=bool(one.get("new")),
                candidates=candidates,
            )
        )
    return told


def _points(contact_id: int | None, others: Sequence[int]) -> dict[int, int]:
    if not contact_id or not others:
        return {}
    one, other = Q(first=contact_id, second__in=others), Q(second=contact_id, first__in=others)
    pairs = DuplicatePair.objects.filter(one | other)
    return {pair.second_id if pair.first_id == contact_id else pair.first_id: pair.likeness for pair in pairs}


def _names(record: str, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Name and address of records; of those that are gone, that they are."""
    ids = list(ids)
    model: Any = {"contact": Contact, "account": Account, "lead": Lead}[record]
    place = {"contact": "contacts:detail", "account": "accounts:detail", "lead": "leads:detail"}[record]
    found = model.objects.select_related("contact").in_bulk(ids) if record == "lead" else model.objects.in_bulk(ids)
    names = {}
    for pk in ids:
        one = found.get(pk)
        if one is None:
            names[pk] = f"{record.capitalize()} {pk}, which is gone", ""
        else:
            gone = " (deleted)" if one.deleted_at else ""
            names[pk] = f"{one}{gone}", "" if gone else reverse(place, args=[pk])
    return names
