"""What webhooks hold of a person: what other systems were told of them, for thirty days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q

from contacts.privacy.holding import Person, Section
from leadcrm.webhooks.models import Delivery, Subscription

IDS_ONLY = frozenset({"contact.deleted", "contact.erased"})
"""What still has to be told of somebody who is erased, and names nobody."""


class Told:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        """To whom what was said of them."""
        of_them = Delivery.objects.filter(contact_id__in=person.contact_ids).exclude(kind__in=IDS_ONLY)
        rows = of_them.filter(delivered_at__isnull=False).select_related("subscription").order_by("pk")
        told = [
            {"Told to": one.subscription.name, "What": one.kind, "When": one.delivered_at.isoformat()}
            for one in rows
            if one.delivered_at
        ]
        return [Section("Told to other systems", told)] if told else []

    def erase(self, person: Person) -> Mapping[str, int]:
        # Until the erasure has committed nobody makes a delivery of what they were.
        list(Subscription.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        named = Q(contact_id__in=person.contact_ids)
        for words in (*person.emails, *person.names):
            named |= Q(body__icontains=words)
        theirs = Delivery.objects.filter(named).exclude(kind__in=IDS_ONLY)
        return {"webhook deliveries": theirs.delete()[1].get("webhooks.Delivery", 0)}


TOLD = Told()
