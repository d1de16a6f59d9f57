"""What is behind the figures of the dashboard: which leads became sales ready, were accepted or returned, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from contacts.models import User
from leadcrm.lib.paging import ID, Column, Sort
from leads.models import Lead, LeadEvent
from scoring.ready_teams import OneTeam, chosen, teams_for

Kind = LeadEvent.Kind
TITLES = {
    Kind.SALES_READY: "Became sales ready",
    Kind.ACCEPTED: "Accepted by sales",
    Kind.RETURNED: "Returned to marketing",
}
LATEST = Sort("latest", "Latest", (Column("happened_at", datetime), ID), descending=True)
LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Asked:
    """Events of a kind, on these days (the workspace's, both included), by this person, a team, or by anybody."""

    kind: Kind
    first: date
    last: date
    mine: bool
    team: OneTeam | None = None

    def rows(self, user: User) -> QuerySet[LeadEvent]:
        """Them, as far as `user` may see their leads, with all that a list draws of each."""
        until = day_begins(self.last + timedelta(days=1))
        events: Any = LeadEvent.objects.counted().filter(
            kind=self.kind, happened_at__gte=day_begins(self.first), happened_at__lt=until
        )
        if self.mine:
            events = events.filter(actor=user)
        elif self.team:
            events = events.filter(actor__in=self.team.members)
        events = events.filter(lead__in=Lead.objects.visible_to(user))
        found: QuerySet[LeadEvent] = events.select_related("lead__contact__account", "lead__account", "actor")
        return found


def day_begins(day: date) -> datetime:
    """Its first moment in the workspace's zone."""
    return timezone.make_aware(datetime.combine(day, time()))


def events_url(kind: str, first: date, last: date, whose: str = "") -> str:
    """Where the leads are listed to which this happened on these days; `whose` is "me", "team-3" or "": everybody."""
    asked = {"kind": str(kind), "from": first.isoformat(), "to": last.isoformat()}
    return f"{reverse('leads:ready_events')}?{urlencode(asked | ({'who': whose} if whose else {}))}"


def read_asked(query: QueryDict, user: User) -> Asked:
    """What the address asks for; what cannot be read is the last thirty days of acceptances."""
    wanted = query.get("kind", "")
    kind = Kind(wanted) if wanted in set(TITLES) else Kind.ACCEPTED
    today = timezone.localdate()
    last = min(_day(query.get("to", "")) or today, today)
    first = _day(query.get("from", "")) or last - timedelta(days=30)
    who = query.get("who", "")
    team = chosen(who.removeprefix("team-"), teams_for(user)) if who.startswith("team-") else None
    return Asked(kind, min(max(first, last - LONGEST), last), last, who == "me", team)


def _day(words: str) -> date | None:
    try:
        day = date.fromisoformat(words)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9000 else None
