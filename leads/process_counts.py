"""How many open leads are in each process and in each of its stages: honestly, in one query, and never for long."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import F, QuerySet

from leadcrm.lib.facts import SOON, Count
from leadcrm.lib.patience import TooSlow, within
from leads.models import Process
from leads.stages import ORDER

COUNTING_MS = 60
COUNTS = """
SELECT process.id, stage.name, (
    SELECT count(*) FROM (
        SELECT 1 FROM leads_lead
        WHERE process_id = process.id AND stage = stage.name AND status = 'open' AND deleted_at IS NULL
            AND process_state = 'active'
        LIMIT %s) AS counted)
FROM unnest(%s::bigint[]) AS process(id) CROSS JOIN unnest(%s::text[]) AS stage(name)
"""


def in_order() -> QuerySet[Process]:
    """The processes: the default one first, those that take leads by name, the retired last."""
    return Process.objects.order_by(F("retired_at").asc(nulls_first=True), "-is_default", "name")


def counts_of(process_ids: Sequence[int]) -> dict[int, dict[str, Count]]:
    """Open leads on their way by process and stage, "2,000+" where there are more; nothing when that takes too long."""
    if not process_ids:
        return {}
    try:
        with within(COUNTING_MS), connection.cursor() as cursor:
            cursor.execute(COUNTS, [SOON + 1, list(process_ids), [stage.value for stage in ORDER]])
            found = cursor.fetchall()
    except TooSlow:
        return {}
    counts: dict[int, dict[str, Count]] = {}
    for process_id, stage, number in found:
        counts.setdefault(process_id, {})[stage] = Count(min(number, SOON), number > SOON)
    return counts
