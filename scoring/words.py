"""Rules and audiences as English sentences, for everybody who reads a model."""

from __future__ import annotations

from typing import Any

from contacts.models import InteractionType
from leadcrm.lib.numbers import signed, whole
from leads.conditions import InvalidCondition, Vocabulary, describe, parse
from scoring.definition import GroupSpec, RuleSpec
from scoring.models import Category, Counting, Decay, Rule, RuleGroup, Scope

DID = {InteractionType.EMAIL_BOUNCED: "had an e-mail bounce", InteractionType.NOTE: "had a note written"}
"""Where the label of an interaction does not say it after "the contact"."""

SCOPES = {
    Scope.ANY: "",
    Scope.CAMPAIGN: "in the lead's campaign",
    Scope.PRODUCT: "about the lead's product",
    Scope.CONTEXT: "in the lead's marketing context",
    Scope.SINCE_CREATED: "since the lead was created",
}


def did(interaction_type: str) -> str:
    """What happened, as it is said after "the contact": "visited a page"."""
    kind = InteractionType(interaction_type)
    return DID.get(kind, kind.label[:1].lower() + kind.label[1:])


def days(number: int | None) -> str:
    return "day" if number == 1 else f"{number} days"


def in_words(tree: Any, vocabulary: Vocabulary, *, nothing: str) -> str:
    """The condition as a sentence; `nothing` when it is empty, and what is wrong with it when it makes no sense."""
    words = condition_in_words(tree, vocabulary) if tree else nothing
    return words[:1].upper() + words[1:]


def condition_in_words(tree: Any, vocabulary: Vocabulary) -> str:
    try:
        return describe(parse(tree, vocabulary, stored=True), vocabulary)
    except InvalidCondition as error:
        return f"this cannot be used. {error.message}"


def rule_in_words(rule: Rule | RuleSpec, vocabulary: Vocabulary) -> str:
    """Such as "+10 points each time the contact had a call in the last 30 days, when contact's country is Norway"."""
    points = f"{signed(rule.points)} point{'' if abs(rule.points) == 1 else 's'}"
    when = condition_in_words(rule.condition, vocabulary) if rule.condition else ""
    if not rule.interaction_type:
        group = f", in the group {_group_of(rule)}" if _group_of(rule) else ""
        return f"{points} when {when}{group}" if when else f"{points} always{group}"
    details = [
        f"{points} {_how_often(rule)}{f' in the last {days(rule.window_days)}' if rule.window_days else ''}",
        SCOPES[Scope(rule.scope)],
        _fading(rule),
        f"at most {rule.day_cap} points a day" if rule.day_cap is not None else "",
        f"{rule.cap} points at most" if rule.cap is not None and rule.counting == Counting.EACH else "",
        f"in the group {_group_of(rule)}" if _group_of(rule) else "",
        f"when {when}" if when else "",
    ]
    return ", ".join(filter(None, details))


def _group_of(rule: Rule | RuleSpec) -> str:
    return rule.group or "" if isinstance(rule, RuleSpec) else rule.group.name if rule.group else ""


def group_in_words(group: RuleGroup | GroupSpec) -> str:
    """Such as "engagement, 40 points at most"."""
    most = "" if group.cap is None else f", {whole(group.cap)} points at most"
    return f"{Category(group.category).value}{most}"


def _how_often(rule: Rule | RuleSpec) -> str:
    about = f" “{rule.subject_contains}”" if rule.subject_contains else ""
    what = f"the contact {did(rule.interaction_type)}{about}"
    if rule.counting == Counting.EACH:
        return f"each time {what}"
    if rule.counting == Counting.NONE:
        return f"as long as the contact never {did(rule.interaction_type)}{about}"
    return f"once {what} at least {rule.at_least} times" if rule.at_least > 1 else f"once {what}"


def _fading(rule: Rule | RuleSpec) -> str:
    return {
        Decay.NONE: "",
        Decay.LINEAR: "fading evenly to nothing by then",
        Decay.HALF_LIFE: f"of which half is left every {days(rule.half_life_days)}",
    }[Decay(rule.decay)]
