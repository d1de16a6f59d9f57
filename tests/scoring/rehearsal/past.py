"""Histories with an outcome, and rehearsals of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.models import InteractionType
from leads.models import Lead, Status
from scoring.models import ScoringModel
from scoring.rehearsal import run
from scoring.rehearsal.models import Rehearsal
from scoring.rehearsal.services import rehearse
from tests.build import a_contact, a_lead, an_interaction

VISIT = InteractionType.PAGE_VISITED
CLOSED = datetime(2026, 3, 29, 12, tzinfo=UTC)


def a_closed_lead(won: bool, *, closed_at: datetime = CLOSED, visits: int = 0, **more: Any) -> Lead:
    """Closed as qualified or disqualified, with so many visits in the days before."""
    lead = a_lead(a_contact(**more), status=Status.QUALIFIED if won else Status.DISQUALIFIED, closed_at=closed_at)
    for number in range(visits):
        an_interaction(lead.contact, VISIT, occurred_at=closed_at - timedelta(days=1 + number))
    return lead


def rehearsed(model: ScoringModel) -> Rehearsal:
    """The rehearsal of the model, all of it."""
    rehearsal = rehearse(model.pk)
    while run.advance():
        pass
    rehearsal.refresh_from_db()
    return rehearsal
