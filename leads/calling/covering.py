"""Promises of who is away: a call back that is due is kept by their substitute or, where there is none, by whoever is
free. The lead stays whose it is.
"""

from __future__ import annotations

from datetime import datetime

from contacts.models import Absence, User
from leads.assignment.people import AHEAD, crew_of
from leads.models import CallLater, Lead


def covered_by(user: User, now: datetime) -> list[int]:
    """Whose promises this person may keep now: of people who are away, and whose substitute they are, or who have none
    that is here. One query where nobody is away.
    """
    around = Absence.objects.filter(first_day__lte=now.date() + AHEAD, last_day__gte=now.date() - AHEAD)
    ids = set(around.exclude(user=user).values_list("user", flat=True))
    if not ids:
        return []
    crew = crew_of(ids, now=now, counted=())
    found = []
    for pk in sorted(ids):
        somebody = crew.get(pk)
        if somebody is None or somebody.away_until is None:
            continue
        stand_in = crew.get(somebody.stand_in)
        if stand_in is None or not stand_in.here or stand_in.away_until is not None or stand_in.user.pk == user.pk:
            found.append(pk)
    return found


def keeps_promise(user: User, lead: Lead, now: datetime) -> bool:
    """Whether this person may call a lead of somebody who is away because its call back is due."""
    if lead.owner_id is None or lead.accepted_at is not None:
        return False
    promised = CallLater.objects.filter(lead=lead, person=None, why=CallLater.Why.CALL_BACK)
    return promised.filter(due_at__lte=now).exists() and lead.owner_id in covered_by(user, now)
