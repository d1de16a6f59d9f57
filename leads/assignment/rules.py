"""The rules as they are asked: in order, with their conditions compiled and their people known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from contacts.models import TeamMember
from leads.conditions import InvalidCondition, Vocabulary, compile_condition, lead_vocabulary, parse
from leads.models import AGAIN, CHANGED, AssignmentRule, Occasion, Strategy
from leads.stages import Stage


def occasion_of_stage(stage: str) -> str:
    """The occasion on which a lead enters `stage`."""
    return f"{Occasion.STAGE}:{Stage(stage)}"


def asked_on(occasion: str) -> Q:
    """The rules that are asked on an occasion (AssignmentDue says how it is written); asked again, all that are
    active, each about the leads that are as its own occasion makes them (`fits`)."""
    if occasion == AGAIN:
        return Q(active=True)
    if occasion == CHANGED:
        return Q(active=True, asks_again=True)
    kind, _, stage = occasion.partition(":")
    return Q(active=True, occasion=kind, stage=stage) if stage else Q(active=True, occasion=kind)


def fits(rule: AssignmentRule) -> Q:
    """Leads that stand where the rule is asked: sales ready, or in its stage; a rule for new leads is for every one."""
    if rule.occasion == Occasion.STAGE:
        return Q(stage=rule.stage)
    return Q(sales_ready=True) if rule.occasion == Occasion.SALES_READY else Q(pk__isnull=False)


def occasion_words(occasion: str) -> str:
    """Such as "when the lead became sales ready"."""
    kind, _, stage = occasion.partition(":")
    if kind == Occasion.STAGE and stage in Stage.values:
        return f"when the lead entered {Stage(stage).label}"
    if kind == CHANGED:
        return "when a field that it asks for had changed"
    known = {
        Occasion.SALES_READY: "when the lead became sales ready",
        Occasion.CREATED: "when the lead was created",
    }
    return known.get(Occasion(kind), "") if kind in Occasion.values else "when the rules were asked again"


@dataclass
class Asked:
    """A rule ready to be asked. `people`: ids in order; `roles`: theirs; `problem`: why it cannot be asked, if so."""

    rule: AssignmentRule
    condition: Q | None
    people: list[int]
    roles: frozenset[str] = frozenset()
    problem: str = ""


def rules_asked(which: Q, *, now: datetime, vocabulary: Vocabulary | None = None) -> list[Asked]:
    """The rules in order; those whose condition makes no sense any more have a problem and no condition."""
    rules = list(
        AssignmentRule.objects.filter(which)
        .select_related("user", "team", "territory", "status_reason")
        .prefetch_related("people")
    )
    if not rules:
        return []
    words = vocabulary or lead_vocabulary()
    members = _members({rule.team_id for rule in rules if rule.team_id is not None})
    return [_asked(rule, words, members, now) for rule in rules]


def _asked(rule: AssignmentRule, words: Vocabulary, members: dict[int, dict[int, str]], now: datetime) -> Asked:
    people = people_of(rule, members)
    problem, condition = "", None
    try:
        node = parse(rule.condition, words, stored=True)
        condition = (compile_condition(node, words, now=now) if rule.condition else Q()) & fits(rule)
    except InvalidCondition as error:
        problem = error.message
    return Asked(rule, condition, list(people), frozenset(people.values()), problem)


def people_of(rule: AssignmentRule, members: dict[int, dict[int, str]]) -> dict[int, str]:
    """The people a rule chooses among, with their roles, in the order of their ids."""
    if rule.strategy == Strategy.NAMED:
        return {rule.user.pk: rule.user.role} if rule.user else {}
    named = {user.pk: user.role for user in rule.people.all()}
    return dict(sorted((named or members.get(rule.team_id or 0, {})).items()))


def _members(team_ids: Sequence[int] | set[int]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    rows = TeamMember.objects.filter(team__in=team_ids).values_list("team", "user", "user__role")
    for team, user, role in rows:
        found.setdefault(team, {})[user] = role
    return found
