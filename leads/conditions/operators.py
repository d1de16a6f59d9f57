"""Which operators each type of field has, what each takes, and how it is said. The identifiers are stored: stable."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


class FieldType(enum.StrEnum):
    """What kind of values a field holds. REFERENCE is a choice among records, by id."""

    TEXT = "text"
    CHOICE = "choice"
    REFERENCE = "reference"
    MULTI_CHOICE = "multi_choice"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    YES_NO = "yes_no"


class Takes(enum.Enum):
    """What stands under "value"."""

    NOTHING = "no value"
    ONE = "one value"
    SEVERAL = "a list of values"
    TWO = "a list of two values, the lower first"
    DAYS = "a whole number of days"
    YEAR_DAYS = "a whole number of days, of one year at most"
    PERIOD = "week, month, quarter or year"


@dataclass(frozen=True)
class Operator:
    """`words` follow the field's label in a sentence. `complement_of` names the operator this one negates exactly."""

    name: str
    words: str
    takes: Takes
    complement_of: str = ""
    relative: bool = False


def _table(*operators: Operator) -> Mapping[str, Operator]:
    return MappingProxyType({operator.name: operator for operator in operators})


IS = Operator("is", "is", Takes.ONE)
IS_NOT = Operator("is_not", "is not", Takes.ONE, complement_of="is")
ONE_OF = Operator("is_one_of", "is", Takes.SEVERAL)
NONE_OF = Operator("is_none_of", "is not", Takes.SEVERAL, complement_of="is_one_of")
FILLED = Operator("is_filled", "is filled", Takes.NOTHING)
EMPTY = Operator("is_empty", "is empty", Takes.NOTHING, complement_of="is_filled")
BETWEEN = Operator("between", "is between", Takes.TWO)

NOT_BETWEEN = Operator("not_between", "is not between", Takes.TWO, complement_of="between")

_CHOICE = _table(IS, IS_NOT, ONE_OF, NONE_OF, EMPTY, FILLED)
_DAY = _table(
    Operator("on", "is on", Takes.ONE),
    Operator("not_on", "is not on", Takes.ONE, complement_of="on"),
    Operator("before", "is before", Takes.ONE),
    Operator("after", "is after", Takes.ONE),
    Operator("on_or_before", "is on or before", Takes.ONE),
    Operator("on_or_after", "is on or after", Takes.ONE),
    BETWEEN,
    NOT_BETWEEN,
    Operator("in_last_days", "is in the last", Takes.DAYS, relative=True),
    Operator("not_in_last_days", "is not in the last", Takes.DAYS, complement_of="in_last_days", relative=True),
    Operator("in_next_days", "is in the next", Takes.DAYS, relative=True),
    Operator("not_in_next_days", "is not in the next", Takes.DAYS, complement_of="in_next_days", relative=True),
    Operator("over_days_ago", "is longer ago than", Takes.DAYS, relative=True),
    Operator("over_days_ahead", "is further ahead than", Takes.DAYS, relative=True),
    Operator("in_this", "is in this", Takes.PERIOD, relative=True),
    Operator("in_previous", "is in the previous", Takes.PERIOD, relative=True),
    Operator("in_next", "is in the next", Takes.PERIOD, relative=True),
    Operator("anniversary_today", "has its anniversary today", Takes.NOTHING, relative=True),
    Operator("anniversary_in_next_days", "has its anniversary in the next", Takes.YEAR_DAYS, relative=True),
    Operator("anniversary_in_last_days", "had its anniversary in the last", Takes.YEAR_DAYS, relative=True),
    EMPTY,
    FILLED,
)

OPERATORS: Mapping[FieldType, Mapping[str, Operator]] = MappingProxyType(
    {
        FieldType.TEXT: _table(
            IS,
            IS_NOT,
            ONE_OF,
            NONE_OF,
            Operator("contains", "contains", Takes.ONE),
            Operator("not_contains", "does not contain", Takes.ONE, complement_of="contains"),
            Operator("begins_with", "begins with", Takes.ONE),
            Operator("not_begins_with", "does not begin with", Takes.ONE, complement_of="begins_with"),
            Operator("ends_with", "ends with", Takes.ONE),
            Operator("not_ends_with", "does not end with", Takes.ONE, complement_of="ends_with"),
            EMPTY,
            FILLED,
        ),
        FieldType.CHOICE: _CHOICE,
        FieldType.REFERENCE: _CHOICE,
        FieldType.MULTI_CHOICE: _table(
            Operator("contains_any", "contains", Takes.SEVERAL),
            Operator("contains_all", "contains", Takes.SEVERAL),
            Operator("contains_none", "does not contain", Takes.SEVERAL, complement_of="contains_any"),
            EMPTY,
            FILLED,
        ),
        FieldType.NUMBER: _table(
            IS,
            IS_NOT,
            Operator("greater", "is more than", Takes.ONE),
            Operator("greater_or_equal", "is at least", Takes.ONE),
            Operator("less", "is less than", Takes.ONE),
            Operator("less_or_equal", "is at most", Takes.ONE),
            BETWEEN,
            NOT_BETWEEN,
            EMPTY,
            FILLED,
        ),
        FieldType.DATE: _DAY,
        FieldType.DATETIME: _DAY,
        FieldType.YES_NO: _table(IS, IS_NOT, EMPTY, FILLED),
    }
)


def listed(words: Iterable[str], last: str = "or") -> str:
    """ "a, b or c"."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end
