"""What came of leads: the opportunities that began with them."""

from __future__ import annotations

from collections.abc import Sequence

from leads.models import Opportunity


def open_ones_of(lead_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The newest open opportunity of each of these leads that has one, by lead: its id and topic. One query."""
    rows = Opportunity.objects.alive().open().filter(lead__in=lead_ids).order_by("pk")
    return {lead_id: (pk, topic) for lead_id, pk, topic in rows.values_list("lead", "pk", "topic")}
