"""Types of values that calls carry, bounded so that every one fits its column."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict

from leadcrm.lib.api.problems import BadFields, TooSlowAsked, VersionMissing
from leadcrm.lib.paging import Sort, read_cursor, rows_of
from leadcrm.lib.patience import TooSlow, within

T = TypeVar("T")

LARGEST_ID = 2**63 - 1
MOST_ROWS = 200
YEARS = range(1970, 9001)
SECONDS_MS = 5000
"""How long the rows of one page may be looked for."""


def _within_years(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError("a moment in the years 1970 to 9000 is expected")
    return moment


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Moment = Annotated[AwareDatetime, AfterValidator(_within_years)]
"""With an offset, such as 2026-11-28T10:00:00Z."""
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many at most.")]
CursorWords = Annotated[str, Field(max_length=2000, description="`next` of the page before.")]


class Given(Schema):
    """What a call sends: unknown fields are refused by name."""

    model_config = ConfigDict(extra="forbid")

    nullable: ClassVar[frozenset[str]] = frozenset()
    """Which fields null empties; in all others, texts, it means the empty text."""

    def said(self) -> dict[str, Any]:
        """Only what the caller named, as services take it."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return {
            name: "" if value is None and not self._may_be_null(name) else value
            for name, value in values.items()
            if not (name == "custom" and value is None)
        }

    @classmethod
    def _may_be_null(cls, name: str) -> bool:
        """Whether null is a value. Of ids of our records it is; those that others gave theirs are texts."""
        return name in cls.nullable or (name.endswith("_id") and name != "external_id")


class PageOf(Schema, Generic[T]):
    """Rows, and the cursor of those that follow ("" after the last)."""

    items: list[T]
    next: str


def page_of(rows: QuerySet, sort: Sort, cursor: str, limit: int) -> dict[str, Any]:
    """A page as `PageOf` has it. Raises BadFields for no cursor of ours, TooSlowAsked."""
    if cursor and read_cursor(cursor, sort.columns) is None:
        raise BadFields({"cursor": "This is not a cursor of this list."})
    try:
        with within(SECONDS_MS):
            found, following = rows_of(rows, sort, cursor, size=limit)
    except TooSlow:
        raise TooSlowAsked from None
    return {"items": found, "next": following}


def version_in(if_match: str, current: int) -> int:
    """The version an If-Match header names; "*" is whichever is current. Raises VersionMissing."""
    words = if_match.strip()
    if words == "*":
        return current
    digits = words.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        raise VersionMissing
    return int(digits)


def tagged(response: HttpResponse, version: int) -> None:
    """Say the version of a record in its ETag."""
    response["ETag"] = f'"{version}"'
