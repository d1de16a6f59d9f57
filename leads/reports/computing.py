"""Computing a report: a handful of statements however many leads there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F
from django.utils import timezone

from contacts.models import MarketingContext
from leadcrm.lib.aggregates import Median
from leads.models import Lead, StageChange
from leads.reports.asked import Asked, Report
from leads.reports.sets import ended_during, leads_of, leads_there, left_during, measures_of, stuck, with_end
from leads.stages import ORDER

MOST_GROUPS = 200


class Ninetieth(Aggregate):
    """The value below which nine of ten are."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.9) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False


def compute(asked: Asked) -> dict[str, Any]:
    """The figures of a report as JSON: for time in stages by stage, else the groups, their sum and the time before."""
    if asked.report == Report.TIME:
        return _times(asked)
    before = asked.before
    rows = _rows(asked)
    return {
        "rows": rows[:MOST_GROUPS],
        "groups": len(rows),
        "total": _sum(asked, rows),
        "before": _total(before) if before else None,
        "lengths": _lengths(asked) if asked.report == Report.RESPONSE else None,
        "lengths_before": _lengths(before) if before and asked.report == Report.RESPONSE else None,
    }


def _rows(asked: Asked) -> list[dict[str, Any]]:
    """A row for each group, the largest first: its id (None: leads without), its name, and what is counted of it."""
    measures = measures_of(asked)
    counts = {one.name: Count("pk", filter=one.condition) for one in measures}
    found = leads_of(asked).order_by().values(asked.by).annotate(**counts)
    rows = sorted(found, key=lambda row: (-row[measures[0].name], row[asked.by] is None, row[asked.by] or 0))
    through_context = asked.by.startswith("marketing_context")
    model: Any = MarketingContext if through_context else Lead._meta.get_field(asked.by).related_model
    names = model._default_manager.in_bulk([row[asked.by] for row in rows[:MOST_GROUPS] if row[asked.by] is not None])
    return [
        {
            "id": row[asked.by],
            "name": str(names.get(row[asked.by], "")) if row[asked.by] is not None else "",
            "counts": {one.name: row[one.name] for one in measures},
        }
        for row in rows
    ]


def _sum(asked: Asked, rows: list[dict[str, Any]]) -> dict[str, int]:
    return {one.name: sum(row["counts"][one.name] for row in rows) for one in measures_of(asked)}


def _total(asked: Asked) -> dict[str, int]:
    return leads_of(asked).aggregate(**{one.name: Count("pk", filter=one.condition) for one in measures_of(asked)})


def _lengths(asked: Asked) -> dict[str, float | None]:
    """How long leads waited until they were accepted, in seconds: the median and what nine of ten were below."""
    found = leads_of(asked).aggregate(median=Median("took"), ninetieth=Ninetieth("took"))
    return {name: _seconds(value) for name, value in found.items()}


def _times(asked: Asked) -> dict[str, Any]:
    """For each stage: how long leads that left it in the period had been there, who is there now, and who is stuck."""
    now, before = timezone.now(), asked.before
    lasted, earlier = _lasted(asked), _lasted(before) if before else {}
    usual = {stage: _whole(lasted.get(stage, {}).get("ninetieth")) for stage in ORDER}
    counts: dict[str, Any] = {}
    for stage in ORDER:
        counts[f"there_{stage}"] = Count("pk", filter=leads_there(stage))
        counts[f"left_{stage}"] = Count("pk", filter=left_during(asked, stage))
        seconds = usual[stage]
        counts[f"stuck_{stage}"] = Count(
            "pk", filter=leads_there(stage) & stuck(stage, now, timedelta(seconds=seconds or NEVER))
        )
    found = with_end(leads_of(asked)).aggregate(**counts)
    return {
        "asof": now.isoformat(),
        "stages": [
            {
                "stage": stage.value,
                "left": found[f"left_{stage}"],
                "there": found[f"there_{stage}"],
                "stuck": found[f"stuck_{stage}"],
                "over": usual[stage] or NEVER,
                **lasted.get(stage, {"median": None, "ninetieth": None, "visits": 0}),
                "median_before": earlier.get(stage, {}).get("median"),
            }
            for stage in ORDER
        ],
    }


NEVER = 10 * 365 * 24 * 3600
"""What is usual where nobody has left a stage: then only a process' own limit says who is stuck."""


LASTED = """
SELECT stage, percentile_cont(0.5) WITHIN GROUP (ORDER BY lasted), percentile_cont(0.9) WITHIN GROUP (ORDER BY lasted),
    count(*) FROM ({visits}) visits (stage, lasted) GROUP BY stage
"""


def _lasted(asked: Asked) -> dict[str, dict[str, Any]]:
    """How long each visit that ended in the period had lasted, by stage: those that ended with a move, and those that
    ended because the lead was closed or its process was over.
    """
    narrowed = {f"lead__{name}": pk for name, pk in asked.narrowed}
    moves = StageChange.objects.filter(asked.during("moved_at"), lead__deleted_at=None, **narrowed)
    moves = moves.filter(lead__contact__deleted_at=None)
    closings = with_end(leads_of(asked)).filter(ended_during(asked))
    visits: Any = (
        moves.order_by().values_list("from_stage", _length(F("moved_at") - F("entered_at"))),
        closings.order_by().values_list("stage", _length(F("ended") - F("stage_entered_at"))),
    )
    sql, params = visits[0].union(visits[1], all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LASTED.format(visits=sql), params)
        rows = cursor.fetchall()
    return {
        stage: {"median": _seconds(median), "ninetieth": _seconds(ninetieth), "visits": visits}
        for stage, median, ninetieth, visits in rows
    }


def _length(difference: Any) -> ExpressionWrapper:
    return ExpressionWrapper(difference, DurationField())


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 3)


def _whole(seconds: float | None) -> int:
    return 0 if seconds is None else max(1, round(seconds))
