"""A field, an operator in words and its value, from the text view."""

from __future__ import annotations

from typing import Any

from leads.conditions.operators import FieldType, Operator, Takes
from leads.conditions.phrases import PHRASES
from leads.conditions.reading import Place, Reader
from leads.conditions.tokens import refuse_at
from leads.conditions.values import echo
from leads.conditions.vocabulary import Field

MEANT = {
    FieldType.NUMBER: ("number", "a number"),
    FieldType.DATE: ("day", "a day as YYYY-MM-DD"),
    FieldType.DATETIME: ("day", "a day as YYYY-MM-DD"),
    FieldType.YES_NO: ("word", "yes or no"),
}
"""By type of field: the kind of token that is a value of it; else a text in quotes."""


def comparison(reader: Reader, field: Field, at: int) -> Place:
    """What follows the field's name, which began at `at`."""
    tree = Place(at)
    tree.put("field", field.name, at)
    place, operator = reader.at, _operator(reader, field)
    tree.put("op", operator.name, place)
    place = reader.at
    if operator.takes in (Takes.DAYS, Takes.YEAR_DAYS):
        tree.put("value", reader.days(), place)
        for word in PHRASES[operator.name].partition("{} days")[2].split():
            reader.must(word)
    elif operator.takes is Takes.PERIOD:
        tree.put("value", reader.take("word", operator.takes.value).source, place)
    elif operator.takes is not Takes.NOTHING:
        tree.put("value", None, place)
        tree["value"] = _values(reader, field, operator, tree)
    return tree


def _operator(reader: Reader, field: Field) -> Operator:
    """The operator with the most words among those that come next; what follows them tells the others apart."""
    fitting = []
    for operator in field.operators.values():
        words = PHRASES[operator.name].partition("{}")[0].split()
        if reader.sees(*words):
            fitting.append((len(words), operator))
    longest = max((number for number, _ in fitting), default=0)
    best = [operator for number, operator in fitting if number == longest]
    if not best:
        phrases = ", ".join(PHRASES[name].replace("{}", "...") for name in field.operators)
        reader.unexpected(f"after {field.name} one of: {phrases}")
    reader.next += longest
    return next((each for each in best if _fits(reader, field, each)), best[0])


def _fits(reader: Reader, field: Field, operator: Operator) -> bool:
    """Whether what comes after the words is for this operator rather than for another with the same words."""
    if operator.takes is Takes.PERIOD:
        return not reader.sees_number
    if operator.takes in (Takes.DAYS, Takes.YEAR_DAYS):
        after = PHRASES[operator.name].partition("{} days")[2].split()
        return reader.sees_number and (not after or _then(reader, after[0]))
    return True


def _then(reader: Reader, word: str) -> bool:
    """Whether `word` comes after a number of days."""
    coming = reader.tokens[reader.next + 2 : reader.next + 3]
    return bool(coming) and coming[0].source == word


def _values(reader: Reader, field: Field, operator: Operator, tree: Place) -> Any:
    if operator.takes is Takes.ONE:
        return _value(reader, field)
    several: list[Any] = []

    def one() -> None:
        tree.places[f"value.{len(several)}"] = reader.at
        several.append(_value(reader, field))

    if operator.takes is Takes.TWO:
        one()
        reader.must("and")
        one()
        return several
    reader.must("(")
    one()
    while reader.takes(","):
        one()
    reader.must(")")
    return several


def _value(reader: Reader, field: Field) -> Any:
    if field.type is FieldType.REFERENCE:
        return _record(reader, field)
    kind, expected = MEANT.get(field.type, ("text", "a text in quotes"))
    if field.type is FieldType.YES_NO and not (reader.sees("yes") or reader.sees("no")):
        reader.unexpected(expected)
    token = reader.take(kind, expected)
    if kind == "text":
        return token.text
    return token.number if kind == "number" else token.source == "yes" if kind == "word" else token.source


def _record(reader: Reader, field: Field) -> int | str:
    if reader.token.kind == "record":
        return int(reader.take("record", "").source[1:])
    at = reader.at
    name = reader.take("text", f"the name of a {field.label} in quotes, or # and its id").text
    names = reader.names(field)
    if name not in names:
        offered = [echo(each) for each in list(names)[:50]]
        hint = ", ".join([*offered, "or # and its id"])
        refuse_at(reader.source, at, f"no one {field.label} is called {echo(name)}", hint)
    return names[name]
