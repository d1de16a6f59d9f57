"""Recomputing every score from the facts and comparing: the promise that scores are what the facts say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DataError, connection, transaction
from django.utils import timezone

from contacts.models import Change, LaterChange
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.batch import Range
from scoring.compute import COLUMNS, all_scores_of
from scoring.definition import live_models
from scoring.models import LeadScore, RescoreRun, ScoringModel
from scoring.moments import At
from scoring.queue import CONSUMER
from scoring.sparing import failing_models

BATCH = 20_000
WAITING_SECONDS = 60
"""After so long what changed, or what time changes, must have been scored."""
BULK_SECONDS = 3_600
"""Imports and runs over every lead take their time, but not longer than this."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as promised. `lead_id` is None when it concerns no single lead."""

    what: str
    lead_id: int | None = None
    detail: str = ""

    def line(self) -> str:
        where = f"lead {self.lead_id}: " if self.lead_id else ""
        return f"{where}{self.what}{': ' + self.detail if self.detail else ''}"


# Leads with a waiting change, whose time has just come, or that a run has yet to reach will be scored anyway:
# comparing them would cry wolf.
DIFFERENCES = """
WITH queued AS (
    SELECT subject, unnest(subject_id || more_ids) AS subject_id FROM contacts_change WHERE consumer = %s
    UNION ALL SELECT 'contact', contact_id FROM contacts_laterchange WHERE due_at > %s AND due_at <= %s
), skipped AS (
    SELECT subject_id AS id FROM queued WHERE subject = 'lead'
    UNION SELECT lead.id FROM leads_lead lead JOIN queued ON subject = 'contact' AND subject_id = lead.contact_id
    UNION SELECT lead.id FROM leads_lead lead JOIN contacts_contact contact ON contact.account_id = lead.account_id
        JOIN queued ON subject = 'contact' AND subject_id = contact.id WHERE lead.contact_id IS NULL
    UNION SELECT lead.id FROM leads_lead lead JOIN queued ON subject = 'account' AND subject_id = lead.account_id
    UNION SELECT lead.id FROM leads_lead lead JOIN contacts_contact contact ON contact.id = lead.contact_id
        JOIN queued ON subject = 'account' AND subject_id = contact.account_id
    UNION SELECT lead_id FROM scoring_leadscore WHERE next_change_at > %s AND next_change_at <= %s
)
SELECT COALESCE(new.lead_id, old.lead_id), COALESCE(new.model_id, old.model_id),
    (old.score, old.points, old.counts, old.version_id, old.next_change_at)::text,
    (new.score, new.points, new.counts, new.version_id, new.next_change_at)::text
FROM (SELECT * FROM ({wanted}) computed OFFSET 0) new ({columns})
FULL JOIN (
    SELECT s.* FROM scoring_leadscore s JOIN leads_lead lead ON lead.id = s.lead_id
    WHERE s.lead_id > %s AND s.lead_id <= %s AND lead.status = 'open'
        AND NOT EXISTS (SELECT FROM scoring_scoringmodel model WHERE model.id = s.model_id AND model.keeps_scores)
) old ON old.lead_id = new.lead_id AND old.model_id = new.model_id
WHERE ((old.score, old.points, old.cuts, old.counts, old.version_id, old.fit, old.engagement, old.reached, old.grade,
        old.matrix) IS DISTINCT FROM (new.score, new.points, new.cuts, new.counts, new.version_id, new.fit,
        new.engagement, new.reached, new.grade, new.matrix)
        OR COALESCE(old.next_change_at, 'infinity') > COALESCE(new.next_change_at, 'infinity'))
    AND COALESCE(new.lead_id, old.lead_id) NOT IN (SELECT id FROM skipped)
    AND COALESCE(new.model_id, old.model_id) NOT IN (
        SELECT id FROM scoring_scoringmodel WHERE conditions_change_at > %s AND conditions_change_at <= %s)
    AND NOT EXISTS (SELECT FROM scoring_rescorerun WHERE finished_at IS NULL
        AND COALESCE(new.lead_id, old.lead_id) > after_id AND COALESCE(new.lead_id, old.lead_id) <= up_to_id)
    AND NOT EXISTS (SELECT FROM scoring_rescorechunk chunk JOIN scoring_rescorerun run ON run.id = chunk.run_id
        WHERE run.finished_at IS NULL AND COALESCE(new.lead_id, old.lead_id) > chunk.after_id
        AND COALESCE(new.lead_id, old.lead_id) <= chunk.up_to_id)
LIMIT 100
"""

SUMS = """
SELECT s.lead_id, s.score, s.points, s.cuts FROM scoring_leadscore s
WHERE s.score <> (SELECT COALESCE(sum(p), 0) FROM unnest(s.points || s.cuts) AS p) OR s.score <> s.fit + s.engagement
LIMIT 100
"""

SLOTS = """
SELECT lead.id, lead.score FROM leads_lead lead
WHERE lead.status = 'open' AND lead.deleted_at IS NULL
    AND lead.score IS DISTINCT FROM (
        SELECT s.score FROM scoring_leadscore s JOIN scoring_modelversion v ON v.id = s.version_id
            JOIN scoring_scoringmodel model ON model.id = s.model_id
        WHERE s.lead_id = lead.id
        ORDER BY model.keeps_scores, s.score - (v.definition ->> 'threshold')::int DESC, s.model_id LIMIT 1)
LIMIT 100
"""


def verify() -> list[Problem]:
    """Everything about scores that is not as promised; empty when all is well. Writes nothing."""
    return [*_wrong_sums(), *_wrong_slots(), *_wrong_scores(), *_given_up(), *_waiting_too_long()]


def _rows(sql: str, params: list[Any] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _wrong_sums() -> Iterator[Problem]:
    for lead_id, score, points, cuts in _rows(SUMS):
        detail = f"{score} against {points} less {cuts}"
        yield Problem("score is not the sum of its explanation", int(str(lead_id)), detail)


def _wrong_slots() -> Iterator[Problem]:
    for lead_id, score in _rows(SLOTS):
        yield Problem("Lead.score is not the score of its best model", int(str(lead_id)), f"it is {score}")


def _wrong_scores() -> Iterator[Problem]:
    last = Lead.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for after_id in range(0, last, BATCH):
        yield from _wrong_scores_of(Range(after_id, min(after_id + BATCH, last)))


def _wrong_scores_of(batch: Range) -> Iterator[Problem]:
    """Those of the batch, as one snapshot shows them; a lead that cannot be computed hides no other."""
    try:
        differences = _differences(batch)
    except DataError as error:
        halves = batch.halves()
        if not halves:
            names = ", ".join(failing_models(batch))
            yield Problem("it cannot be scored", batch.up_to_id, f"{str(error).strip()} in {names}")
        for half in halves:
            yield from _wrong_scores_of(half)
        return
    for lead_id, model_id, stored, facts in differences:
        detail = f"model {model_id}: stored {stored}, facts say {facts} (score, points, counts, version, next change)"
        yield Problem("stored score differs from the facts", int(str(lead_id)), detail)


def _differences(batch: Range) -> list[tuple[object, ...]]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        now = timezone.now()
        wanted = all_scores_of(live_models(), batch.leads(), lead_vocabulary(scoring=True), now=At(now))
        just_due = [now - timedelta(seconds=WAITING_SECONDS), now]
        params = [CONSUMER, *just_due, *just_due, *wanted.params, *batch.bounds(), *just_due]
        return _rows(DIFFERENCES.format(wanted=wanted.text, columns=COLUMNS), params)


def _given_up() -> Iterator[Problem]:
    for run in RescoreRun.objects.filter(finished_at=None, cancelled_at__isnull=False).select_related("acted_by"):
        detail = f"by {run.acted_by} after {run.leads_scored} of {run.total} leads; go live again to score the others"
        yield Problem("a run over every lead was cancelled", detail=detail)


def _waiting_too_long() -> Iterator[Problem]:
    changes = Change.objects.filter(consumer=CONSUMER)
    due = LeadScore.objects.filter(next_change_at__isnull=False)
    dated = ScoringModel.objects.live().filter(conditions_change_at__isnull=False)
    waiting = [
        ("a change", changes.filter(bulk=False), "queued_at", WAITING_SECONDS),
        ("what was dated ahead", LaterChange.objects.all(), "due_at", WAITING_SECONDS),
        ("a change of a bulk load", changes.filter(bulk=True), "queued_at", BULK_SECONDS),
        ("a run over every lead", RescoreRun.objects.to_do(), "started_at", BULK_SECONDS),
        ("a score that time changes", due, "next_change_at", WAITING_SECONDS),
        ("a model with conditions that time changes", dated, "conditions_change_at", WAITING_SECONDS),
    ]
    for what, rows, moment, seconds in waiting:
        since = rows.order_by(moment).values_list(moment, flat=True).first()
        if since and (timezone.now() - since).total_seconds() > seconds:
            yield Problem(f"{what} has waited too long to be scored", detail=f"since {since:%Y-%m-%d %H:%M:%S}")
