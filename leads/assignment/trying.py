"""The rules tried on one lead: which would be for it, why the others are not, and who would get it. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from leads.assignment.deciding import Decision, Session, decide
from leads.assignment.people import names_of
from leads.assignment.words import considered_words, people_in, when_words
from leads.conditions import InvalidCondition, Traced, lead_vocabulary, parse, trace
from leads.models import AGAIN, AssignmentLog, AssignmentRule, Lead, Occasion


@dataclass(frozen=True)
class TriedRule:
    """One rule as asked of the lead: `fits`: the lead stands where the rule is asked; `holds`: its condition too;
    `wins` the first of them; `traced` its condition part by part."""

    rule: AssignmentRule
    when: str
    fits: bool
    holds: bool
    wins: bool
    problem: str = ""
    traced: Traced | None = None


@dataclass(frozen=True)
class Tried:
    """What the rules say of a lead. `sentence` is what would come of it."""

    rules: list[TriedRule]
    sentence: str
    considered: list[str] = field(default_factory=list)


def tried_on(lead: Lead, *, now: datetime) -> Tried:
    """Ask every active rule as if it were asked again now."""
    session = Session.begun(AGAIN, now=now)
    vocabulary, rows, won = lead_vocabulary(), [], False
    for asked in session.rules:
        problem, traced = asked.problem, None
        try:
            node = parse(asked.rule.condition, vocabulary, stored=True)
            traced = trace(node, vocabulary, Lead.objects.filter(pk=lead.pk), now=now) if asked.rule.condition else None
        except InvalidCondition as error:
            problem = error.message
        there = _stands_there(asked.rule, lead)
        holds = there and not problem and (traced is None or traced.holds)
        rows.append(TriedRule(asked.rule, when_words(asked.rule), there, holds, holds and not won, problem, traced))
        won = won or holds
    if not lead.is_open:
        return Tried(rows, "It is closed: rules leave it alone.")
    decisions = decide([lead.pk], session)
    if not decisions:
        return Tried(rows, f"{lead.accepted_by or lead.owner} has accepted it: rules leave it alone.")
    return _said(rows, decisions[0])


def _stands_there(rule: AssignmentRule, lead: Lead) -> bool:
    """As rules.fits has it, of a lead in memory."""
    if rule.occasion == Occasion.STAGE:
        return bool(lead.stage == rule.stage)
    return rule.occasion != Occasion.SALES_READY or lead.sales_ready


def _said(rows: list[TriedRule], decision: Decision) -> Tried:
    names = names_of({decision.winner, decision.previous} | people_in(decision.considered))
    outcome = AssignmentLog.Outcome(decision.outcome)
    winner = names.get(decision.winner or 0, "somebody")
    rule = f"“{decision.rule}”" if decision.rule else ""
    sentence = {
        outcome.ASSIGNED: f"{rule} would give it to {winner}.",
        outcome.KEPT: f"{rule} is for it, and {winner} would keep it.",
        outcome.TEAM: f"{rule} would give it to its team, for the members to take.",
        outcome.WAITS: f"{rule} is for it, but nobody could take it now: it would wait.",
        outcome.NO_RULE: "No rule is for it: it would stay as it is.",
    }[outcome]
    return Tried(rows, sentence, considered_words(decision.considered, names))
