"""Turning the switches of scoring, and what follows for what is there already."""

from __future__ import annotations

from django.db import connection, transaction

from leadcrm.lib import doorbell
from scoring.models import ScoringModel, Switches
from scoring.runs import SCORE_CHANGES, start_run
from scoring.turns import change_models

# As when a process changes: those that scores could still move.
LOOK_AGAIN = """
INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
SELECT 'scoring', 'lead', id, true FROM leads_lead
WHERE status = 'open' AND deleted_at IS NULL AND NOT sales_ready AND score IS NOT NULL
"""


@transaction.atomic
def turn(*, sales_ready: bool, qualification: bool, clean_up: bool) -> Switches:
    """Turn them so. What is turned on is made up for: leads move that would have, scores go that were kept."""
    change_models()
    before = Switches.now()
    values = {"sales_ready": sales_ready, "qualification": qualification, "clean_up": clean_up}
    after, _ = Switches.objects.update_or_create(pk=1, defaults=values)
    if (sales_ready and not before.sales_ready) or (qualification and not before.qualification):
        with connection.cursor() as cursor:
            cursor.execute(LOOK_AGAIN)
    if clean_up and ScoringModel.objects.filter(keeps_scores=True).update(keeps_scores=False):
        start_run()
    doorbell.ring_on_commit(SCORE_CHANGES)
    return after
