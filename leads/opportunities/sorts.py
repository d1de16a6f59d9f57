"""The orders in which opportunities are listed; each has an index."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import QueryDict

from leadcrm.lib.paging import ID, Column, Sort
from leads.opportunities.stages import OpportunityStatus

BY_CLOSE = Sort("close", "Next to close", (Column("expected_close", date, nullable=True), ID))
BY_VALUE = Sort("value", "Value", (Column("value", Decimal, nullable=True), ID), descending=True)
NEWEST = Sort("newest", "Newest", (ID,), descending=True)
OPEN_SORTS = [BY_CLOSE, BY_VALUE, NEWEST]
CLOSED_SORTS = [NEWEST, BY_VALUE]
"""For lists that hold closed ones: the index by expected close has the open ones alone."""


def sorts_for(query: QueryDict) -> list[Sort]:
    """The orders that are offered for what the address of the list asks."""
    return OPEN_SORTS if query.get("status", OpportunityStatus.OPEN) == OpportunityStatus.OPEN else CLOSED_SORTS
