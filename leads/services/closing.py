"""Leads change hands, close, open again, go for thirty days and come back, with their match keys in step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User
from contacts.services import records
from leads import match_keys
from leads.access import works_in_sales
from leads.errors import AlreadyTaken, CannotRestore, InvalidValues, LeadIsClosed, LeadIsOpen, ReasonMissing
from leads.models import Lead, LeadEvent, ProcessState, Status
from leads.opportunities.of_leads import nothing_may_come_of
from leads.services import telling
from leads.services.events import event, external_id_named
from leads.services.giving import give
from leads.services.readiness import locked_lead


def assign(ids: Sequence[int], *, to: User | None, by: User | None) -> list[int]:
    """Give open leads to `to` (None: to nobody); the ids whose owner changed. Others stay without a word."""
    others = Q(owner__isnull=False) if to is None else Q(owner__isnull=True) | ~Q(owner=to)
    return _give(ids, others, to=to, by=by)


def take(lead_id: int, *, by: User) -> None:
    """A person takes an open lead that nobody has.

    Raises AlreadyTaken naming whose it is, RecordGone, LeadIsClosed.
    """
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        if lead.owner is not None:
            raise AlreadyTaken(lead_id, str(lead.owner))
        take_free([lead_id], by=by)


def take_free(ids: Sequence[int], *, by: User) -> list[int]:
    """A person takes those of the open leads that nobody has; their ids. Others stay without a word, and what waits
    for sales stays for sales.
    """
    for_them = Q() if works_in_sales(by) else Q(sales_ready=False)
    return _give(ids, Q(owner__isnull=True) & for_them, to=by, by=by)


def _give(ids: Sequence[int], which: Q, *, to: User | None, by: User | None) -> list[int]:
    with transaction.atomic():
        leads = Lead.objects.alive().open().filter(which, pk__in=ids)
        locked = leads.select_for_update(no_key=True, of=("self",)).order_by("pk")
        previous = dict(locked.values_list("pk", "owner"))
        give(previous, to=to, by=by)
        facts_changed()
    return list(previous)


def close(lead_id: int, *, by: User | None, status: str, reason: str) -> None:
    """Close a lead as qualified or disqualified. Its keys are free: the next interest is a new lead.

    Raises ReasonMissing, RecordGone, LeadIsClosed, InvalidValues, HasOpenOpportunity when one is not to be qualified.
    """
    if status not in {Status.QUALIFIED, Status.DISQUALIFIED}:
        raise InvalidValues({"status": "A lead is closed as qualified or disqualified."})
    if not reason.strip():
        raise ReasonMissing("close the lead")
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        if status == Status.DISQUALIFIED:
            nothing_may_come_of(lead_id)
        now = timezone.now()
        Lead.objects.filter(pk=lead_id).update(
            status=status,
            closed_at=now,
            close_reason=reason.strip()[:300],
            version=F("version") + 1,
            updated_at=now,
        )
        match_keys.release([lead_id])
        event(lead_id, LeadEvent.Kind(status), by, reason, now).save()
        telling.were_closed([lead_id], status=status, by=by, reason=reason)
        facts_changed()


def reopen(lead_id: int, *, by: User | None, reason: str) -> Lead:
    """Open a closed lead again, in the stage it had; it takes the keys that are free.

    Raises ReasonMissing, RecordGone, LeadIsOpen.
    """
    if not reason.strip():
        raise ReasonMissing("reopen the lead")
    done = reopen_leads([lead_id], by=by, reason=reason)
    lead: Lead = records.living(Lead, lead_id)
    if not done:
        raise LeadIsOpen(lead_id)
    return lead


def reopen_leads(ids: Sequence[int], *, by: User | None, reason: str, anew: bool = False) -> list[int]:
    """Open closed leads again; the ids of those that were closed, and alive. Each takes the keys that are free.

    `anew`: the person has asked again, so what sales had accepted before waits for sales once more.
    """
    with transaction.atomic():
        closed = Lead.objects.alive().exclude(status=Status.OPEN).filter(pk__in=ids)
        match_keys.claim_for(list(closed))
        locked = closed.select_for_update(no_key=True, of=("self",)).order_by("pk")
        done = list(locked.values_list("pk", flat=True))
        if anew:
            Lead.objects.filter(pk__in=done).update(accepted_at=None, accepted_by=None)
        open_again(done, by=by, reason=reason)
        facts_changed()
    return done


def open_again(lead_ids: Sequence[int], *, by: User | None, reason: str) -> None:
    """Open closed leads, whose rows the caller has locked, in the stage they had; their process goes on.

    What waited for sales when it was closed does so anew: it has not waited all the while.
    """
    now = timezone.now()
    closed = Lead.objects.filter(pk__in=lead_ids)
    waiting = closed.filter(sales_ready=True, accepted_at=None)
    ready = list(waiting.order_by("pk").values_list("pk", flat=True))
    waiting.update(sales_ready_at=now)
    active = {"process_state": ProcessState.ACTIVE, "process_ended_at": None}
    closed.update(
        status=Status.OPEN, closed_at=None, close_reason="", version=F("version") + 1, updated_at=now, **active
    )
    kinds = [(pk, LeadEvent.Kind.REOPENED) for pk in lead_ids] + [(pk, LeadEvent.Kind.SALES_READY) for pk in ready]
    LeadEvent.objects.bulk_create(event(pk, kind, by, reason, now) for pk, kind in kinds)
    if lead_ids:
        telling.were_opened(lead_ids, by=by, reason=reason)


def delete_leads(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete leads for thirty days; the ids that were alive. Their keys are free at once."""
    with transaction.atomic():
        gone = records.mark_deleted(Lead, ids, by=by)
        match_keys.release(gone)
        now = timezone.now()
        LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.DELETED, by, "", now) for pk in gone])
        facts_changed()
    return gone


def restore_lead(lead_id: int, *, by: User | None) -> Lead:
    """Bring a deleted lead back; an open one takes the keys that are free.

    Raises RecordGone, CannotRestore, also while its contact is deleted: nobody would see it; InvalidValues.
    """
    with external_id_named(), transaction.atomic():
        lead: Lead = records.restorable(Lead, lead_id)
        if lead.contact is not None and lead.contact.deleted_at is not None:
            reason = f"its contact, {lead.contact}, is deleted; restore the contact first"
            raise CannotRestore("lead", lead_id, reason, contact_id=lead.contact_id)
        if lead.is_open:
            match_keys.claim_for([lead])
        if records.mark_restored(lead):
            event(lead_id, LeadEvent.Kind.RESTORED, by, "", timezone.now()).save()
        facts_changed()
    restored: Lead = records.living(Lead, lead_id)
    return restored


def restore_leads(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Bring back those of the leads that can come back; their ids, in order. Others stay deleted without a word.

    Raises InvalidValues when an external id is taken in the same moment.
    """
    with external_id_named(), transaction.atomic():
        taken = Lead.objects.filter(external_id=OuterRef("external_id"), deleted_at=None).exclude(external_id="")
        found = records.still_restorable(Lead).filter(~Exists(taken), pk__in=ids, contact__deleted_at=None)
        match_keys.claim_for([lead for lead in found.order_by("pk") if lead.is_open])
        back = list(found.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
        now = timezone.now()
        Lead.objects.filter(pk__in=back).update(
            deleted_at=None, deleted_by=None, version=F("version") + 1, updated_at=now
        )
        LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.RESTORED, by, "", now) for pk in back])
        facts_changed()
    return back
