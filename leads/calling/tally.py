"""What a person, or everybody, has called today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour
from django.utils import timezone

from contacts.models import User
from contacts.roles import Ability, Role, roles_with
from leads.models import Call, CallClaim
from leads.models.calling import SPOKEN

FIRST_HOUR, LAST_HOUR = 8, 18
"""Drawn even when nobody called."""

COUNTS = {
    "calls": Count("pk"),
    "spoken": Count("pk", filter=Q(outcome__in=SPOKEN)),
    "passed_on": Count("pk", filter=Q(passed_on=True)),
}


@dataclass(frozen=True)
class Tally:
    """Calls of today: how many, how many of them reached somebody, how many leads went to sales; calls by hour."""

    calls: int
    spoken: int
    passed_on: int
    hours: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Caller:
    """What somebody has called today, and what they have in hand."""

    person: User
    tally: Tally
    claim: CallClaim | None


def midnight() -> datetime:
    """When today began, in the workspace's zone."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def today_of(user: User) -> Tally:
    """One person's. Two queries."""
    calls = _today().filter(person=user)
    counted = calls.aggregate(**COUNTS)
    by_hour = calls.annotate(hour=ExtractHour("happened_at")).values("hour").annotate(number=Count("pk"))
    numbers = {row["hour"]: row["number"] for row in by_hour.order_by("hour")}
    hours = range(min([FIRST_HOUR, *numbers]), max([LAST_HOUR, *numbers]) + 1)
    return Tally(**counted, hours=[(hour, numbers.get(hour, 0)) for hour in hours])


def callers() -> list[Caller]:
    """Everybody who calls, by name. Three queries."""
    people = list(
        User.objects.filter(is_active=True, role__in=roles_with(Ability.CALL)).order_by("first_name", "username")
    )
    rows: Any = _today().filter(person__in=people).order_by().values("person").annotate(**COUNTS)
    counted = {row["person"]: Tally(row["calls"], row["spoken"], row["passed_on"]) for row in rows}
    now = timezone.now()
    claims = CallClaim.objects.filter(person__in=people, until__gt=now).select_related("lead__contact")
    held = {claim.person_id: claim for claim in claims}
    shown = [one for one in people if one.pk in counted or one.pk in held or one.role == Role.TELEPROSPECTOR]
    return [Caller(one, counted.get(one.pk, Tally(0, 0, 0)), held.get(one.pk)) for one in shown]


def _today() -> QuerySet[Call]:
    return Call.objects.counted().filter(happened_at__gte=midnight())
