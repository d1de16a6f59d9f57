"""How the scores of a model drifted: their mean, their middle and how many were ready, at the end of each month.

Scores of then are read from the history lead by lead, so at a million leads an even sample of them is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from leadcrm.lib.lately import lately
from leads.models import Lead
from scoring.models import ModelVersion

MONTHS = 12
SAMPLE = 5_000

SCORES_THEN = """
SELECT m.at, count(*), avg(c.score)::float8, percentile_cont(0.5) WITHIN GROUP (ORDER BY c.score)::float8,
    count(*) FILTER (WHERE c.score >= v.threshold)
FROM unnest(%(moments)s::timestamptz[]) AS m (at)
CROSS JOIN (
    SELECT l.id, l.created_at, l.closed_at FROM generate_series(%(first)s::bigint, %(last)s, %(step)s) AS one (id)
    JOIN leads_lead l ON l.id = one.id AND l.deleted_at IS NULL
) l
CROSS JOIN LATERAL (
    SELECT c.score, c.version_id FROM scoring_scorechange c
    WHERE c.lead_id = l.id AND c.model_id = %(model)s AND c.changed_at <= m.at
    ORDER BY c.changed_at DESC, c.id DESC LIMIT 1
) c
JOIN unnest(%(versions)s::bigint[], %(thresholds)s::int[]) AS v (id, threshold) ON v.id = c.version_id
WHERE l.created_at <= m.at AND (l.closed_at IS NULL OR l.closed_at > m.at)
GROUP BY m.at ORDER BY m.at
"""


@dataclass(frozen=True)
class Month:
    """The scores of leads that were open at its end (of the present one: now). `leads` are those asked."""

    at: datetime
    leads: int
    mean: float
    median: float
    ready: int

    @property
    def share(self) -> float:
        """How many of a hundred were ready."""
        return 100 * self.ready / self.leads


@dataclass(frozen=True)
class Drift:
    """The last twelve months, the oldest first; months in which nothing was scored are left out."""

    months: list[Month]
    sampled: bool


def drift_of(model_id: int) -> Drift:
    """At most a minute old."""
    return lately(f"drift:{model_id}", lambda: _drift(model_id))


def _drift(model_id: int) -> Drift:
    first = Lead.objects.order_by("id").values_list("id", flat=True).first() or 0
    last = Lead.objects.order_by("-id").values_list("id", flat=True).first() or 0
    step = max(1, (last - first) // SAMPLE + 1)
    versions = ModelVersion.objects.filter(model=model_id).values_list("pk", "definition__threshold")
    params = {
        "moments": _month_ends(),
        "first": first,
        "last": last,
        "step": step,
        "model": model_id,
        "versions": [pk for pk, _ in versions],
        "thresholds": [threshold for _, threshold in versions],
    }
    with connection.cursor() as cursor:
        cursor.execute(SCORES_THEN, params)
        return Drift([Month(*row) for row in cursor.fetchall()], sampled=step > 1)


def _month_ends() -> list[datetime]:
    """The ends of the last months in local time, and now."""
    now = timezone.localtime()
    ends = [now]
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(MONTHS - 1):
        ends.append(first - timedelta(microseconds=1))
        first = (first - timedelta(days=1)).replace(day=1)
    return ends[::-1]
