"""The filters of a list of contacts or leads as a condition, so that a segment can be made of what a list shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contacts.filters import MINE, NOBODY
from contacts.models import User
from leads.conditions import InvalidCondition, Vocabulary, parse, parse_source, to_json
from leads.filters import ANY, CLOSED, OLD_DAYS
from leads.models import Status
from segments.conditions import CONTACT_SEGMENTS, LEAD_SEGMENTS
from segments.definition import vocabulary_of
from segments.models import Subject

Tree = dict[str, Any]
AS_THEY_ARE = {Subject.LEAD: ("stage", "rating"), Subject.CONTACT: ("role",)}
BY_NUMBER = {Subject.LEAD: ("product", "campaign"), Subject.CONTACT: ()}
LONGEST = 60


def condition_of(query: Mapping[str, str], subject: Subject, user: User) -> tuple[Tree, list[str]]:
    """The condition that the address of a list makes, and in words which of its filters no segment can ask for."""
    vocabulary = vocabulary_of(subject)
    trees: list[Tree] = []
    left_out = [f"the search for “{query['q'][:LONGEST]}”"] if query.get("q") else []
    for words, tree in _asked(query, subject, user):
        try:
            trees.append(_checked(tree, vocabulary))
        except InvalidCondition:
            left_out.append(words)
    return trees[0] if len(trees) == 1 else {"all": trees} if trees else {}, left_out


def _checked(tree: Tree | str, vocabulary: Vocabulary) -> Tree:
    node = parse_source(tree, vocabulary) if isinstance(tree, str) else parse(tree, vocabulary)
    return {key: value for key, value in to_json(node).items() if key != "version"}


def _asked(query: Mapping[str, str], subject: Subject, user: User) -> Iterator[tuple[str, Tree | str]]:
    """Each filter that is on: in words, and as a condition (a tree, or text)."""
    prefix = "contact." if subject == Subject.CONTACT else ""
    for name in AS_THEY_ARE[subject]:
        if query.get(name):
            yield name, _is(prefix + name, query[name])
    for name in BY_NUMBER[subject]:
        if query.get(name):
            yield name, _is(name, _number(query[name]))
    if subject == Subject.LEAD:
        yield from _of_lead(query)
    elif query.get("consent"):
        consent = {"field": "contact.consent_level", "op": "greater_or_equal", "value": _number(query["consent"])}
        yield "the consent", consent
    if query.get("owner"):
        yield "the owner", _owner(query["owner"], user)
    if query.get("segment"):
        relation = LEAD_SEGMENTS if subject == Subject.LEAD else CONTACT_SEGMENTS
        yield "the segment", {"related": relation, "where": _is("segment", _number(query["segment"]))}
    if query.get("condition", "").strip():
        yield "the condition", query["condition"]


def _of_lead(query: Mapping[str, str]) -> Iterator[tuple[str, Tree]]:
    status = query.get("status", "")
    if status == CLOSED:
        yield "status", {"not": _is("status", str(Status.OPEN))}
    elif status != ANY:
        yield "status", _is("status", status if status in Status.values else str(Status.OPEN))
    if query.get("created") == "older":
        yield "creation date", {"field": "created_at", "op": "over_days_ago", "value": OLD_DAYS}
    elif days := _number(query.get("created", "")):
        yield "creation date", {"field": "created_at", "op": "in_last_days", "value": days}
    if query.get("sales_ready") in {"yes", "no"}:
        yield "sales ready", _is("sales_ready", query["sales_ready"] == "yes")


def _owner(value: str, user: User) -> Tree:
    if value == NOBODY:
        return {"field": "owner", "op": "is_empty"}
    return _is("owner", user.pk if value == MINE else _number(value))


def _is(field: str, value: object) -> Tree:
    return {"field": field, "op": "is", "value": value}


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
