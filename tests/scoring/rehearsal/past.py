"""Histories with an outcome, and rehearsals of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionType
from leads.models import Lead, Process, Status
from scoring.models import Rule, ScoringModel
from scoring.rehearsal import run
from scoring.rehearsal.models import Rehearsal
from scoring.rehearsal.services import rehearse
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live

VISIT = InteractionType.PAGE_VISITED
OSLO = {"field": "contact.city", "op": "is", "value": "Oslo"}
CLOSED = datetime(2026, 3, 29, 12, tzinfo=UTC)


class Past(NamedTuple):
    """Somebody, what is true of their lead, and so many visits in the days before `until`."""

    contact: Contact
    lead: dict[str, Any]
    until: datetime
    visits: int


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
    many_leads([_an_open_one(number) for number in range(30)])
    live(model)
    many_leads([_a_closed_one(number) for number in range(many)])
    Rule.objects.filter(name="Comes from Oslo").update(points=5)
    Rule.objects.filter(name="Visits").update(points=14, cap=42)
    return model


def _an_open_one(number: int) -> Past:
    city = "Oslo" if number % 4 == 0 else "Trondheim"
    return Past(Contact(first_name="Open", last_name=f"Lead {number}", city=city), {}, timezone.now(), number % 5)


def _a_closed_one(number: int) -> Past:
    visits, oslo = number * 7 % 4, number % 3 == 0
    won = visits + 2 * oslo + number * number * 13 % 5 > 3
    closed_at = CLOSED - timedelta(hours=9 * number)
    return Past(
        Contact(first_name="Nina", last_name="Lind", city="Oslo" if oslo else "Trondheim"),
        {"status": Status.QUALIFIED if won else Status.DISQUALIFIED, "closed_at": closed_at},
        closed_at,
        visits,
    )


def many_leads(several: Sequence[Past]) -> None:
    """All at once: one by one they took longer than what was asked of them."""
    process = Process.objects.get(is_default=True)
    Contact.objects.bulk_create(one.contact for one in several)
    Lead.objects.bulk_create(
        Lead(contact=one.contact, topic="Route planning", process=process, **one.lead) for one in several
    )
    Interaction.objects.bulk_create(
        Interaction(contact=one.contact, type=VISIT, occurred_at=one.until - timedelta(days=1 + number))
        for one in several
        for number in range(one.visits)
    )


def rehearsed(model: ScoringModel) -> Rehearsal:
    """The rehearsal of the model, all of it."""
    rehearsal = rehearse(model.pk)
    while run.advance():
        pass
    rehearsal.refresh_from_db()
    return rehearsal
