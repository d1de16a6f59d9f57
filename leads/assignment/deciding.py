"""Which rule is for which lead, and whom it gives it: read from the database, decided in memory, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When

from contacts.roles import Ability, roles_with
from leads.assignment.choosing import Chooser, Considered, Turns
from leads.assignment.people import Crew, crew_of
from leads.assignment.rules import Asked, asked_on, rules_asked
from leads.conditions.fields import account_of_lead
from leads.models import CHANGED, AssignmentLog, AssignmentRule, AssignmentTurn, Lead, Strategy, Whose

Outcome = AssignmentLog.Outcome


@dataclass
class Decision:
    """What becomes of one lead. `winner` is whose it is to be; only of ASSIGNED and KEPT."""

    lead_id: int
    previous: int | None
    outcome: str
    rule: AssignmentRule | None = None
    winner: int | None = None
    considered: list[Considered] = field(default_factory=list)

    @property
    def changes_owner(self) -> bool:
        if self.outcome == Outcome.TEAM:
            return self.previous is not None
        return self.outcome == Outcome.ASSIGNED and self.winner != self.previous


@dataclass
class Session:
    """Rules, people and turns as they were read, and as decisions change them. One serves many batches of a preview."""

    rules: list[Asked]
    now: datetime
    crew: Crew
    turns: dict[int, Turns]
    occasion: str = ""

    @classmethod
    def begun(cls, occasion: str, *, now: datetime) -> Session:
        rules = rules_asked(asked_on(occasion), now=now)
        everybody = {pk for asked in rules for pk in asked.people}
        # Counting takes longer the more they have, and others wait: only where a rule looks at it.
        by_load = {pk for asked in rules if asked.rule.strategy == Strategy.LOAD for pk in asked.people}
        crew = crew_of(everybody, now=now, counted=by_load)
        return cls(rules, now, crew, turns_of([asked.rule.pk for asked in rules]), occasion)

    def know(self, user_ids: Collection[int]) -> None:
        """Learn of further people, such as owners of accounts."""
        unknown = set(user_ids) - self.crew.people.keys()
        if unknown:
            further = crew_of(unknown, now=self.now, counted=())
            self.crew.people = further.people | self.crew.people


def turns_of(rule_ids: Sequence[int]) -> dict[int, Turns]:
    """The turns of rules, by rule."""
    found: dict[int, Turns] = {pk: Turns() for pk in rule_ids}
    for rule, user, turn in AssignmentTurn.objects.filter(rule__in=rule_ids).values_list("rule", "user", "turn"):
        found[rule].last[user] = turn
    return found


OWNER_IS_HERE = Q(owner__is_active=True, owner__role__in=roles_with(Ability.WRITE))
"""Whose owner still works here, and with leads."""
ROW = ("pk", "owner_id", "is_here", "owner__role", "rule_id", "accounts_owner")


def decide(
    lead_ids: Collection[int], session: Session, *, without: Mapping[int, int | None] | None = None
) -> list[Decision]:
    """What the rules say of these open leads, in id order; accepted ones of somebody who is here stay out of it.

    `without`: by lead, who must not get it (they left, or did not answer); such a lead is given away whoever has it.
    """
    avoided = without or {}
    askable = [asked for asked in session.rules if asked.condition is not None]
    cases = [When(asked.condition, then=Value(asked.rule.pk)) for asked in askable]
    leads = Lead.objects.alive().open().filter(pk__in=lead_ids)
    annotated = leads.annotate(
        is_here=Case(When(OWNER_IS_HERE, then=Value(True)), default=Value(False)),
        rule_id=Case(*cases, default=Value(0), output_field=IntegerField()),
        accounts_owner=account_of_lead(lambda path: F(f"{path}owner_id")),
    )
    rows = list(annotated.order_by("pk").values_list(*ROW, "accepted_at"))
    session.know({row[5] for row in rows if row[5] is not None and row[4]})
    by_rule = {asked.rule.pk: asked for asked in askable}
    choosers = {pk: Chooser(asked.rule, asked.people, session.crew, session.turns[pk]) for pk, asked in by_rule.items()}
    given_by = _given_by(lead_ids) if session.occasion == CHANGED else {}
    decided = []
    for *row, accepted_at in rows:
        lead_id, is_here = row[0], row[2]
        if accepted_at is not None and is_here and lead_id not in avoided:
            continue
        if given_by.get(lead_id) == row[4] and row[1] is not None and is_here:
            decided.append(Decision(lead_id, row[1], Outcome.KEPT, by_rule[row[4]].rule, row[1]))
        else:
            decided.append(_decided(row, by_rule, choosers, session.crew, avoided, leaves=lead_id in given_by))
    return decided


def _given_by(lead_ids: Collection[int]) -> dict[int, int | None]:
    """The rule that last gave each of these leads to somebody."""
    given = AssignmentLog.objects.filter(lead__in=lead_ids, outcome__in=(Outcome.ASSIGNED, Outcome.TEAM))
    return dict(given.order_by("lead", "decided_at", "pk").values_list("lead", "rule"))


def _decided(
    row: Sequence[Any],
    by_rule: Mapping[int, Asked],
    choosers: Mapping[int, Chooser],
    crew: Crew,
    avoided: Mapping[int, int | None],
    *,
    leaves: bool = False,
) -> Decision:
    """`leaves`: another rule gave it away, for which it is no longer."""
    lead_id, owner_id, is_here, role, rule_id, accounts_owner = row
    asked = by_rule.get(rule_id)
    if asked is None:
        return Decision(lead_id, owner_id, Outcome.NO_RULE)
    rule = asked.rule
    if not leaves and lead_id not in avoided and _keeps(asked, owner_id, is_here, role):
        return Decision(lead_id, owner_id, Outcome.KEPT, rule, owner_id)
    if rule.strategy == Strategy.TEAM:
        return Decision(lead_id, owner_id, Outcome.TEAM, rule)
    choice = choosers[rule_id].choose(account_owner=accounts_owner, without=avoided.get(lead_id))
    if choice.winner is None:
        return Decision(lead_id, owner_id, Outcome.WAITS, rule, None, choice.considered)
    had = crew.get(owner_id)
    if had is not None:
        had.load -= 1
    outcome = Outcome.KEPT if choice.winner == owner_id else Outcome.ASSIGNED
    return Decision(lead_id, owner_id, outcome, rule, choice.winner, choice.considered)


def _keeps(asked: Asked, owner_id: int | None, is_here: bool | None, role: str | None) -> bool:
    """Whether the lead's owner keeps it, by what the rule says of leads that somebody has."""
    if owner_id is None or not is_here or asked.rule.whose == Whose.ALL:
        return False
    return asked.rule.whose == Whose.FREE or not asked.roles or role in asked.roles
