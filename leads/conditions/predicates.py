"""What each operator of each type asks of a column or expression. Where that is NULL, the answer may be NULL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db.models import CharField, DateTimeField, DecimalField, F, JSONField, Q, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import HasAnyKeys, HasKeys
from django.db.models.functions import Upper
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IEndsWith,
    IExact,
    In,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
    Range,
)

from leads.conditions.days import start_of
from leads.conditions.operators import FieldType

Subject = F | Combinable
Predicate = Callable[[Subject, Any, date], Q]
"""From the field's expression, the parsed operand and today's date to a condition."""


def _q(*tests: Expression) -> Q:
    return Q(*tests)


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _filled(subject: Subject) -> Expression:
    return IsNull(subject, False)


# Text, whatever its case. The database folds both sides, so that both are folded alike.


def _text_is_one_of(subject: Subject, values: tuple[str, ...], _: date) -> Q:
    return _q(In(Upper(subject), [Upper(_text(value)) for value in values]))


def _text_filled(subject: Subject, _: None, __: date) -> Q:
    return _q(GreaterThan(subject, _text("")))


_TEXT: Mapping[str, Predicate] = {
    "is": lambda subject, value, _: _q(IExact(subject, value)),
    "is_one_of": _text_is_one_of,
    "contains": lambda subject, value, _: _q(IContains(subject, value)),
    "begins_with": lambda subject, value, _: _q(IStartsWith(subject, value)),
    "ends_with": lambda subject, value, _: _q(IEndsWith(subject, value)),
    "is_filled": _text_filled,
}

# Choices, exactly as they are offered.

_CHOICE: Mapping[str, Predicate] = {
    "is": lambda subject, value, _: _q(Exact(subject, _text(value))),
    "is_one_of": lambda subject, values, _: _q(In(subject, [_text(value) for value in values])),
    "is_filled": _text_filled,
}
_REFERENCE: Mapping[str, Predicate] = {
    "is": lambda subject, value, _: _q(Exact(subject, Value(value))),
    "is_one_of": lambda subject, values, _: _q(In(subject, [Value(value) for value in values])),
    "is_filled": lambda subject, _, __: _q(_filled(subject)),
}
_MULTI_CHOICE: Mapping[str, Predicate] = {
    "contains_any": lambda subject, values, _: _q(HasAnyKeys(subject, list(values))),
    "contains_all": lambda subject, values, _: _q(HasKeys(subject, list(values))),
    "is_filled": lambda subject, _, __: ~_q(Exact(subject, Value([], output_field=JSONField()))),
}

# Numbers and days are ordered alike; only what stands on the right differs.


def _between(subject: Subject, first: Value, last: Value) -> Q:
    return _q(Range(subject, (first, last)))


def _ordered(right: Callable[[Any], Value], tests: Mapping[str, Any]) -> dict[str, Predicate]:
    def predicate(test: Any) -> Predicate:
        return lambda subject, value, _: _q(test(subject, right(value)))

    return {name: predicate(test) for name, test in tests.items()} | {
        "between": lambda subject, pair, _: _between(subject, right(pair[0]), right(pair[1])),
        "is_filled": lambda subject, _, __: _q(_filled(subject)),
    }


def _number(value: Decimal) -> Value:
    return Value(value, output_field=DecimalField())


def _day(value: date) -> Value:
    return _text(value.isoformat())


_NUMBER = _ordered(
    _number,
    {
        "is": Exact,
        "greater": GreaterThan,
        "greater_or_equal": GreaterThanOrEqual,
        "less": LessThan,
        "less_or_equal": LessThanOrEqual,
    },
)


def _days_from(subject: Subject, first: date, last: date) -> Q:
    return _between(subject, _day(first), _day(last))


_DATE: Mapping[str, Predicate] = _ordered(_day, {"on": Exact, "before": LessThan, "after": GreaterThan}) | {
    "in_last_days": lambda subject, days, today: _days_from(subject, today - timedelta(days=days), today),
    "in_next_days": lambda subject, days, today: _days_from(subject, today, today + timedelta(days=days)),
}

# Moments: a calendar day is the time from its beginning up to the beginning of the next.


def _from(subject: Subject, day: date) -> Expression:
    return GreaterThanOrEqual(subject, Value(start_of(day), output_field=DateTimeField()))


def _until_end_of(subject: Subject, day: date) -> Expression:
    return LessThan(subject, Value(start_of(day + timedelta(days=1)), output_field=DateTimeField()))


_DATETIME: Mapping[str, Predicate] = {
    "on": lambda subject, day, _: _q(_from(subject, day), _until_end_of(subject, day)),
    "before": lambda subject, day, _: _q(_until_end_of(subject, day - timedelta(days=1))),
    "after": lambda subject, day, _: _q(_from(subject, day + timedelta(days=1))),
    "between": lambda subject, pair, _: _q(_from(subject, pair[0]), _until_end_of(subject, pair[1])),
    "in_last_days": lambda subject, days, today: _q(
        _from(subject, today - timedelta(days=days)), _until_end_of(subject, today)
    ),
    "in_next_days": lambda subject, days, today: _q(
        _from(subject, today), _until_end_of(subject, today + timedelta(days=days))
    ),
    "is_filled": lambda subject, _, __: _q(_filled(subject)),
}

PREDICATES: Mapping[FieldType, Mapping[str, Predicate]] = MappingProxyType(
    {
        FieldType.TEXT: _TEXT,
        FieldType.CHOICE: _CHOICE,
        FieldType.REFERENCE: _REFERENCE,
        FieldType.MULTI_CHOICE: _MULTI_CHOICE,
        FieldType.NUMBER: _NUMBER,
        FieldType.DATE: _DATE,
        FieldType.DATETIME: _DATETIME,
        FieldType.YES_NO: {"is": lambda subject, value, _: _q(Exact(subject, Value(value)))},
    }
)
"""By type and operator; an operator that is the complement of another has no entry of its own."""
