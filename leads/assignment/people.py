"""Who could be given leads, as they stand at one moment: still here, away, at work, how much they have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from contacts.models import Absence, User, WorkSettings
from contacts.models.working import Week, usual_week
from contacts.roles import Ability, can
from contacts.working_time import Calendar, zone_named
from leads.models import Lead

AHEAD = timedelta(days=1)
"""A day here may be another one where somebody works."""


@dataclass
class Somebody:
    """One person. `away_until`: the last day of the absence they are in now; `stand_in`: who takes their place then."""

    user: User
    calendar: Calendar
    capacity: int | None = None
    load: int = 0
    away_until: date | None = None
    stand_in: int | None = None
    substitute: int | None = None
    at_work: bool = True

    @property
    def here(self) -> bool:
        """Whether they still work here, and with leads."""
        return can(self.user, Ability.WRITE)

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.load >= self.capacity


@dataclass
class Crew:
    """People by id at one moment, and when the workspace works. Loads are counted on as leads are given in memory."""

    now: datetime
    workspace: Calendar
    people: dict[int, Somebody] = field(default_factory=dict)

    def get(self, user_id: int | None) -> Somebody | None:
        return self.people.get(user_id) if user_id is not None else None

    def calendar_of(self, user_id: int | None) -> Calendar:
        """When this person works; the workspace's hours for nobody."""
        somebody = self.get(user_id)
        return somebody.calendar if somebody else self.workspace

    def next_at_work(self, user_ids: Iterable[int]) -> datetime | None:
        """When the first of these people is at work next."""
        moments = [self.people[pk].calendar.next_work(self.now) for pk in user_ids if pk in self.people]
        return min((moment for moment in moments if moment is not None), default=None)


def crew_of(user_ids: Collection[int], *, now: datetime, counted: Collection[int] | None = None) -> Crew:
    """What is known of these people and of those who may stand in for them; seven queries at most.

    `counted`: whose open leads are counted, with those of who may stand in for them, beside those of people who take
    no more than so many; None: everybody's.
    """
    today = now.date()
    crew = Crew(now, workspace_calendar())
    wanted, absences = set(user_ids), _absences(user_ids, today)
    substitutes = {each.substitute_id for each in absences}
    settings = {row.user_id: row for row in WorkSettings.objects.filter(user__in=wanted)}
    substitutes |= {row.substitute_id for row in settings.values()}
    further = {pk for pk in substitutes if pk is not None} - wanted
    if further:
        absences += _absences(further, today)
        settings |= {row.user_id: row for row in WorkSettings.objects.filter(user__in=further)}
    everybody = wanted | further
    limited = {pk for pk, row in settings.items() if pk is not None and row.capacity is not None}
    asked_for = everybody if counted is None else limited | (set(counted) | further if counted else set())
    counts = open_leads_of(everybody & asked_for)
    for user in User.objects.filter(pk__in=everybody):
        own = [each for each in absences if each.user_id == user.pk]
        crew.people[user.pk] = _somebody(user, settings.get(user.pk), own, crew, counts.get(user.pk, 0))
    return crew


def open_leads_of(user_ids: Collection[int]) -> dict[int, int]:
    """How many open leads each of these people has; who has none is left out."""
    if not user_ids:
        return {}
    leads = Lead.objects.open().filter(owner__in=user_ids, deleted_at=None).order_by()
    return dict(leads.values_list("owner").annotate(number=Count("*")))


def workspace_calendar() -> Calendar:
    """When the workspace works: the hours of whoever has none of their own."""
    return calendar_from(WorkSettings.objects.filter(user=None).first(), None)


def calendar_from(
    settings: WorkSettings | None, workspace: Calendar | None, absences: Iterable[Absence] = ()
) -> Calendar:
    """The calendar that `settings` say, with the workspace's hours and time zone where they say nothing."""
    week: Week | None = settings.hours if settings else None
    zone = zone_named(settings.timezone) if settings and settings.timezone else None
    if week is None:
        week = workspace.week if workspace else usual_week()
    if zone is None:
        zone = workspace.zone if workspace else zone_named(str(timezone.get_default_timezone_name()))
    assert zone is not None
    return Calendar(week, zone, tuple((each.first_day, each.last_day) for each in absences))


def _absences(user_ids: Collection[int], today: date) -> list[Absence]:
    return list(Absence.objects.filter(user__in=user_ids, last_day__gte=today - AHEAD))


def _somebody(user: User, settings: WorkSettings | None, absences: list[Absence], crew: Crew, load: int) -> Somebody:
    calendar = calendar_from(settings, crew.workspace, absences)
    day = calendar.day_of(crew.now)
    now_away = [each for each in absences if each.first_day <= day <= each.last_day]
    substitute = settings.substitute_id if settings else None
    named = [each.substitute_id for each in now_away if each.substitute_id is not None]
    return Somebody(
        user,
        calendar,
        settings.capacity if settings else None,
        load,
        max((each.last_day for each in now_away), default=None),
        (named[0] if named else substitute) if now_away else None,
        substitute,
        calendar.works(crew.now),
    )


def names_of(user_ids: Iterable[int | None]) -> Mapping[int, str]:
    """What people are called, by id."""
    wanted = {pk for pk in user_ids if pk is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)} if wanted else {}
