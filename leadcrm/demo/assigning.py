"""How Kestrane shares its leads out: two teams, two territories, four rules, and somebody who is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from contacts.models import Absence, Team, TeamMember, Territory, User, WorkSettings
from leads.models import AssignmentRule, AtWork, Occasion, Strategy
from leads.stages import Stage

TEAMS: dict[str, tuple[tuple[str, bool], ...]] = {
    "Direct sales": (("sam", False), ("lena", False), ("raj", False), ("mona", True)),
    "Calling": (("theo", True),),
}
GERMAN = {"field": "contact.country", "op": "is_one_of", "value": ["Germany", "Austria", "Switzerland"]}


def make_assignment(staff: Mapping[str, User], today: date) -> None:
    """Teams, territories, hours, an absence and the rules. To be called when the months behind are lived through."""
    teams = {name: _team(name, members, staff) for name, members in TEAMS.items()}
    central, abroad = (Territory.objects.get_or_create(name=name)[0] for name in ("Central Europe", "Abroad"))
    for name in ("sam", "lena", "raj"):
        WorkSettings.objects.get_or_create(user=staff[name], defaults={"hours": None, "capacity": 60})
    Absence.objects.get_or_create(
        user=staff["raj"],
        first_day=today - timedelta(days=1),
        defaults={"last_day": today + timedelta(days=6), "substitute": staff["lena"], "note": "Holiday"},
    )
    sales, calling = teams["Direct sales"], teams["Calling"]
    rules = [
        AssignmentRule(
            name="To be called",
            occasion=Occasion.STAGE,
            stage=Stage.TELEPROSPECTING_ACCEPTANCE,
            strategy=Strategy.TEAM,
            team=calling,
        ),
        AssignmentRule(
            name="Large fleets",
            condition={"field": "custom.fleet_size", "op": "greater_or_equal", "value": 100},
            strategy=Strategy.ACCOUNT_OWNER,
            team=sales,
            priority="urgent",
            response_minutes=60,
            response_minutes_urgent=15,
            escalate_minutes=0,
            escalate_again_minutes=60,
            reassign_minutes=120,
        ),
        AssignmentRule(
            name="Central Europe",
            condition=GERMAN,
            strategy=Strategy.ROUND_ROBIN,
            team=sales,
            territory=central,
            response_minutes=240,
            escalate_minutes=60,
        ),
        AssignmentRule(
            name="Everything else",
            strategy=Strategy.LOAD,
            team=sales,
            territory=abroad,
            at_work=AtWork.FIRST,
            response_minutes=480,
        ),
    ]
    for position, rule in enumerate(rules):
        rule.position = position
    AssignmentRule.objects.bulk_create(rules)


def _team(name: str, members: tuple[tuple[str, bool], ...], staff: Mapping[str, User]) -> Team:
    team, _ = Team.objects.get_or_create(name=name)
    for username, heads in members:
        TeamMember.objects.get_or_create(team=team, user=staff[username], defaults={"leads_team": heads})
    return team
