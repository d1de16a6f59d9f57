"""Leads go and come back with their contact; each one's story says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from contacts.hanging import Hanging
from contacts.models import Contact, User
from leads.models import Lead, LeadEvent
from leads.services.contacted import mark_contacted
from leads.services.events import event


class LeadsOfContacts:
    """As contacts.hanging.Hanger says."""

    def in_work_on(self, contact_id: int) -> list[Hanging]:
        leads = Lead.objects.alive().open().filter(contact=contact_id).select_related("owner").order_by("-pk")
        return [Hanging(lead, lead.owner, reverse("leads:detail", args=[lead.pk])) for lead in leads]

    def went_with(self, contact_ids: Sequence[int], *, by: User | None) -> None:
        self._tell(contact_ids, LeadEvent.Kind.DELETED, by)

    def came_back_with(self, contact_id: int, *, by: User | None) -> None:
        self._tell([contact_id], LeadEvent.Kind.RESTORED, by)

    def was_reached(self, contact_id: int, *, by: User, at: datetime) -> None:
        """Its open leads that were there by then are contacted."""
        leads = Lead.objects.alive().open().filter(contact=contact_id, created_at__lte=at)
        mark_contacted(list(leads.values_list("pk", flat=True)), by=by, at=min(at, timezone.now()))

    def _tell(self, contact_ids: Sequence[int], kind: str, by: User | None) -> None:
        now = timezone.now()
        names = {contact.pk: f"With its contact {contact}" for contact in Contact.objects.filter(pk__in=contact_ids)}
        theirs = Lead.objects.filter(contact__in=contact_ids, deleted_at__isnull=True).values_list("pk", "contact_id")
        LeadEvent.objects.bulk_create(
            [event(pk, kind, by, names[contact_id], now) for pk, contact_id in theirs], batch_size=2000
        )


LEADS = LeadsOfContacts()
