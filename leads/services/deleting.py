"""Leads go for thirty days and come back, with their match keys in step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User
from contacts.outbox import tell
from contacts.services import records
from leads import match_keys
from leads.errors import CannotRestore
from leads.models import Lead, LeadEvent
from leads.services.events import event, external_id_named


def delete_leads(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete leads for thirty days; the ids that were alive. Their keys are free at once."""
    with transaction.atomic():
        gone = records.mark_deleted(Lead, ids, by=by)
        match_keys.release(gone)
        now = timezone.now()
        LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.DELETED, by, "", now) for pk in gone])
        _tell("lead.deleted", gone, by)
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
            _tell("lead.restored", [lead_id], by)
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
        _tell("lead.restored", back, by)
        facts_changed()
    return back


def _tell(kind: str, ids: Sequence[int], by: User | None) -> None:
    """What other systems hear."""
    tell(kind, [{"lead_id": pk, "actor_id": by.pk if by else None} for pk in ids])
