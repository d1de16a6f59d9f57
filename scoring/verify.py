"""Recomputing every score from the facts and comparing: the promise that scores are what the facts say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Change
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.batch import Range
from scoring.compute import COLUMNS, all_scores_of
from scoring.definition import live_models
from scoring.models import RescoreRun
from scoring.moments import At
from scoring.queue import CONSUMER

BATCH = 20_000
WAITING_SECONDS = 60


@dataclass(frozen=True)
class Problem:
    """Something that is not as promised. `lead_id` is None when it concerns no single lead."""

    what: str
    lead_id: int | None = None
    detail: str = ""

    def line(self) -> str:
        where = f"lead {self.lead_id}: " if self.lead_id else ""
        return f"{where}{self.what}{': ' + self.detail if self.detail else ''}"


# Leads with a waiting change, or whose time has come, will be scored anyway: comparing them would cry wolf.
DIFFERENCES = """
WITH queued AS (
    SELECT subject, subject_id FROM contacts_change WHERE consumer = %s
), skipped AS (
    SELECT subject_id AS id FROM queued WHERE subject = 'lead'
    UNION SELECT lead.id FROM leads_lead lead JOIN queued ON subject = 'contact' AND subject_id = lead.contact_id
    UNION SELECT lead.id FROM leads_lead lead JOIN contacts_contact contact ON contact.account_id = lead.account_id
        JOIN queued ON subject = 'contact' AND subject_id = contact.id WHERE lead.contact_id IS NULL
    UNION SELECT lead.id FROM leads_lead lead JOIN queued ON subject = 'account' AND subject_id = lead.account_id
    UNION SELECT lead.id FROM leads_lead lead JOIN contacts_contact contact ON contact.id = lead.contact_id
        JOIN queued ON subject = 'account' AND subject_id = contact.account_id
    UNION SELECT lead_id FROM scoring_leadscore WHERE next_change_at <= now()
)
SELECT COALESCE(new.lead_id, old.lead_id), COALESCE(new.model_id, old.model_id), old.score, old.points,
    new.score, new.points
FROM (SELECT * FROM ({wanted}) computed OFFSET 0) new ({columns})
FULL JOIN (
    SELECT s.* FROM scoring_leadscore s JOIN leads_lead lead ON lead.id = s.lead_id
    WHERE s.lead_id > %s AND s.lead_id <= %s AND lead.status = 'open'
) old ON old.lead_id = new.lead_id AND old.model_id = new.model_id
WHERE (old.score, old.points, old.reached, old.grade) IS DISTINCT FROM (new.score, new.points, new.reached, new.grade)
    AND COALESCE(new.lead_id, old.lead_id) NOT IN (SELECT id FROM skipped)
LIMIT 100
"""

SUMS = """
SELECT s.lead_id, s.score, s.points FROM scoring_leadscore s
WHERE s.score <> (SELECT COALESCE(sum(p), 0) FROM unnest(s.points) AS p)
LIMIT 100
"""

SLOTS = """
SELECT lead.id, lead.score FROM leads_lead lead
WHERE lead.status = 'open' AND lead.deleted_at IS NULL
    AND lead.score IS DISTINCT FROM (
        SELECT s.score FROM scoring_leadscore s JOIN scoring_modelversion v ON v.id = s.version_id
        WHERE s.lead_id = lead.id
        ORDER BY s.score - (v.definition ->> 'threshold')::int DESC, s.model_id LIMIT 1)
LIMIT 100
"""


def verify() -> list[Problem]:
    """Everything about scores that is not as promised; empty when all is well. Writes nothing."""
    return [*_wrong_sums(), *_wrong_slots(), *_wrong_scores(), *_waiting_too_long()]


def _rows(sql: str, params: list[Any] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _wrong_sums() -> Iterator[Problem]:
    for lead_id, score, points in _rows(SUMS):
        yield Problem("score is not the sum of its explanation", int(str(lead_id)), f"{score} against {points}")


def _wrong_slots() -> Iterator[Problem]:
    for lead_id, score in _rows(SLOTS):
        yield Problem("Lead.score is not the score of its best model", int(str(lead_id)), f"it is {score}")


def _wrong_scores() -> Iterator[Problem]:
    run = RescoreRun.objects.filter(finished_at=None).order_by("after_id").first()
    last = Lead.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if run:
        last = min(last, run.after_id)  # what lies ahead of an unfinished run is queued
    for after_id in range(0, last, BATCH):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            up_to = min(after_id + BATCH, last)
            leads, now = Range(after_id, up_to).leads(), timezone.now()
            wanted = all_scores_of(live_models(), leads, lead_vocabulary(scoring=True), now=At(now))
            differences = DIFFERENCES.format(wanted=wanted.text, columns=COLUMNS)
            for lead_id, model_id, old, old_points, new, new_points in _rows(
                differences, [CONSUMER, *wanted.params, after_id, up_to]
            ):
                yield Problem(
                    "stored score differs from the facts",
                    int(str(lead_id)),
                    f"model {model_id}: stored {old} {old_points}, facts say {new} {new_points}",
                )


def _waiting_too_long() -> Iterator[Problem]:
    oldest = Change.objects.filter(consumer=CONSUMER, bulk=False).order_by("queued_at").first()
    if oldest and (timezone.now() - oldest.queued_at).total_seconds() > WAITING_SECONDS:
        yield Problem("a change has waited too long to be scored", detail=f"since {oldest.queued_at:%Y-%m-%d %H:%M:%S}")
