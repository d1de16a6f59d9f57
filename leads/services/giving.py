"""Leads change hands: owner, event, tasks and notices, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Value, When
from django.utils import timezone

from contacts.models import User
from leads.models import Lead, LeadEvent
from leads.services import telling
from leads.services.events import event, owner_words


def give(
    previous: Mapping[int, int | None],
    *,
    to: User | None,
    by: User | None,
    why: str = "",
    also: Mapping[str, Any] | None = None,
) -> None:
    """These leads are `to`'s now (None: nobody's). Their rows are locked; `previous` says who had each. What sales
    had accepted waits for sales once more when it is nobody's: nobody is talking to them now.

    `why` ends the words of the event, such as "by the rule “South”". `also`: further columns and their values.
    """
    now = timezone.now()
    values = {**(also or {}), "owner": to, "version": F("version") + 1, "updated_at": now}
    if to is None:
        values |= waiting_again(now)
    Lead.objects.filter(pk__in=previous).update(**values)
    words = " ".join(filter(None, [owner_words(to), why]))
    LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.ASSIGNED, by, words, now) for pk in previous])
    if previous:
        telling.changed_hands(previous, to=to, by=by)


def waiting_again(now: datetime) -> dict[str, Any]:
    """The columns of leads that nobody has any more, by which what was accepted is so no longer, and waits from now."""
    anew = When(accepted_at__isnull=False, sales_ready=True, then=Value(now))
    waits_since = Case(anew, default=F("sales_ready_at"))
    return {"accepted_at": None, "accepted_by": None, "sales_ready_at": waits_since}
