"""How long leads that became sales ready waited until sales accepted them, found for all of a period at once.

A subquery for each lead would be asked again by every figure that speaks of it: fifteen seconds for a hundred thousand.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from leads.reports.asked import Asked

STEPS = (
    ("15 min", timedelta(minutes=15)),
    ("1 h", timedelta(hours=1)),
    ("4 h", timedelta(hours=4)),
    ("1 day", timedelta(days=1)),
    ("1 week", timedelta(days=7)),
)
# Accepted: for the first time after it first became so in the period; waited since it last became so before that.
WAITED = """
SELECT ready.lead_id, taken.at - (
    SELECT max(again.happened_at) FROM leads_leadevent again
    WHERE again.lead_id = ready.lead_id AND again.kind = 'sales_ready' AND again.happened_at <= taken.at
) AS took
FROM (
    SELECT lead_id, min(happened_at) AS at FROM leads_leadevent
    WHERE kind = 'sales_ready' AND happened_at >= %s AND happened_at < %s GROUP BY lead_id
) ready
LEFT JOIN LATERAL (
    SELECT min(accepted.happened_at) AS at FROM leads_leadevent accepted
    WHERE accepted.lead_id = ready.lead_id AND accepted.kind = 'accepted' AND accepted.happened_at >= ready.at
) taken ON true
"""

READY = "SELECT lead_id FROM leads_leadevent WHERE kind = 'sales_ready' AND happened_at >= %s AND happened_at < %s"
TOOK = f"SELECT lead_id FROM ({WAITED}) waited WHERE CASE WHEN %s THEN took IS NULL ELSE took >= %s AND took < %s END"  # noqa: S608 (constants)
EVER = timedelta(days=365_000)


def waited(asked: Asked) -> tuple[str, list[Any]]:
    """SQL that gives each lead that became sales ready in the period (lead_id) and how long it waited (took), NULL
    where sales has not accepted it since; and its parameters.
    """
    return WAITED, [asked.begins, asked.ends]


def became_ready(asked: Asked) -> Q:
    """That a lead became sales ready in the period: by what happened, as what is returned later says so no longer."""
    return Q(pk__in=RawSQL(READY, [asked.begins, asked.ends]))  # noqa: S611


def took(asked: Asked, at_least: timedelta | None, less_than: timedelta | None) -> Q:
    """That a lead waited so long; that sales has not accepted it, for neither."""
    never = at_least is None and less_than is None
    _, params = waited(asked)
    limits = [never, at_least or timedelta(0), less_than or EVER]
    return Q(pk__in=RawSQL(TOOK, [*params, *limits]))  # noqa: S611
