"""What brought a lead, and what touched its contact since: the marketing contexts of interactions, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contacts.models import Interaction, MarketingContext, User
from leads.marketing.narrowing import way_through
from leads.marketing.origin import Place, list_url, places_of
from leads.models import Lead

MOST = 500
"""So many of the newest interactions are looked at."""
SHOWN = 8


@dataclass(frozen=True)
class Touch:
    """A marketing context, how often it touched the contact since the lead began, and when last. `url` lists the leads
    that came through it, `places` are its form or page.
    """

    context: MarketingContext
    times: int
    last: datetime
    url: str
    places: list[Place]


def later_touches(lead: Lead, user: User) -> list[Touch]:
    """What touched the lead's contact after its first touch, the latest first. Two queries, read in the index alone,
    and those of `places_of`.
    """
    if lead.contact_id is None:
        return []
    since = Interaction.objects.filter(contact=lead.contact_id, occurred_at__gt=lead.created_at, robot=False)
    rows = since.order_by("-occurred_at", "-pk").values_list("marketing_context", "occurred_at")[:MOST]
    met: dict[int, tuple[int, datetime]] = {}
    for context_id, at in rows:
        if context_id is not None:
            times, last = met.get(context_id, (0, at))
            met[context_id] = (times + 1, last)
    contexts = MarketingContext.objects.select_related("campaign").in_bulk(list(met)[:SHOWN])
    places = places_of(list(contexts), user) if contexts else {}
    return [
        Touch(contexts[pk], *met[pk], list_url(way_through(contexts[pk])), places.get(pk, []))
        for pk in list(met)[:SHOWN]
        if pk in contexts
    ]
