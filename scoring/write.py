"""Writing scores: only what changed, set by set, from the temporary table `scored` that the engine filled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from leads.models import Lead
from scoring.definition import ModelSpec

SCORED_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS scored (
    lead_id bigint, model_id bigint, version_id bigint, score int, grade text, reached boolean,
    points int[], counts int[], next_change_at timestamptz
) ON COMMIT DELETE ROWS;
DELETE FROM scored
"""

HISTORY = """
INSERT INTO scoring_scorechange (lead_id, model_id, version_id, previous, score, points, changed_at)
SELECT new.lead_id, new.model_id, new.version_id, old.score, new.score, new.points, %s
FROM scored new LEFT JOIN scoring_leadscore old ON old.lead_id = new.lead_id AND old.model_id = new.model_id
WHERE old.id IS NULL OR (old.score, old.points, old.version_id) IS DISTINCT FROM (new.score, new.points, new.version_id)
"""

CHANGED = """
UPDATE scoring_leadscore old SET version_id = new.version_id, score = new.score, grade = new.grade,
    reached = new.reached, points = new.points, counts = new.counts, next_change_at = new.next_change_at,
    computed_at = %s
FROM scored new
WHERE old.lead_id = new.lead_id AND old.model_id = new.model_id
    AND (old.version_id, old.score, old.grade, old.reached, old.points, old.counts, old.next_change_at)
        IS DISTINCT FROM
        (new.version_id, new.score, new.grade, new.reached, new.points, new.counts, new.next_change_at)
"""

NEW = """
INSERT INTO scoring_leadscore (lead_id, model_id, version_id, score, grade, reached, points, counts, next_change_at,
    computed_at)
SELECT new.lead_id, new.model_id, new.version_id, new.score, new.grade, new.reached, new.points, new.counts,
    new.next_change_at, %s
FROM scored new
WHERE NOT EXISTS (SELECT FROM scoring_leadscore old WHERE old.lead_id = new.lead_id AND old.model_id = new.model_id)
ORDER BY new.lead_id, new.model_id
"""

# A lead that a model no longer scores (audience, consent, model stopped, deleted) has no score in it any more; a
# closed one keeps what it closed with, and time no longer changes it.
GONE = """
DELETE FROM scoring_leadscore old
USING ({leads}) lead LEFT JOIN contacts_contact contact ON contact.id = lead.contact_id
WHERE old.lead_id = lead.id
    AND (lead.status = 'open' OR lead.deleted_at IS NOT NULL OR contact.deleted_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM scored new WHERE new.lead_id = old.lead_id AND new.model_id = old.model_id)
"""

FROZEN = """
UPDATE scoring_leadscore old SET next_change_at = NULL
FROM ({leads}) lead
WHERE old.lead_id = lead.id AND old.next_change_at IS NOT NULL AND lead.status <> 'open'
"""

# Lead.score is the score of the model that comes closest to its threshold or is furthest past it.
SLOTS = """
UPDATE leads_lead SET score = best.score, grade = COALESCE(best.grade, ''), scored_at = %s
FROM (
    SELECT DISTINCT ON (lead.id) lead.id, s.score, s.grade
    FROM ({leads}) lead
    LEFT JOIN scoring_leadscore s ON s.lead_id = lead.id
    LEFT JOIN unnest(%s::bigint[], %s::int[]) AS model (id, threshold) ON model.id = s.model_id
    ORDER BY lead.id, s.score - model.threshold DESC NULLS LAST, s.model_id
) best
WHERE leads_lead.id = best.id AND (leads_lead.score, leads_lead.grade) IS DISTINCT FROM
    (best.score, COALESCE(best.grade, ''))
"""


def scores(leads: QuerySet[Lead], *, now: datetime) -> int:
    """Bring score rows and history up to the table `scored`. Returns how many history rows that took."""
    text, params = _subquery(leads)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [now])
        changed: int = cursor.rowcount
        cursor.execute(CHANGED, [now])
        cursor.execute(NEW, [now])
        cursor.execute(GONE.format(leads=text), params)
        cursor.execute(FROZEN.format(leads=text), params)
    return changed


def slots(leads: QuerySet[Lead], models: list[ModelSpec], *, now: datetime) -> None:
    """Bring `Lead.score` and `Lead.grade` up to the score rows."""
    text, params = _subquery(leads)
    thresholds = [[model.model_id for model in models], [model.threshold for model in models]]
    with connection.cursor() as cursor:
        cursor.execute(SLOTS.format(leads=text), [now, *params, *thresholds])


def _subquery(leads: QuerySet[Lead]) -> tuple[str, list[Any]]:
    """The leads of this pass, as a subquery with the columns the statements above read."""
    columns = leads.order_by().values("id", "contact_id", "status", "deleted_at")
    text, params = columns.query.sql_with_params()
    return text, list(params)
