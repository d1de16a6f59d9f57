"""Closed leads scored as they stood just before they were closed, in the order in which they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet

from leads.conditions import Vocabulary
from leads.conditions.days import today
from leads.models import Lead
from scoring.batch import Ids
from scoring.caps import left_by_rules
from scoring.compute import condition_change
from scoring.definition import ModelSpec
from scoring.moments import At, BeforeClosing
from scoring.outcomes import CLOSED, Outcome, outcome_of
from scoring.rehearsal.reading import rows_of

AT_ONCE = 2_000


@dataclass(frozen=True)
class Closed:
    """A lead whose outcome is known."""

    lead_id: int
    closed_at: datetime
    won: bool


@dataclass(frozen=True)
class Past:
    """What a model said of a closed lead just before it was closed. `points` by rule, after the rule's own caps."""

    lead_id: int
    version_id: int
    score: int
    points: list[int]
    won: bool


def closed_leads() -> QuerySet[Lead]:
    """Leads of which it is known what came of them, and that are still there; `came` is what."""
    closed = Lead.objects.alive().filter(status__in=CLOSED, closed_at__isnull=False)
    leads: QuerySet[Lead] = closed.annotate(came=outcome_of()).exclude(came=Outcome.OPEN)
    return leads


def closed_after(place: tuple[datetime, int] | None, many: int) -> list[Closed]:
    """The next `many` in the order in which they were closed, after the one at `place` (None: from the first)."""
    leads = closed_leads()
    if place is not None:
        moment, lead_id = place
        leads = leads.filter(Q(closed_at__gt=moment) | Q(id__gt=lead_id), closed_at__gte=moment)
    return _closed(leads.order_by("closed_at", "id"), many)


def latest_closed(many: int) -> list[Closed]:
    """The `many` that were closed last, the earliest first."""
    return _closed(closed_leads().order_by("-closed_at", "-id"), many)[::-1]


def _closed(leads: QuerySet[Lead], many: int) -> list[Closed]:
    rows: Any = leads.values_list("id", "closed_at", "came")[:many]  # type: ignore[misc]
    return [Closed(lead_id, moment, came == Outcome.WON) for lead_id, moment, came in rows if moment]


def scored(specs: Sequence[ModelSpec], leads: Sequence[Closed], vocabulary: Vocabulary) -> Iterator[Past]:
    """What each of `specs` said of each of the leads, where it scored it. `leads` are in the order of closing."""
    by_id = {spec.version_id: spec for spec in specs}
    for group in _together(specs, leads, vocabulary):
        won = {lead.lead_id: lead.won for lead in group}
        before = BeforeClosing(group[-1].closed_at)
        columns = "lead_id, version_id, score, points, cuts"
        for lead_id, version_id, score, points, cuts in rows_of(specs, Ids(list(won)), vocabulary, columns, now=before):
            yield Past(lead_id, version_id, score, left_by_rules(by_id[version_id], points, cuts), won[lead_id])


def _together(
    specs: Sequence[ModelSpec], leads: Sequence[Closed], vocabulary: Vocabulary
) -> Iterator[Sequence[Closed]]:
    """Those that one query scores: of one day when conditions speak of days, and never too many."""
    if not leads:
        return
    moment = At(leads[-1].closed_at)
    days_matter = any(condition_change(spec, vocabulary, now=moment) is not None for spec in specs)
    for _, group in groupby(leads, key=lambda lead: today(lead.closed_at) if days_matter else None):
        together = list(group)
        for start in range(0, len(together), AT_ONCE):
            yield together[start : start + AT_ONCE]
