"""What was decided is done: owners, what rules set beside them, turns, the log, the clock, and what still waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Q, Value, When

from contacts.doorbells import facts_changed
from contacts.models import User
from leadcrm.lib.rows import insert
from leads.assignment import responses
from leads.assignment.choosing import Turns
from leads.assignment.deciding import Decision, Outcome, Session
from leads.models import AssignmentDue, AssignmentLog, AssignmentRule, AssignmentTurn, Lead, Priority, Strategy
from leads.models.code_lists import CONTACTED, NEW
from leads.services.giving import give

SOON, LATE = timedelta(seconds=20), timedelta(minutes=15)
"""A lead that nobody could take is tried again no sooner and no later than this."""


def write(
    decisions: Sequence[Decision],
    session: Session,
    *,
    occasion: str,
    tries: Mapping[int, int] | None = None,
    reassigned: bool = False,
) -> list[int]:
    """Write decisions about leads whose rows are locked, with the turn taken; the ids of those with another owner.

    `tries`: how often a lead has been tried before. `reassigned`: since its owner did not answer, which happens once.
    """
    before = tries or {}
    by_winner: dict[tuple[int, int | None, bool], list[Decision]] = defaultdict(list)
    for each in decisions:
        if each.rule is not None:
            by_winner[each.rule.pk, each.winner, each.changes_owner].append(each)
    for (_, winner, changes), together in by_winner.items():
        rule = together[0].rule
        assert rule is not None
        if changes:
            _give(together, rule, winner, session)
        else:
            _fill([each.lead_id for each in together if each.outcome != Outcome.WAITS], rule, session.now)
    _keep_turns(session.turns)
    _keep_log([each for each in decisions if _is_news(each, before)], occasion, session.now)
    _keep_waiting(decisions, session, occasion, before)
    responses.begin([each for each in decisions if each.outcome != Outcome.WAITS], session, reassigned=reassigned)
    facts_changed()
    return [each.lead_id for each in decisions if each.changes_owner]


def effects_of(rule: AssignmentRule) -> dict[str, Any]:
    """The columns that a rule sets beside the owner; who was contacted is not new again."""
    reason: Any = rule.status_reason_id
    if reason == NEW:
        reason = Case(When(status_reason=CONTACTED, then=F("status_reason")), default=Value(NEW))
    said = {
        "team_id": rule.team_id,
        "territory_id": rule.territory_id,
        "priority": rule.priority,
        "rating": rule.rating,
        "status_reason_id": reason,
    }
    return {name: value for name, value in said.items() if value}


EMPTY: dict[str, Q] = {
    "team_id": Q(team=None),
    "territory_id": Q(territory=None),
    "priority": Q(priority=Priority.NORMAL),
    "rating": Q(rating=""),
    "status_reason_id": Q(status_reason=None) | Q(status_reason=NEW),
}
"""Where nobody has said anything yet."""


def _fill(lead_ids: Sequence[int], rule: AssignmentRule, now: datetime) -> None:
    """Leads that the rule gave to nobody else: what it sets, it sets where nothing is said yet. A team that takes them
    is said anew.
    """
    effects = effects_of(rule)
    if rule.status_reason_id == NEW:
        del effects["status_reason_id"]
    if rule.priority == Priority.NORMAL:
        del effects["priority"]
    if not effects or not lead_ids:
        return
    empty = {name: EMPTY[name] for name in effects}
    if rule.strategy == Strategy.TEAM and rule.team_id is not None:
        empty["team_id"] = ~Q(team=rule.team_id) | Q(team=None)
    values = {
        name: Case(When(where, then=Value(effects[name])), default=F(name), output_field=_kind_of(name))
        for name, where in empty.items()
    }
    differ = Lead.objects.filter(reduce(or_, empty.values()), pk__in=lead_ids)
    differ.update(**values, version=F("version") + 1, updated_at=now)


def _kind_of(name: str) -> Any:
    field: Any = Lead._meta.get_field(name.removesuffix("_id"))
    return field.target_field if field.is_relation else field


def _give(together: Sequence[Decision], rule: AssignmentRule, winner: int | None, session: Session) -> None:
    somebody = session.crew.get(winner)
    to: User | None = somebody.user if somebody else None
    previous = {each.lead_id: each.previous for each in together}
    give(previous, to=to, by=None, why=f"by the rule “{rule.name}”", also=effects_of(rule))


def _keep_turns(turns: Mapping[int, Turns]) -> None:
    rows = [
        AssignmentTurn(rule_id=rule, user_id=user, turn=each.last[user])
        for rule, each in turns.items()
        for user in sorted(each.taken)
    ]
    if rows:
        AssignmentTurn.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["rule", "user"], update_fields=["turn"]
        )
    for each in turns.values():
        each.taken.clear()


def _is_news(decision: Decision, tries: Mapping[int, int]) -> bool:
    """What has waited and waits on is no news."""
    return decision.outcome != Outcome.WAITS or not tries.get(decision.lead_id)


def _keep_log(decisions: Sequence[Decision], occasion: str, now: datetime) -> None:
    insert(
        AssignmentLog(
            lead_id=each.lead_id,
            outcome=str(each.outcome),
            occasion=occasion,
            rule_id=each.rule.pk if each.rule else None,
            rule_name=each.rule.name if each.rule else "",
            strategy=str(each.rule.strategy) if each.rule else "",
            considered=each.considered,
            winner_id=each.winner,
            previous_id=each.previous,
            decided_at=now,
        )
        for each in decisions
    )


def _keep_waiting(decisions: Sequence[Decision], session: Session, occasion: str, tries: Mapping[int, int]) -> None:
    """Leads that wait are tried again; the others are done with."""
    waiting = [each for each in decisions if each.outcome == Outcome.WAITS]
    waits = {each.lead_id for each in waiting}
    done = [each.lead_id for each in decisions if each.lead_id not in waits]
    if done:
        AssignmentDue.objects.filter(lead__in=done, occasion=occasion).delete()
    if waiting:
        AssignmentDue.objects.bulk_create(
            [
                AssignmentDue(
                    lead_id=each.lead_id,
                    occasion=occasion,
                    since=session.now,
                    due_at=_again_at(each, session, tries.get(each.lead_id, 0)),
                    tries=tries.get(each.lead_id, 0) + 1,
                )
                for each in waiting
            ],
            update_conflicts=True,
            unique_fields=["lead", "occasion"],
            update_fields=["due_at", "tries"],
        )


def _again_at(decision: Decision, session: Session, tries: int) -> datetime:
    """When it is worth another try: when somebody begins to work; else soon, and less and less so."""
    off = [pk for pk, code, *_ in decision.considered if code == "off"]
    later = session.now + min(SOON * 2 ** min(tries, 8), LATE)
    begins = session.crew.next_at_work(off) if off else None
    return max(min(begins, session.now + LATE) if begins else later, session.now + SOON)
