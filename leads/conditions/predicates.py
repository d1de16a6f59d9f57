"""What each operator of each type asks of a column or expression. Where that is NULL, the answer may be NULL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import CharField, DateTimeField, DecimalField, F, Func, JSONField, Q, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import HasAnyKeys, HasKeys
from django.db.models.functions import Substr, TruncDate, Upper
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
from django.utils import timezone

from leads.conditions.days import Span, month_days, period, start_of
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


def _number(test: type[Expression]) -> Predicate:
    return lambda subject, value, _: _q(test(subject, Value(value, output_field=DecimalField())))


_NUMBER: Mapping[str, Predicate] = {
    "is": _number(Exact),
    "greater": _number(GreaterThan),
    "greater_or_equal": _number(GreaterThanOrEqual),
    "less": _number(LessThan),
    "less_or_equal": _number(LessThanOrEqual),
    "between": lambda subject, pair, _: _q(
        Range(subject, tuple(Value(each, output_field=DecimalField()) for each in pair))
    ),
    "is_filled": lambda subject, _, __: _q(_filled(subject)),
}

# Days and moments: each operator is a span of whole days, from the beginning of one up to the beginning of another.

_DAY = timedelta(days=1)
_SPANS: Mapping[str, Callable[[Any, date], Span]] = {
    "on": lambda day, _: (day, day + _DAY),
    "before": lambda day, _: (None, day),
    "after": lambda day, _: (day + _DAY, None),
    "on_or_before": lambda day, _: (None, day + _DAY),
    "on_or_after": lambda day, _: (day, None),
    "between": lambda pair, _: (pair[0], pair[1] + _DAY),
    "in_last_days": lambda days, today: (today - days * _DAY, today + _DAY),
    "in_next_days": lambda days, today: (today, today + (days + 1) * _DAY),
    "over_days_ago": lambda days, today: (None, today - days * _DAY),
    "over_days_ahead": lambda days, today: (today + (days + 1) * _DAY, None),
    "in_this": lambda name, today: period(today, name),
    "in_previous": lambda name, today: period(today, name, -1),
    "in_next": lambda name, today: period(today, name, 1),
}
_ANNIVERSARIES: Mapping[str, Callable[[Any, date], list[str]]] = {
    "anniversary_today": lambda _, today: month_days(today, today),
    "anniversary_in_next_days": lambda days, today: month_days(today, today + days * _DAY),
    "anniversary_in_last_days": lambda days, today: month_days(today - days * _DAY, today),
}


def _in_days(begins: Callable[[date], Value], day_of_year: Callable[[Subject], Combinable]) -> Mapping[str, Predicate]:
    """`begins` gives a day's beginning as the subject's type has it, `day_of_year` the subject's MM-DD."""

    def in_span(span: Callable[[Any, date], Span]) -> Predicate:
        def predicate(subject: Subject, value: Any, today: date) -> Q:
            first, end = span(value, today)
            test = Q() if first is None else _q(GreaterThanOrEqual(subject, begins(first)))
            return test if end is None else test & _q(LessThan(subject, begins(end)))

        return predicate

    def among(days: Callable[[Any, date], list[str]]) -> Predicate:
        return lambda subject, value, today: _q(In(day_of_year(subject), [_text(each) for each in days(value, today)]))

    return {
        **{name: in_span(span) for name, span in _SPANS.items()},
        **{name: among(days) for name, days in _ANNIVERSARIES.items()},
        "is_filled": lambda subject, _, __: _q(_filled(subject)),
    }


_DATE = _in_days(lambda day: _text(day.isoformat()), lambda subject: Substr(subject, 6, 5))
_DATETIME = _in_days(
    lambda day: Value(start_of(day), output_field=DateTimeField()),
    lambda subject: Func(
        TruncDate(subject, tzinfo=timezone.get_default_timezone()),
        _text("MM-DD"),
        function="to_char",
        output_field=CharField(),
    ),
)

PREDICATES: Mapping[FieldType, Mapping[str, Predicate]] = MappingProxyType(
    {
        FieldType.TEXT: _TEXT,
        FieldType.CHOICE: _CHOICE,
        FieldType.REFERENCE: _REFERENCE,
        FieldType.MULTI_CHOICE: _MULTI_CHOICE,
        FieldType.NUMBER: _NUMBER,
        FieldType.DATE: _DATE,
        FieldType.DATETIME: _DATETIME,
        FieldType.YES_NO: {
            "is": lambda subject, value, _: _q(Exact(subject, Value(value))),
            "is_filled": lambda subject, _, __: _q(_filled(subject)),
        },
    }
)
"""By type and operator; an operator that is the complement of another has no entry of its own."""
