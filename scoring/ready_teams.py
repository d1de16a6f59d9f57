"""Whose teams' leads a person looks at on the dashboard: their own teams', or any for who manages them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from contacts.models import Team, TeamMember, User
from contacts.roles import Ability, can


@dataclass(frozen=True)
class OneTeam:
    """A team and the ids of its members."""

    pk: int
    name: str
    members: tuple[int, ...]

    @property
    def has(self) -> Q:
        """Of leads: given to it, or to one of its members."""
        return Q(team=self.pk) | Q(owner__in=self.members)

    @property
    def has_sql(self) -> str:
        """The same of a lead `l`; only numbers are written into it."""
        members = ", ".join(str(int(pk)) for pk in self.members) or "0"
        return f"(l.team_id = {int(self.pk)} OR l.owner_id IN ({members}))"


def teams_for(user: User) -> list[OneTeam]:
    """The teams that this person may look at, by name. Two queries."""
    teams = Team.objects.all() if can(user, Ability.MANAGE_TEAM) else Team.objects.filter(members=user)
    found = list(teams.values_list("pk", "name"))
    members: dict[int, list[int]] = defaultdict(list)
    rows = TeamMember.objects.filter(team__in=[pk for pk, _ in found]).order_by("user")
    for team, member in rows.values_list("team", "user"):
        members[team].append(member)
    return [OneTeam(pk, name, tuple(members[pk])) for pk, name in found]


def chosen(words: str, teams: list[OneTeam]) -> OneTeam | None:
    """The one of `teams` whose number these words are."""
    return next((team for team in teams if str(team.pk) == words), None)
