"""Builders for tests of assignment: rules, teams, hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from contacts.models import Absence, Role, Team, TeamMember, User, WorkSettings
from leads.models import AssignmentRule, Lead
from leads.services.readiness import mark_sales_ready
from tests.build import a_lead, a_user

ALWAYS = [[[0, 1440]] for _ in range(7)]
NEVER: list[list[list[int]]] = [[] for _ in range(7)]


def a_team(*people: User, name: str = "North", head: User | None = None) -> Team:
    team = Team.objects.create(name=name)
    for one in people:
        TeamMember.objects.create(team=team, user=one)
    if head is not None:
        TeamMember.objects.update_or_create(team=team, user=head, defaults={"leads_team": True})
    return team


def a_rule_for(*people: User, name: str = "Everything", **more: Any) -> AssignmentRule:
    """An active rule of which these are the people, in turn, at the end of the list."""
    rule: AssignmentRule = AssignmentRule.objects.create(
        name=name, position=more.pop("position", AssignmentRule.objects.count()), **more
    )
    rule.people.set(people)
    return rule


def who_sells(number: int = 3, **work: Any) -> list[User]:
    """So many salespeople, all of them always at work unless `work` says otherwise."""
    people = [a_user(first_name=name, last_name="Seller") for name in ("Ann", "Ben", "Cid", "Dot", "Eve")[:number]]
    for one in people:
        WorkSettings.objects.create(user=one, **{"hours": ALWAYS, **work})
    return people


def away(user: User, substitute: User | None = None) -> Absence:
    today = timezone.localdate()
    return Absence.objects.create(
        user=user, first_day=today - timedelta(days=2), last_day=today + timedelta(days=2), substitute=substitute
    )


def becomes_ready(lead: Lead | None = None, **more: Any) -> Lead:
    """A lead that has just become sales ready by its score, as the rules left it."""
    lead = lead or a_lead(**more)
    mark_sales_ready([lead.pk], cause="sales_ready_score", detail="Demand")
    lead.refresh_from_db()
    return lead


def a_manager(**more: Any) -> User:
    return a_user(Role.SALES_MANAGER, **more)
