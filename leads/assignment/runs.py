"""The rules asked again on demand, about many leads: first as a preview that changes nothing, then in earnest.

Chunk by chunk in a worker, each a short transaction. A preview remembers between chunks whose turn it would be and
how much everybody would have, so it shares out as a run does.

A scope is {"whose": "nobody", "all" or the id of a person, "ready": whether only sales-ready leads}. The leads of one
person are given to others; elsewhere each rule says whether it takes leads that somebody has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import User
from leadcrm.lib.doorbell import ring_on_commit
from leads.assignment.deciding import Decision, Session, decide
from leads.assignment.people import names_of
from leads.assignment.turn import take_turn
from leads.assignment.waiting import lock
from leads.assignment.writing import write
from leads.models import AGAIN, AssignmentLog, AssignmentRun, Lead

RUN = "leads.run_assignment"
CHUNK = 500
MOST_EXAMPLES = 50
State = AssignmentRun.State
OPEN = (State.WAITING, State.RUNNING)


def leads_in(scope: dict[str, Any]) -> QuerySet[Lead]:
    """The leads of a scope: open, and not accepted by anybody unless they are one person's."""
    leads: QuerySet[Lead] = Lead.objects.alive().open()
    if scope.get("ready"):
        leads = leads.filter(sales_ready=True)
    whose = scope.get("whose")
    if isinstance(whose, int):
        return leads.filter(owner=whose)
    leads = leads.filter(accepted_at=None)
    return leads.filter(owner=None) if whose == "nobody" else leads


def start(scope: dict[str, Any], *, by: User, preview: bool) -> AssignmentRun:
    """Have the worker ask about them."""
    total = leads_in(scope).count()
    run: AssignmentRun = AssignmentRun.objects.create(preview=preview, scope=scope, started_by=by, total=total)
    ring_on_commit(RUN)
    return run


def cancel(run_id: int) -> None:
    """No further chunk; what is done stays."""
    open_one = AssignmentRun.objects.filter(pk=run_id, state__in=OPEN)
    open_one.update(state=State.CANCELLED, finished_at=timezone.now())


def advance() -> int:
    """The next chunk of the oldest open run; 0: there is none, or another worker has it."""
    with transaction.atomic():
        open_runs = AssignmentRun.objects.filter(state__in=OPEN).order_by("pk")
        run: AssignmentRun | None = open_runs.select_for_update(skip_locked=True, no_key=True).first()
        if run is None:
            return 0
        ids = list(leads_in(run.scope).filter(pk__gt=run.last_id).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if ids:
            decisions = _previewed(run, ids) if run.preview else _done(run, ids)
            _tally(run, decisions)
            run.last_id, run.done, run.state = ids[-1], run.done + len(ids), State.RUNNING
            run.total = max(run.total, run.done)
        else:
            run.state, run.finished_at = State.DONE, timezone.now()
            run.scope.pop("turns", None)
            run.scope.pop("loads", None)
        run.save()
    return 1


def _without(run: AssignmentRun, ids: Sequence[int]) -> dict[int, int | None] | None:
    whose = run.scope.get("whose")
    return dict.fromkeys(ids, whose) if isinstance(whose, int) else None


def _previewed(run: AssignmentRun, ids: Sequence[int]) -> list[Decision]:
    session = Session.begun(AGAIN, now=timezone.now())
    for rule, turns in run.scope.get("turns", {}).items():
        if int(rule) in session.turns:
            session.turns[int(rule)].last |= {int(user): turn for user, turn in turns.items()}
    loads = {int(user): load for user, load in run.scope.get("loads", {}).items()}
    session.know(loads)
    for user, load in loads.items():
        if user in session.crew.people:
            session.crew.people[user].load = load
    decisions = decide(ids, session, without=_without(run, ids))
    run.scope["turns"] = {str(rule): turns.last for rule, turns in session.turns.items()}
    run.scope["loads"] = {str(pk): somebody.load for pk, somebody in session.crew.people.items()}
    return decisions


def _done(run: AssignmentRun, ids: Sequence[int]) -> list[Decision]:
    locked = lock(ids, waits=True)  # it comes by each lead once
    take_turn()
    session = Session.begun(AGAIN, now=timezone.now())
    # Locked now, a lead may be another's by now.
    still = list(leads_in(run.scope).filter(pk__in=locked).order_by("pk").values_list("pk", flat=True))
    decisions = decide(still, session, without=_without(run, still))
    write(decisions, session, occasion=AGAIN)
    return decisions


def _tally(run: AssignmentRun, decisions: Sequence[Decision]) -> None:
    counts = Counter(run.counts)
    for each in decisions:
        counts[str(each.outcome)] += 1
        if each.changes_owner:
            counts[f"{each.previous or 0}>{each.winner or 0}"] += 1
            run.changed += 1
            if len(run.examples) < MOST_EXAMPLES:
                name = each.rule.name if each.rule else ""
                run.examples.append([each.lead_id, each.previous, each.winner, name])
    run.counts = dict(counts)


@dataclass(frozen=True)
class Share:
    """What one person gets and gives away."""

    name: str
    gets: int
    gives: int


@dataclass(frozen=True)
class Result:
    """A run as its page shows it. `examples`: lead, who had it, who gets it, the rule."""

    shares: list[Share]
    examples: list[tuple[Lead, str, str, str]]
    kept: int
    waits: int
    no_rule: int


def result_of(run: AssignmentRun) -> Result:
    """The figures of a run in words; two queries."""
    moves = {tuple(map(int, key.split(">"))): number for key, number in run.counts.items() if ">" in key}
    people = {pk for pair in moves for pk in pair if pk} | {pk for one in run.examples for pk in one[1:3] if pk}
    names = {0: "Nobody", **names_of(people)}
    gets: Counter[int] = Counter()
    gives: Counter[int] = Counter()
    for (previous, following), number in moves.items():
        gives[previous] += number
        gets[following] += number
    shares = [Share(names.get(pk, "Somebody"), gets[pk], gives[pk]) for pk in gets.keys() | gives.keys()]
    leads = Lead.objects.select_related("contact").in_bulk([one[0] for one in run.examples])
    examples = [
        (leads[pk], names.get(previous or 0, ""), names.get(following or 0, ""), rule)
        for pk, previous, following, rule in run.examples
        if pk in leads
    ]
    outcome = AssignmentLog.Outcome
    figures = [run.counts.get(str(one), 0) for one in (outcome.KEPT, outcome.WAITS, outcome.NO_RULE)]
    return Result(sorted(shares, key=lambda one: (-one.gets, -one.gives, one.name)), examples, *figures)
