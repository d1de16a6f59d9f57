"""Rules and what they decided, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.formats import date_format

from leads.assignment.choosing import Considered
from leads.assignment.people import names_of
from leads.assignment.rules import occasion_words
from leads.conditions import InvalidCondition, Vocabulary, describe, parse
from leads.models import AssignmentLog, AssignmentRule, Occasion, Strategy
from leads.stages import Stage

SOMEBODY = "somebody whose account is gone"


@dataclass(frozen=True)
class Told:
    """One decision as a page tells it: what came of it, and who was considered and why they did not, or did, get it."""

    when: datetime
    sentence: str
    why: str
    considered: list[str] = field(default_factory=list)


def told(logs: Iterable[AssignmentLog]) -> list[Told]:
    """Decisions in words; one query for all names."""
    rows = list(logs)
    ids: set[int | None] = {row.winner_id for row in rows} | {row.previous_id for row in rows}
    for row in rows:
        ids |= people_in(row.considered)
    names = names_of(ids)
    return [_told(row, names) for row in rows]


def _told(row: AssignmentLog, names: Mapping[int, str]) -> Told:
    rule = f"The rule “{row.rule_name}”" if row.rule_name else "No rule"
    winner = names.get(row.winner_id or 0, SOMEBODY)
    previous = f", from {names.get(row.previous_id, SOMEBODY)}" if row.previous_id else ""
    sentence = {
        AssignmentLog.Outcome.ASSIGNED: f"{rule} gave it to {winner}{previous}.",
        AssignmentLog.Outcome.KEPT: f"{rule} is for it; {winner} kept it.",
        AssignmentLog.Outcome.TEAM: f"{rule} gave it to its team, for the members to take{previous}.",
        AssignmentLog.Outcome.WAITS: f"{rule} is for it, but nobody could take it yet. It is tried again.",
        AssignmentLog.Outcome.NO_RULE: "No rule is for it, so nobody was given it.",
    }[AssignmentLog.Outcome(row.outcome)]
    why = occasion_words(row.occasion)
    if row.strategy and row.outcome == AssignmentLog.Outcome.ASSIGNED:
        why = f"{why}; {Strategy(row.strategy).label.lower()}"
    return Told(row.decided_at, sentence, why[:1].upper() + why[1:], considered_words(row.considered, names))


def people_in(considered: Sequence[Considered]) -> set[int | None]:
    """The ids of all who are spoken of."""
    found: set[int | None] = {one[0] for one in considered}
    return found | {one[2] for one in considered if one[1] == "stands_in"}


def considered_words(considered: Sequence[Considered], names: Mapping[int, str]) -> list[str]:
    """A sentence for each person who was considered, in order."""
    return [f"{names.get(pk, SOMEBODY)} {_why(code, more, names)}." for pk, code, *more in considered]


def _why(code: str, more: Sequence[object], names: Mapping[int, str]) -> str:
    if code == "away":
        until = str(more[0]) if more else ""
        return f"is away until {date_format(date.fromisoformat(until), 'j F')}" if until else "is away"
    if code == "full":
        return f"has {more[0]} open leads of at most {more[1]}"
    if code == "stands_in":
        return f"stands in for {names.get(int(str(more[0])), SOMEBODY)}"
    if code == "load":
        return f"had the fewest open leads: {more[0]}" if more else "had the fewest open leads"
    return {
        "left": "no longer works here",
        "off": "is not at work",
        "later": "is not at work now, so others come first",
        "not_again": "had it before",
        "account": "owns the account",
        "named": "is whom the rule names",
        "turn": "has waited longest for a turn",
    }.get(code, "was considered")


def condition_words(rule: AssignmentRule, vocabulary: Vocabulary) -> str:
    """Which leads a rule is for, as a sentence without its end; what is wrong with it when it makes no sense."""
    if not rule.condition:
        return "Every lead"
    try:
        said = describe(parse(rule.condition, vocabulary, stored=True), vocabulary)
    except InvalidCondition as error:
        return f"Its condition makes no sense any more: {error.message}"
    return f"Every lead for which {said}"


def when_words(rule: AssignmentRule) -> str:
    """When it is asked."""
    if rule.occasion == Occasion.STAGE and rule.stage:
        return f"when it enters {Stage(rule.stage).label}"
    return "when it becomes sales ready" if rule.occasion == Occasion.SALES_READY else "when it is created"


def who_words(rule: AssignmentRule, people: Sequence[str]) -> str:
    """Who gets them."""
    if rule.strategy == Strategy.NAMED:
        return f"to {rule.user}" if rule.user else "to nobody: the person it named is gone"
    if rule.strategy == Strategy.TEAM:
        return f"to the team {rule.team}, for its members to take" if rule.team else "to nobody: it names no team"
    if not people:
        return "to nobody: it has no people"
    among = f"the team {rule.team}" if rule.team and not rule.people.all() else listed(people)
    how = {
        Strategy.ROUND_ROBIN: "in turn to",
        Strategy.LOAD: "to whoever has fewest open leads among",
        Strategy.ACCOUNT_OWNER: "to the account's owner, else in turn to",
    }[Strategy(rule.strategy)]
    return f"{how} {among}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names as a sentence has them."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def besides_words(rule: AssignmentRule) -> str:
    """What it sets beside the owner, and by when somebody must answer; "" for nothing."""
    said = [
        f"team {rule.team}" if rule.team else "",
        f"territory {rule.territory}" if rule.territory else "",
        f"priority {rule.get_priority_display().lower()}" if rule.priority else "",
        f"sales rating {rule.get_rating_display().lower()}" if rule.rating else "",
        f"status {rule.status_reason}" if rule.status_reason else "",
    ]
    if rule.response_minutes is not None:
        counted = "working " if rule.response_working else ""
        limits = [hours_words(rule.response_minutes, counted)]
        for minutes, words in ((rule.response_minutes_high, "high priority"), (rule.response_minutes_urgent, "urgent")):
            if minutes is not None:
                limits.append(f"{hours_words(minutes, counted)} if {words}")
        said.append(f"first response within {', '.join(limits)}")
    return ", ".join(filter(None, said))


def hours_words(minutes: int, counted: str = "") -> str:
    """Such as "2 working hours", "1 hour", "30 minutes"."""
    if minutes % 60:
        return f"{minutes} {counted}minute{'' if minutes == 1 else 's'}"
    hours = minutes // 60
    return f"{hours} {counted}hour{'' if hours == 1 else 's'}"
