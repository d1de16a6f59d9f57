"""One value of a condition, checked and typed. Limits keep trees small and every value printable in SQL."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from leads.conditions.days import PERIODS
from leads.conditions.errors import refuse
from leads.conditions.nodes import Scalar
from leads.conditions.operators import FieldType, listed
from leads.conditions.vocabulary import Choice, Field

Path = tuple[str, ...]

LONGEST_TEXT = 500
LONGEST_LIST = 200
MOST_DAYS = 3660
DAYS_OF_A_YEAR = 366
BIGGEST_NUMBER = 10**15
BIGGEST_ID = 2**63 - 1
EARLIEST, LATEST = date(1000, 1, 1), date(9000, 12, 31)
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def echo(value: object) -> str:
    """What was given, short and in plain ASCII, so that an error can always be shown and stored."""
    if isinstance(value, str):
        return ascii(value) if len(value) <= 60 else ascii(value[:60]) + "..."
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null"
    if isinstance(value, int):
        return str(value) if abs(value) <= BIGGEST_ID else "a number that is too large"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return "something that is not JSON"


def text(value: object, path: Path) -> str:
    """A text that PostgreSQL can hold: not empty, not too long, no NUL, no half of a surrogate pair."""
    expected = f"a text of 1 to {LONGEST_TEXT} characters"
    if not isinstance(value, str) or not value:
        refuse(path, f"{echo(value)} will not do", expected)
    if len(value) > LONGEST_TEXT:
        refuse(path, f"{len(value)} characters", expected)
    for index, character in enumerate(value):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            refuse(path, f"the character {character!a} at {index} cannot be stored", "a text without it")
    return value


def flag(value: object, path: Path) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        refuse(path, f"{echo(value)} will not do", "true or false")
    return value


def whole(value: object, path: Path, most: int) -> int:
    """A whole number from 1 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        refuse(path, f"{echo(value)} will not do", f"a whole number from 1 to {most}")
    return value


def days(value: object, path: Path, most: int = MOST_DAYS) -> int:
    """A number of days to look back or ahead."""
    return whole(value, path, most)


def period_name(value: object, path: Path) -> str:
    """A period of the calendar."""
    if not isinstance(value, str) or value not in PERIODS:
        refuse(path, f"{echo(value)} will not do", listed(PERIODS))
    return value


def number(value: object, path: Path) -> Decimal:
    """A finite number of reasonable size, exactly as it was written."""
    expected = f"a number from -{BIGGEST_NUMBER} to {BIGGEST_NUMBER}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(path, f"{echo(value)} is not a number", expected)
    if not abs(value) <= BIGGEST_NUMBER:  # so written, NaN fails too
        refuse(path, f"{echo(value)} will not do", expected)
    return Decimal(repr(value))


def day(value: object, path: Path) -> date:
    """A calendar day, as YYYY-MM-DD."""
    expected = "a day as YYYY-MM-DD"
    if not isinstance(value, str) or not ISO_DAY.fullmatch(value):
        refuse(path, f"{echo(value)} is not a day", expected)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        refuse(path, f"there is no day {value}", expected)
    if not EARLIEST <= found <= LATEST:
        refuse(path, f"{value} is out of range", f"{expected}, from {EARLIEST} to {LATEST}")
    return found


def choice(field: Field, value: object, path: Path, stored: bool) -> Choice:
    """One of the values the field offers; with `stored`, also one it no longer offers."""
    found: Choice
    if field.type is FieldType.REFERENCE:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= BIGGEST_ID:
            refuse(path, f"{echo(value)} will not do", f"the id (a whole number) of a {field.label}")
        found = value
    else:
        found = text(value, path)
    if not stored and field.choices is not None and found not in field.choices.labels([found]):
        offered = ", ".join(str(each) for each, _ in field.choices.offered()[:50])
        refuse(path, f"{field.label} does not offer {echo(found)}", f"one of {offered}" if offered else "nothing yet")
    return found


def one_value(field: Field, value: object, path: Path, stored: bool) -> Scalar:
    """`value` as the field's type has it."""
    if field.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.REFERENCE):
        return choice(field, value, path, stored)
    if field.type is FieldType.NUMBER:
        return number(value, path)
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        return day(value, path)
    if field.type is FieldType.YES_NO:
        return flag(value, path)
    return text(value, path)
