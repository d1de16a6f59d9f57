"""Teams and territories, and when people work: kept by managers, a person's own hours and absences by themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from contacts.errors import RecordGone
from contacts.models import Absence, Team, TeamMember, Territory, User, WorkSettings
from contacts.models.working import usual_week


def save_team(team: Team, *, name: str, members: Collection[int], heads: Collection[int]) -> Team:
    """Name a team, and say who is in it and who of them leads it, by ids of people."""
    with transaction.atomic():
        team.name = name
        team.save()
        wanted = {pk: pk in set(heads) for pk in members}
        TeamMember.objects.filter(team=team).exclude(user__in=wanted).delete()
        TeamMember.objects.bulk_create(
            [TeamMember(team=team, user_id=pk, leads_team=leads) for pk, leads in sorted(wanted.items())],
            update_conflicts=True,
            unique_fields=["team", "user"],
            update_fields=["leads_team"],
        )
    return team


def locked_team(team_id: int) -> Team:
    """One team, its row locked until the transaction ends. Raises RecordGone."""
    team: Team | None = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
    if team is None:
        raise RecordGone("team", team_id)
    return team


def add_territory(*, name: str) -> Territory:
    return Territory.objects.create(name=name)


def work_settings_of(user: User | None, *, lock: bool = False) -> WorkSettings:
    """The working hours of a person, or of the workspace; as the workspace works, where there are none.

    With `lock` they are stored, and their row is locked until the transaction ends.
    """
    as_usual = {"hours": None if user else usual_week()}
    if lock:
        WorkSettings.objects.get_or_create(user=user, defaults=as_usual)
        return WorkSettings.objects.select_for_update(no_key=True, of=("self",)).get(user=user)
    return WorkSettings.objects.filter(user=user).first() or WorkSettings(user=user, **as_usual)


def save_work_settings(settings: WorkSettings, values: Mapping[str, Any]) -> WorkSettings:
    """Write `values` (hours, timezone, capacity, substitute); the row of old ones is locked by the caller."""
    for name, value in values.items():
        setattr(settings, name, value)
    settings.version += 1
    settings.save()
    return settings


def add_absence(user: User, values: Mapping[str, Any]) -> Absence:
    """Note that a person is away."""
    return Absence.objects.create(user=user, **values)


def remove_absence(user: User, absence_id: int) -> None:
    """Forget one of a person's absences. Raises RecordGone."""
    gone, _ = Absence.objects.filter(user=user, pk=absence_id).delete()
    if not gone:
        raise RecordGone("absence", absence_id)
