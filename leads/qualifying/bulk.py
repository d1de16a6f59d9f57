"""Qualifying many leads as they are: with the contact and account they have, and an opportunity each if wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import Contact, OutboxEvent, User
from leads.models import Lead, Opportunity, OpportunityEvent, ProcessState, Qualification, Status, StatusReason
from leads.qualifying.wishes import account_of, opportunity_values
from leads.services.closing import close_leads
from leads.services.outcome import Outcome

CHUNK = 1000
"""Leads a transaction."""


def qualify_leads(
    ids: Sequence[int],
    *,
    by: User | None,
    reason: StatusReason | None = None,
    note: str = "",
    opportunities: bool = False,
    may: Callable[[Lead], bool] | None = None,
) -> Outcome:
    """Qualify leads with what they have; with `opportunities`, each begins one. The ids of those that were, and why
    the others were not: gone, closed already, or by `may` not this person's.

    Their contacts are no longer for marketing only. A chunk is a transaction, with a constant number of statements;
    each lead's qualifying can be undone as if it had been done alone.
    """
    outcome = Outcome()
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        with transaction.atomic():
            kept = hold_marketing_only(chunk)
            done = close_leads(chunk, by=by, status=Status.QUALIFIED, reason=reason, note=note, may=may)
            outcome.refused |= done.refused
            outcome.done += done.done
            if done.done:
                _turn(done.done, kept, by=by, opportunities=opportunities)
                facts_changed()
    return outcome


def hold_marketing_only(ids: Sequence[int]) -> set[int]:
    """The contacts of open leads that are kept for marketing only, their rows locked: contacts come before leads."""
    people = Lead.objects.filter(pk__in=ids, status=Status.OPEN, contact__marketing_only=True).values("contact")
    rows = Contact.objects.filter(pk__in=people).select_for_update(no_key=True, of=("self",)).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _turn(ids: Sequence[int], kept: set[int], *, by: User | None, opportunities: bool) -> None:
    now = timezone.now()
    leads = list(
        Lead.objects.filter(pk__in=ids)
        .select_related("contact__account", "account", "product", "campaign")
        .order_by("pk")
    )
    released = kept & {lead.contact_id for lead in leads}
    Contact.objects.filter(pk__in=released).update(marketing_only=False, version=F("version") + 1, updated_at=now)
    running = Lead.objects.filter(pk__in=ids, process_state=ProcessState.ACTIVE)
    running.update(process_state=ProcessState.FINISHED, process_ended_at=now)
    begun = _begin(leads, by, now) if opportunities else {}
    Qualification.objects.bulk_create(_kept(lead, begun.get(lead.pk), released, by, now) for lead in leads)
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            kind="lead.qualified",
            payload={
                "lead_id": lead.pk,
                "account_id": account.pk if (account := account_of(lead)) else None,
                "contact_id": lead.contact_id,
                "opportunity_id": begun[lead.pk].pk if lead.pk in begun else None,
                "actor_id": by.pk if by else None,
                "qualified_at": now.isoformat(),
            },
        )
        for lead in leads
    )


def _begin(leads: Sequence[Lead], by: User | None, now: datetime) -> dict[int, Opportunity]:
    made = Opportunity.objects.bulk_create(
        Opportunity(
            lead=lead,
            contact=lead.contact,
            account=account_of(lead),
            created_at=now,
            updated_at=now,
            stage_entered_at=now,
            **opportunity_values(lead),
        )
        for lead in leads
    )
    OpportunityEvent.objects.bulk_create(
        OpportunityEvent(
            opportunity=one,
            kind=OpportunityEvent.Kind.CREATED,
            to_stage=one.stage,
            actor=by,
            detail=f"From the lead {one.lead}"[:300],
            value=one.value,
            happened_at=now,
        )
        for one in made
    )
    return {one.lead_id: one for one in made if one.lead_id is not None}


def _kept(
    lead: Lead, opportunity: Opportunity | None, released: set[int], by: User | None, now: datetime
) -> Qualification:
    return Qualification(
        lead=lead,
        actor=by,
        qualified_at=now,
        contact=lead.contact,
        account=account_of(lead),
        opportunity=opportunity,
        made_opportunity=opportunity is not None,
        opportunity_version=1 if opportunity else None,
        before_contact=lead.contact,
        before_account=lead.account,
        was_marketing_only=lead.contact_id in released,
    )
