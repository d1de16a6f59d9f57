"""The words of the text view: how each operator is written in it, "{}" for its value, and names of records."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leads.conditions.vocabulary import Choice, Field

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "is": "is {}",
        "is_not": "is not {}",
        "is_one_of": "is one of {}",
        "is_none_of": "is none of {}",
        "is_filled": "is filled",
        "is_empty": "is empty",
        "contains": "contains {}",
        "not_contains": "does not contain {}",
        "begins_with": "begins with {}",
        "not_begins_with": "does not begin with {}",
        "ends_with": "ends with {}",
        "not_ends_with": "does not end with {}",
        "contains_any": "has any of {}",
        "contains_all": "has all of {}",
        "contains_none": "has none of {}",
        "greater": "is more than {}",
        "greater_or_equal": "is at least {}",
        "less": "is less than {}",
        "less_or_equal": "is at most {}",
        "between": "is between {}",
        "not_between": "is not between {}",
        "on": "is on {}",
        "not_on": "is not on {}",
        "before": "is before {}",
        "after": "is after {}",
        "on_or_before": "is on or before {}",
        "on_or_after": "is on or after {}",
        "in_last_days": "is in last {} days",
        "not_in_last_days": "is not in last {} days",
        "in_next_days": "is in next {} days",
        "not_in_next_days": "is not in next {} days",
        "over_days_ago": "is over {} days ago",
        "over_days_ahead": "is over {} days ahead",
        "in_this": "is in this {}",
        "in_previous": "is in previous {}",
        "in_next": "is in next {}",
        "anniversary_today": "has anniversary today",
        "anniversary_in_next_days": "has anniversary in next {} days",
        "anniversary_in_last_days": "has anniversary in last {} days",
    }
)


def by_name(field: Field) -> dict[str, Choice]:
    """The records a field offers, by names that only one of them has."""
    found: dict[str, Choice] = {}
    twice = set()
    for value, name in field.choices.offered() if field.choices else ():
        if found.setdefault(name, value) != value:
            twice.add(name)
    return {name: value for name, value in found.items() if name not in twice}
