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

_CHOICE = _table(IS, IS_NOT, ONE_OF, NONE_OF, EMPTY, FILLED)
_DAY = _table(
    Operator("on", "is on", Takes.ONE),
    Operator("before", "is before", Takes.ONE),
    Operator("after", "is after", Takes.ONE),
    BETWEEN,
    Operator("in_last_days", "is in the last", Takes.DAYS, relative=True),
    Operator("not_in_last_days", "is not in the last", Takes.DAYS, complement_of="in_last_days", relative=True),
    Operator("in_next_days", "is in the next", Takes.DAYS, relative=True),
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
            Operator("begins_with", "begins with", Takes.ONE),
            Operator("ends_with", "ends with", Takes.ONE),
            EMPTY,
            FILLED,
        ),
        FieldType.CHOICE: _CHOICE,
        FieldType.REFERENCE: _CHOICE,
        FieldType.MULTI_CHOICE: _table(
            Operator("contains_any", "contains", Takes.SEVERAL),
            Operator("contains_all", "contains", Takes.SEVERAL),
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
            EMPTY,
            FILLED,
        ),
        FieldType.DATE: _DAY,
        FieldType.DATETIME: _DAY,
        FieldType.YES_NO: _table(IS),
    }
)


def listed(words: Iterable[str], last: str = "or") -> str:
    """ "a, b or c"."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end
