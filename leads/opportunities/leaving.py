"""Open opportunities of whoever left: to who stands in for them, else to nobody, and managers are told which."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from contacts.models import User
from contacts.roles import Ability, can
from leads.models import NoticeKind, Opportunity
from leads.opportunities.closing import assign_opportunities
from leads.services.notices import News, notify_each

CHUNK = 500
NAMED = 3
"""So many opportunities are named; the rest is counted."""


def give_on(leaver: User, *, to: User | None, managers: Sequence[int]) -> int:
    """Give on the open opportunities of `leaver`, one chunk; how many. To `to`, if they sell, who is told; else to
    nobody, and `managers` (ids) are told.
    """
    left = Opportunity.objects.alive().open().filter(owner=leaver).order_by("pk")
    ids = list(left.values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return 0
    heir = to if to is not None and can(to, Ability.SELL) else None
    with transaction.atomic():
        given = assign_opportunities(ids, to=heir, by=None)
        words = f"{leaver} {why_gone(leaver)}: {'you have' if heir else 'nobody has'} {_names(given)} now"
        told = [heir.pk] if heir else managers
        if given:
            notify_each(NoticeKind.OPPORTUNITY, {pk: News(words=words, opportunity_ids=given) for pk in told}, by=None)
    return len(ids)


def why_gone(leaver: User) -> str:
    """Why what somebody had goes to others, as the end of a sentence that begins with their name."""
    return "no longer works with leads" if leaver.is_active else "no longer works here"


def _names(ids: Sequence[int]) -> str:
    topics = Opportunity.objects.filter(pk__in=ids[:NAMED]).order_by("pk").values_list("topic", flat=True)
    more = len(ids) - NAMED
    return "; ".join(f"“{topic[:60]}”" for topic in topics) + (f" and {more:,} more" if more > 0 else "")
