"""Writing scores: only what changed, set by set.

One comparison of what is with what should be fills `score_diff`; when that stays empty nothing more is done.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from scoring.batch import Batch
from scoring.compute import COLUMNS
from scoring.definition import ModelSpec
from scoring.sql import Sql

TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS score_diff (
    lead_id bigint, model_id bigint, version_id bigint, score int, grade text, reached boolean,
    points int[], counts int[], next_change_at timestamptz, cuts int[], fit int, engagement int, matrix text,
    old_id bigint, old_score int, is_news boolean, is_gone boolean
) ON COMMIT DELETE ROWS;
DELETE FROM score_diff
"""

COMPARED = """
FROM (SELECT * FROM ({wanted}) computed OFFSET 0) new ({columns})
FULL JOIN ({stored}) old ON old.lead_id = new.lead_id AND old.model_id = new.model_id
WHERE (old.version_id, old.score, old.points, old.counts, old.next_change_at, old.cuts, old.fit, old.engagement,
        old.grade, old.reached, old.matrix)
    IS DISTINCT FROM
    (new.version_id, new.score, new.points, new.counts, new.next_change_at, new.cuts, new.fit, new.engagement,
        new.grade, new.reached, new.matrix)
    AND (new.lead_id IS NOT NULL OR old.next_change_at IS NOT NULL OR (
        SELECT lead.status = 'open' FROM leads_lead lead WHERE lead.id = old.lead_id))
"""
"""What a closed lead closed with is no difference, nor when the lead or its contact is deleted: both may come back.
Asked lead by lead, as a value: asked with EXISTS, every lead of the table would be hashed for each batch.
"""

DIFF = f"""
INSERT INTO score_diff
SELECT COALESCE(new.lead_id, old.lead_id), COALESCE(new.model_id, old.model_id), new.version_id, new.score, new.grade,
    new.reached, new.points, new.counts, new.next_change_at, new.cuts, new.fit, new.engagement, new.matrix,
    old.id, old.score, new.lead_id IS NOT NULL AND old.score IS DISTINCT FROM new.score,
    new.lead_id IS NULL
{COMPARED}
"""

# Only looks, so it may use every core.
DIFFERING = f"SELECT DISTINCT COALESCE(new.lead_id, old.lead_id) {COMPARED}"

COUNT = "SELECT count(*), count(*) FILTER (WHERE is_news), count(*) FILTER (WHERE is_gone) FROM score_diff"

# Points that change places leave no history (below a cap each visit would): the next step tells of both.
HISTORY = """
INSERT INTO scoring_scorechange (lead_id, model_id, version_id, previous, score, points, cuts, changed_at)
SELECT lead_id, model_id, version_id, old_score, score, points, cuts, %s FROM score_diff WHERE is_news
"""

CHANGED = """
UPDATE scoring_leadscore old SET version_id = new.version_id, score = new.score, grade = new.grade,
    reached = new.reached, points = new.points, counts = new.counts, next_change_at = new.next_change_at,
    cuts = new.cuts, fit = new.fit, engagement = new.engagement, matrix = new.matrix, computed_at = %s
FROM score_diff new
WHERE old.id = new.old_id AND old.lead_id = new.lead_id AND old.lead_id > %s AND old.lead_id <= %s AND NOT new.is_gone
"""

NEW = """
INSERT INTO scoring_leadscore (lead_id, model_id, version_id, score, grade, reached, points, counts, next_change_at,
    cuts, fit, engagement, matrix, computed_at)
SELECT lead_id, model_id, version_id, score, grade, reached, points, counts, next_change_at, cuts, fit, engagement,
    matrix, %s
FROM score_diff WHERE old_id IS NULL
"""

# Looked up lead by lead (OFFSET 0): how many leads are closed is just what statistics know too late.
LEAD_OF_GONE = """
CROSS JOIN LATERAL (
    SELECT lead.status <> 'open' OR EXISTS (
        SELECT FROM scoring_scoringmodel model WHERE model.id = gone.model_id AND model.keeps_scores) AS is_closed
    FROM leads_lead lead WHERE lead.id = gone.lead_id OFFSET 0
) lead
WHERE old.id = gone.old_id AND gone.is_gone
"""

# An open lead that a model no longer scores (audience, consent, model stopped, deleted) has no score in it any more; a
# closed one keeps what it closed with, deleted or not, and so does a lead what a model that keeps its scores gave; time
# no longer changes it.
FROZEN = f"""
UPDATE scoring_leadscore old SET next_change_at = NULL
FROM score_diff gone {LEAD_OF_GONE} AND lead.is_closed AND old.next_change_at IS NOT NULL
"""
GONE = f"DELETE FROM scoring_leadscore old USING score_diff gone {LEAD_OF_GONE} AND NOT lead.is_closed"

# Lead.score is the score of the model that comes closest to its threshold or is furthest past it.
SLOTS = """
UPDATE leads_lead SET score = best.score, grade = COALESCE(best.grade, ''), scored_at = %s
FROM (
    SELECT DISTINCT ON (changed.lead_id) changed.lead_id AS id, s.score, s.grade
    FROM (SELECT DISTINCT lead_id FROM score_diff) changed
    LEFT JOIN scoring_leadscore s ON s.lead_id = changed.lead_id AND s.lead_id > %s AND s.lead_id <= %s
    LEFT JOIN unnest(%s::bigint[], %s::int[]) AS model (id, threshold) ON model.id = s.model_id
    ORDER BY changed.lead_id, s.score - model.threshold DESC NULLS LAST, s.model_id
) best
WHERE leads_lead.id = best.id AND leads_lead.id > %s AND leads_lead.id <= %s
    AND (leads_lead.score, leads_lead.grade) IS DISTINCT FROM (best.score, COALESCE(best.grade, ''))
"""

# New scores are told to whoever asked for them; many at once wait until the others are done.
TOLD = """
SELECT contacts_note_further('scores', 'lead', ARRAY(SELECT DISTINCT lead_id FROM score_diff), %s)
WHERE contacts_someone_hears('scores')
"""
MANY = 1_000


def differing(wanted: Sql, batch: Batch) -> list[int]:
    """The ids of the batch's leads whose stored scores are not what `wanted` says. Locks and writes nothing."""
    stored, stored_params = batch.scores().order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            DIFFERING.format(wanted=wanted.text, columns=COLUMNS, stored=stored), [*wanted.params, *stored_params]
        )
        return sorted(lead_id for (lead_id,) in cursor.fetchall())


def scores(wanted: Sql, batch: Batch, models: list[ModelSpec], *, now: datetime) -> int:
    """Bring score rows, history and `Lead.score` of the batch up to `wanted` (a SELECT of `compute.COLUMNS`).

    Returns how many scores changed.
    """
    stored, stored_params = batch.scores().order_by().query.sql_with_params()
    diff = DIFF.format(wanted=wanted.text, columns=COLUMNS, stored=stored)
    bounds = batch.bounds()
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(diff, [*wanted.params, *stored_params])
        cursor.execute(COUNT)
        different, news, gone = cursor.fetchone()
        if not different:
            return 0
        if different > MANY:
            cursor.execute("ANALYZE score_diff (lead_id, old_id)")
        cursor.execute(HISTORY, [now])
        cursor.execute(CHANGED, [now, *bounds])
        cursor.execute(NEW, [now])
        if gone:
            cursor.execute(FROZEN)
            cursor.execute(GONE)
        thresholds = [[model.model_id for model in models], [model.threshold for model in models]]
        cursor.execute(SLOTS, [now, *bounds, *thresholds, *bounds])
        cursor.execute(TOLD, [different > MANY])
    return int(news)
