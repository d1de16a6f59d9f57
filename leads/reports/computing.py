"""Computing a report: a handful of statements however many leads there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, DurationField, ExpressionWrapper, F
from django.utils import timezone

from leads.models import LeadEvent, StageChange
from leads.reports.asked import EACH_REASON, Asked, Report
from leads.reports.grouping import Group, names_of, rows_of
from leads.reports.over_time import over_time
from leads.reports.responses import responses
from leads.reports.sets import (
    RETURNS,
    ended_during,
    leads_of,
    leads_there,
    left_during,
    living,
    measures_of,
    returns_of,
    stuck,
    with_end,
)
from leads.stages import ORDER

MOST_GROUPS = 200


def compute(asked: Asked) -> dict[str, Any]:
    """The figures of a report as JSON: for time in stages by stage, else the groups, their sum and the time before."""
    if asked.report == Report.TIME:
        return _times(asked)
    if asked.report == Report.RESPONSE:
        return _responses(asked)
    before = asked.before
    found = _counted(asked)
    total = _total(asked) if asked.by == EACH_REASON else _sum(found)
    return {
        "rows": _rows(asked, found),
        "groups": len(found),
        "total": _all_of(asked, total),
        "before": _all_of(before, _total(before)) if before else None,
        "over_time": _over_time(asked) if asked.report == Report.RETURNED else None,
    }


def _over_time(asked: Asked) -> list[tuple[str, str, int]]:
    return [(str(first), str(last), number) for first, last, number in over_time(returns_of(asked), asked)]


def _responses(asked: Asked) -> dict[str, Any]:
    found = responses(asked)
    before = responses(asked.before) if asked.before else None
    return {
        "rows": _rows(asked, found.counts),
        "groups": len(found.counts),
        "total": _all_of(asked, _sum(found.counts)),
        "before": _all_of(asked, _sum(before.counts)) if before else None,
        "lengths": found.lengths,
        "lengths_before": before.lengths if before else None,
    }


def _counted(asked: Asked) -> dict[Group, Counter[str]]:
    """What each figure counts of each group."""
    measures = measures_of(asked)
    if asked.report == Report.RETURNED:
        leads: Any = living(asked).filter(asked.during("events__happened_at"), events__kind=LeadEvent.Kind.RETURNED)
        counts = {one.name: Count("pk", filter=one.condition, distinct=True) for one in measures}
        counts[RETURNS] = Count("events")
    else:
        leads = leads_of(asked)
        counts = {one.name: Count("pk", filter=one.condition) for one in measures}
    rows = leads.order_by().annotate(grouped=rows_of(asked)).values("grouped").annotate(**counts)
    return {row["grouped"]: Counter({one.name: row[one.name] for one in measures}) for row in rows}


def _rows(asked: Asked, found: Mapping[Group, Counter[str]]) -> list[dict[str, Any]]:
    """A row for each group, the largest first: its id (None: leads without), its name, and what is counted of it."""
    first = measures_of(asked)[0].name
    groups = sorted(found, key=lambda group: (-found[group][first], group is None, group or 0))[:MOST_GROUPS]
    names = names_of(asked, groups)
    return [{"id": group, "name": names.get(group, ""), "counts": _all_of(asked, found[group])} for group in groups]


def _all_of(asked: Asked, counts: Mapping[str, int]) -> dict[str, int]:
    return {one.name: counts.get(one.name, 0) for one in measures_of(asked)}


def _sum(found: Mapping[Group, Counter[str]]) -> Counter[str]:
    return sum(found.values(), Counter[str]())


def _total(asked: Asked) -> Counter[str]:
    """What the figures count of all groups together: a lead that is in several of them once."""
    counts = {one.name: Count("pk", filter=one.condition) for one in measures_of(asked)}
    total = Counter(leads_of(asked).aggregate(**counts))
    if asked.report == Report.RETURNED:
        total[RETURNS] = returns_of(asked).count()
    return total


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
    moves = StageChange.objects.counted().filter(asked.during("moved_at"), lead__deleted_at=None, **narrowed)
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
