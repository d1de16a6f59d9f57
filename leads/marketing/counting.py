"""How many leads campaigns and contexts brought: exactly, or not at all when that takes too long."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.core.cache import cache
from django.db.models import Count

from contacts.models import MarketingContext
from leadcrm.lib.lately import KEPT_SECONDS
from leadcrm.lib.patience import TooSlow, within
from leads.marketing.narrowing import CONTEXT, way_through, ways_meet
from leads.models import Lead

COUNTING_MS = 40


def leads_of_campaigns(campaign_ids: Collection[int]) -> dict[int, int] | None:
    """How many leads each campaign has; None when counting takes too long."""
    return _counted("campaign", campaign_ids)


def leads_through(contexts: Sequence[MarketingContext]) -> dict[int, int] | None:
    """How many leads came through each context, as the list of leads behind it has them; None when that takes long."""
    met = list(MarketingContext.objects.filter(ways_meet(contexts)))
    counts = _counted("marketing_context", [one.pk for one in met])
    if counts is None:
        return None
    found = {}
    for context in contexts:
        way = way_through(context)
        column = "pk" if way.name == CONTEXT else way.name if way.name == "source_code" else f"{way.name}_id"
        found[context.pk] = sum(counts.get(one.pk, 0) for one in met if str(getattr(one, column)) == way.value)
    return found


def _counted(column: str, ids: Collection[int]) -> dict[int, int] | None:
    """What took too long is not tried again for a minute, in this process: it would only take as long once more."""
    key = f"uncounted:{column}:{hash(frozenset(ids))}"
    if cache.get(key):
        return None
    leads = Lead.objects.alive().filter(**{f"{column}__in": ids}).order_by().values(column)
    try:
        with within(COUNTING_MS):
            return {row[column]: row["number"] for row in leads.annotate(number=Count("pk"))}
    except TooSlow:
        cache.set(key, True, KEPT_SECONDS)
        return None
