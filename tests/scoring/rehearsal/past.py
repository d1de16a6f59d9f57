"""Histories with an outcome, and rehearsals of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contacts.models import InteractionType
from leads.models import Lead, Status
from scoring.models import Rule, ScoringModel
from scoring.rehearsal import run
from scoring.rehearsal.models import Rehearsal
from scoring.rehearsal.services import rehearse
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live

VISIT = InteractionType.PAGE_VISITED
OSLO = {"field": "contact.city", "op": "is", "value": "Oslo"}
CLOSED = datetime(2026, 3, 29, 12, tzinfo=UTC)


def a_closed_lead(won: bool, *, closed_at: datetime = CLOSED, visits: int = 0, **more: Any) -> Lead:
    """Closed as qualified or disqualified, with so many visits in the days before."""
    lead = a_lead(a_contact(**more), status=Status.QUALIFIED if won else Status.DISQUALIFIED, closed_at=closed_at)
    for number in range(visits):
        an_interaction(lead.contact, VISIT, occurred_at=closed_at - timedelta(days=1 + number))
    return lead


def a_history(many: int = 160) -> ScoringModel:
    """A live model, open leads for it, and so many closed ones for which visits and a city tell half of the story."""
    model = a_model("Interest", threshold=40)
    a_rule(model, 10, "Visits", interaction_type=VISIT, cap=30, window_days=60)
    a_rule(model, 25, "Comes from Oslo", condition=OSLO)
    a_rule(model, 15, "Comes from Bergen", condition={"field": "contact.city", "op": "is", "value": "Bergen"})
    a_rule(model, -5, "No e-mail", condition={"field": "contact.email", "op": "is_empty"})
    for number in range(30):
        lead = a_lead(a_contact("Open", f"Lead {number}", city="Oslo" if number % 4 == 0 else "Trondheim"))
        for visit in range(number % 5):
            an_interaction(lead.contact, VISIT, days_ago=1 + visit)
    live(model)
    for number in range(many):
        visits, oslo = number * 7 % 4, number % 3 == 0
        won = visits + 2 * oslo + number * number * 13 % 5 > 3
        closed_at = CLOSED - timedelta(hours=9 * number)
        a_closed_lead(won, closed_at=closed_at, visits=visits, city="Oslo" if oslo else "Trondheim")
    Rule.objects.filter(name="Comes from Oslo").update(points=5)
    Rule.objects.filter(name="Visits").update(points=14, cap=42)
    return model


def rehearsed(model: ScoringModel) -> Rehearsal:
    """The rehearsal of the model, all of it."""
    rehearsal = rehearse(model.pk)
    while run.advance():
        pass
    rehearsal.refresh_from_db()
    return rehearsal
