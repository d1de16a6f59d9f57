"""Aggregates that PostgreSQL has and the ORM has not."""

from __future__ import annotations

from django.db.models import Aggregate


class Median(Aggregate):
    """The middle value; numbers and lengths of time alike."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False
