"""Conditions of rules and of the audience: whether they can be read, may be asked by scores, and can ever hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leads.conditions import InvalidCondition, Node, Vocabulary, lead_vocabulary, never_holds, parse, without_contact
from leads.conditions.nodes import All, walk
from scoring.checks.finding import AUDIENCE, CONSENT, Finding, Place, at_rule, error, warning
from scoring.definition import ModelSpec, parse_or_none
from scoring.models import Target

NO_CONTACT = "a lead of an account alone has no contact to ask this of"
MEND = "Edit its condition"


MOST_HELD_AGAINST = 50
"""Rules are held against an audience of so many conditions: of more each rule would take a moment."""


def conditions_findings(model: ModelSpec, vocabulary: Vocabulary) -> Iterator[Finding]:
    """What is wrong with the audience and the conditions of rules. `vocabulary` is that of scoring."""
    if model.target == Target.ACCOUNT and model.minimum_consent:
        said = "A lead of an account alone has no contact who could give consent, so none would be scored."
        yield error("consent_without_contact", CONSENT, said, "Ask for none")
    yield from _problems(model.audience, AUDIENCE, model, vocabulary)
    audience = parse_or_none(model.audience, vocabulary)
    if audience is not None and never_holds(audience, vocabulary):
        said = "What it asks for contradicts itself: no lead can meet it, so none would be scored."
        yield error("audience_never", AUDIENCE, said, "Edit the audience")
    never = never_given(model, vocabulary)
    for index, rule in enumerate(model.rules):
        yield from _problems(rule.condition, at_rule(index, rule), model, vocabulary)
        if never.get(index):
            yield warning("rule_never", at_rule(index, rule), never[index], MEND, field="condition")


def never_given(model: ModelSpec, vocabulary: Vocabulary) -> dict[int, str]:
    """The rules that can never give their points, by place, and why ("" where the condition makes no sense)."""
    audience = parse_or_none(model.audience, vocabulary)
    if audience is not None and (never_holds(audience, vocabulary) or len(list(walk(audience))) > MOST_HELD_AGAINST):
        audience = None
    found = {}
    for index, rule in enumerate(model.rules):
        node = parse_or_none(rule.condition, vocabulary)
        why = "" if node is None else _never(node, audience, vocabulary)
        if why or node is None:
            found[index] = why
    return found


def _never(node: Node, audience: Node | None, vocabulary: Vocabulary) -> str:
    if never_holds(node, vocabulary):
        return "What it asks for contradicts itself: no lead can meet it, so it never gives its points."
    if audience is not None and never_holds(All((audience, node)), vocabulary):
        return "No lead of the audience can meet it, so it never gives its points."
    return ""


def without_contact_problem(tree: Any, vocabulary: Vocabulary) -> tuple[str, str] | None:
    """(position, problem) when a condition that is sound asks for what leads of an account alone never have."""
    try:
        parse(tree, vocabulary, stored=True)
    except InvalidCondition:
        return None
    try:
        parse(tree, without_contact(vocabulary), stored=True)
    except InvalidCondition as wrong:
        return wrong.path, NO_CONTACT
    return None


def _problems(tree: Any, place: Place, model: ModelSpec, vocabulary: Vocabulary) -> Iterator[Finding]:
    try:
        parse(tree, vocabulary)
    except InvalidCondition as wrong:
        code = _code(tree, wrong, vocabulary)
        why = " A score must not feed on what follows from scores." if code == "condition_not_for_scores" else ""
        said = f"{_at(wrong.path)}{wrong.problem}.{why}"
        yield error(code, place, said[:1].upper() + said[1:], MEND, path=wrong.path, field="condition")
        return
    problem = without_contact_problem(tree, vocabulary) if model.target == Target.ACCOUNT else None
    if problem:
        path, what = problem
        said = f"{_at(path)}{what}."
        found = error(
            "condition_without_contact", place, said[:1].upper() + said[1:], MEND, path=path, field="condition"
        )
        yield found


def _at(path: str) -> str:
    return f"At {path}: " if path else ""


def _code(tree: Any, wrong: InvalidCondition, vocabulary: Vocabulary) -> str:
    """Whether it asks for what was deleted or put away since, for what scores must not ask, or for nothing known."""
    if parse_or_none(tree, vocabulary) is not None or ".custom." in f".{_asked(tree, wrong.path)}":
        return "condition_of_something_gone"
    try:
        parse(tree, lead_vocabulary(), stored=True)
    except InvalidCondition:
        return "condition_not_understood"
    return "condition_not_for_scores"


def _asked(tree: Any, path: str) -> str:
    """What stands at that position of a tree."""
    for key in filter(None, path.split(".")):
        tree = tree[int(key)] if isinstance(tree, list) else tree.get(key) if isinstance(tree, dict) else None
    return str(tree) if isinstance(tree, str) else ""
