"""The calls behind the demo: what Theo has called these days, and whom somebody is to call back."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from contacts.models import Interaction, InteractionType, User
from leads.models import Call, CallLater, Lead, Outcome
from leads.models.lead_query import TO_CALL

OUTCOMES = (
    (Outcome.VOICEMAIL, "Left my number and what it is about."),
    (Outcome.NO_ANSWER, ""),
    (Outcome.REACHED, "Compares three vendors; decides with the operations lead."),
    (Outcome.NO_ANSWER, "Rang through twice."),
    (Outcome.CALL_BACK, "In a meeting, friendly. Asked to be called again."),
    (Outcome.REACHED, "Wants to see it with their own routes."),
    (Outcome.WRONG_NUMBER, "The number is a warehouse's."),
    (Outcome.VOICEMAIL, ""),
)
CALLED = 34
EVERY = timedelta(minutes=43)
FIRST_HOUR = 8
BACK_MINUTES = (-12, 95, 260, 1500)
"""When call backs are due, from now: one of them since a while."""


def make_calls(random: Random, now: datetime, staff: dict[str, User]) -> None:
    """Calls of the last working hours, the latest some minutes ago, and the call backs that were promised in them."""
    theo = staff["theo"]
    leads = Lead.objects.filter(TO_CALL, contact__phone_e164__gt="", owner=None).select_related("contact")
    chosen = list(leads.order_by("-score", "pk")[:CALLED])
    back = iter(BACK_MINUTES)
    moment = now - timedelta(minutes=9)
    for number, lead in enumerate(chosen):
        outcome, notes = OUTCOMES[number % len(OUTCOMES)]
        told = Interaction.objects.create(
            contact=lead.contact,
            type=InteractionType.CALL,
            subject=outcome.label,
            occurred_at=moment,
            source="calling",
            marketing_context_id=lead.marketing_context_id,
            campaign_id=lead.campaign_id,
            product_id=lead.product_id,
            payload={"outcome": outcome, "direction": "out", "details": notes, "by": str(theo), "lead": lead.pk},
        )
        Call.objects.create(
            lead=lead, person=theo, outcome=outcome, happened_at=moment, interaction_id=told.pk, key=f"demo:{number}"
        )
        due = next(back, None) if outcome == Outcome.CALL_BACK else None
        if due is not None:
            CallLater.objects.create(
                lead=lead,
                why=CallLater.Why.CALL_BACK,
                due_at=now + timedelta(minutes=due),
                reason=notes,
                said_by=theo,
            )
        moment = _before(moment - EVERY * (0.4 + random.random()))


def _before(moment: datetime) -> datetime:
    """That moment, or the end of the working day before it."""
    local = timezone.localtime(moment)
    if local.hour >= FIRST_HOUR:
        return moment
    day = local - timedelta(days=1 if local.weekday() not in {0, 6} else 3 if local.weekday() == 0 else 2)
    return day.replace(hour=17, minute=50 - local.minute // 2)
