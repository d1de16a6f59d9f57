"""The text view to nodes, by way of the JSON it stands for: what is wrong with that is told at its place in the text.

condition  = "everything" | groups of factors joined by "and", and those by "or"
factor     = "not" factor | "(" condition ")" | "all of (" condition ")" | "any of (" condition ")"
           | field operator value | count behaviour clauses | count relation ["where" factor]
count      = "any" | "no" | "at least" n | "at most" n | "exactly" n | n "to" n
clauses    = ["about" text] ["in last" n "days"] ["not in last" n "days"] ["where" factor]
"""

from __future__ import annotations

import difflib
from typing import Any, NoReturn

from leads.conditions.comparison_text import comparison
from leads.conditions.errors import InvalidCondition
from leads.conditions.nodes import Node
from leads.conditions.operators import listed
from leads.conditions.parse import parse
from leads.conditions.reading import Place, Reader
from leads.conditions.tokens import refuse_at
from leads.conditions.values import echo
from leads.conditions.vocabulary import Vocabulary

DEEPEST_TEXT = 50
"""How many brackets, nots and wheres may stand inside each other; most make no level of the tree."""


def parse_text(source: str, vocabulary: Vocabulary, *, stored: bool = False) -> Node:
    """The checked form of a condition as `to_text` writes it; `stored` as for `parse`. Raises InvalidText."""
    reader = Reader(source)
    if reader.ends or reader.takes("everything"):
        reader.must_end()
        return parse({}, vocabulary)
    tree = _condition(reader, vocabulary, 1)
    reader.must_end()
    try:
        return parse(tree, vocabulary, stored=stored)
    except InvalidCondition as error:
        refuse_at(source, tree.offset_of(error.path), error.problem, error.expected)


def _condition(reader: Reader, vocabulary: Vocabulary, depth: int) -> Place:
    return _joined(reader, vocabulary, depth, "any")


def _joined(reader: Reader, vocabulary: Vocabulary, depth: int, kind: str) -> Place:
    """Parts joined by the word of `kind`; a single one stands for itself."""
    at = reader.at
    parts: list[Place] = []
    while not parts or reader.takes("or" if kind == "any" else "and"):
        parts.append(_joined(reader, vocabulary, depth, "all") if kind == "any" else _factor(reader, vocabulary, depth))
    return parts[0] if len(parts) == 1 else Place(at, **{kind: parts})


def _factor(reader: Reader, vocabulary: Vocabulary, depth: int) -> Place:
    if depth > DEEPEST_TEXT:
        reader.refuse("nested too deeply", f"at most {DEEPEST_TEXT} levels")
    at = reader.at
    if reader.takes("not"):
        return Place(at, **{"not": _factor(reader, vocabulary, depth + 1)})
    for kind in ("all", "any"):
        if reader.takes(kind, "of"):
            return Place(at, **{kind: [_bracketed(reader, vocabulary, depth)]})
    if reader.sees("("):
        return _bracketed(reader, vocabulary, depth)
    count = _count(reader)
    if count is not None:
        return _counted(reader, vocabulary, depth, Place(at), count)
    return _compared(reader, vocabulary)


def _bracketed(reader: Reader, vocabulary: Vocabulary, depth: int) -> Place:
    reader.must("(")
    tree = _condition(reader, vocabulary, depth + 1)
    reader.must(")")
    return tree


def _compared(reader: Reader, vocabulary: Vocabulary) -> Place:
    at, name = reader.at, reader.name()
    field = vocabulary.fields.get(name) or vocabulary.fields.get(name.removeprefix(f"{vocabulary.subject}."))
    if field is None:
        _refuse_name(reader, at, name, [each.name for each in vocabulary.fields.values() if not each.archived])
    return comparison(reader, field, at)


def _count(reader: Reader) -> dict[str, tuple[Any, int]] | None:
    """How many, as JSON has it, with where it stands; None when there is no word of it."""
    at = reader.at
    if reader.takes("any"):
        return {}
    if reader.takes("no"):
        return {"none": (True, at)}
    for words, key in {("at", "least"): "at_least", ("at", "most"): "at_most", ("exactly",): "exactly"}.items():
        if reader.takes(*words):
            at = reader.at
            return {key: (reader.number(), at)}
    if not reader.sees_number:
        return None
    least = reader.number()
    reader.must("to")
    high_at = reader.at
    return {"at_least": (least, at), "at_most": (reader.number(), high_at)}


def _counted(
    reader: Reader, vocabulary: Vocabulary, depth: int, tree: Place, count: dict[str, tuple[Any, int]]
) -> Place:
    at, name = reader.at, reader.name()
    for key, (value, place) in count.items():
        tree.put(key, value, place)
    if name in vocabulary.behaviours:
        tree.put("did", name, at)
        _clauses(reader, tree)
        of = vocabulary.interaction
    elif name in vocabulary.relations:
        tree.put("related", name, at)
        of = vocabulary.relations[name].vocabulary
    else:
        _refuse_name(reader, at, name, [*vocabulary.behaviours, *vocabulary.relations])
    at = reader.at
    if reader.takes("where"):
        if of is None:
            refuse_at(reader.source, at, "this cannot be asked of a behaviour here", "nothing")
        tree.put("where", _factor(reader, of, depth + 1), at)
    return tree


def _clauses(reader: Reader, tree: Place) -> None:
    while True:
        at = reader.at
        if reader.takes("about"):
            _once(reader, tree, "subject_contains", reader.text(), at)
        elif reader.takes("not", "in", "last"):
            _once(reader, tree, "not_in_last_days", reader.days(), at)
        elif reader.takes("in", "last"):
            _once(reader, tree, "within_days", reader.days(), at)
        else:
            return


def _once(reader: Reader, tree: Place, key: str, value: str | int | float, at: int) -> None:
    if key in tree:
        refuse_at(reader.source, at, "this is said twice", "each clause once")
    tree.put(key, value, at)


def _refuse_name(reader: Reader, at: int, name: str, known: list[str]) -> NoReturn:
    near = difflib.get_close_matches(name[:100], known, n=3)
    hint = listed(near) if near else f"one of {', '.join(known)}" if known else "nothing of this kind"
    refuse_at(reader.source, at, f"{echo(name)} is unknown here", hint)
