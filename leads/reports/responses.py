"""The response report's figures: every lead is in one step of how long it took, and figures add steps up."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Value, When

from leads.models import Status
from leads.reports.asked import Asked
from leads.reports.grouping import Group, rows_of
from leads.reports.sets import is_late, living
from leads.reports.waits import STEPS, waited

# One pass: each lead's wait is looked for once, for its group and for all of them together (the row with all = 31).
GROUPED = """
SELECT lead.grouped, step, lead.status, lead.sales_ready, lead.late, count(*),
    grouping(lead.grouped, step, lead.status, lead.sales_ready, lead.late) AS all_of_them,
    percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY extract(epoch FROM took)::float)
FROM ({leads}) lead (id, grouped, status, sales_ready, late) JOIN ({waited}) waited ON waited.lead_id = lead.id
CROSS JOIN LATERAL width_bucket(extract(epoch FROM took), %s::numeric[]) step
GROUP BY GROUPING SETS ((lead.grouped, step, lead.status, lead.sales_ready, lead.late), ())
"""
LIMITS = [int(limit.total_seconds()) for _, limit in STEPS]
"""What separates the steps, in seconds."""


@dataclass(frozen=True)
class Responses:
    """How many leads each figure counts of each group; and of all leads that were accepted, how long they had waited,
    in seconds: the median, and what nine of ten were below.
    """

    counts: dict[Group, Counter[str]]
    lengths: dict[str, float | None]


def responses(asked: Asked) -> Responses:
    """All that the report says of a period, by one statement."""
    late: Any = Case(When(is_late(), then=Value(True)), default=Value(False))
    leads = living(asked).annotate(grouped=rows_of(asked), late=late).order_by()
    chosen, params = leads.values_list("pk", "grouped", "status", "sales_ready", "late").query.sql_with_params()
    waits, of_waits = waited(asked)
    counts: dict[Group, Counter[str]] = defaultdict(Counter)
    lengths: list[float] | None = None
    with connection.cursor() as cursor:
        cursor.execute(GROUPED.format(leads=chosen, waited=waits), [*params, *of_waits, LIMITS])
        for group, step, status, ready, was_late, number, all_of_them, waited_for in cursor:
            if all_of_them:
                lengths = waited_for
                continue
            figures = counts[group]
            figures["ready"] += number
            figures[_figure(step, status, ready)] += number
            figures["late"] += number if was_late else 0
    median, ninetieth = lengths or (None, None)
    return Responses(counts, {"median": _rounded(median), "ninetieth": _rounded(ninetieth)})


def _figure(step: int | None, status: str, ready: bool) -> str:
    if step is not None:
        return f"within_{LIMITS[step]}" if step < len(LIMITS) else "later"
    if status != Status.OPEN:
        return "closed"
    return "not_yet" if ready else "given_back"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
