"""What waits to be scored, and taking it up: changed facts, scores that time changes, and runs over every lead."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.waiting import claim_changes
from leads.affected import leads_of_subjects
from leads.conditions import lead_vocabulary
from scoring.compute import condition_change
from scoring.definition import spec_of
from scoring.engine import score_leads
from scoring.models import LeadScore, ModelVersion, ScoringModel
from scoring.moments import At
from scoring.runs import start_run
from scoring.turns import change_models

CONSUMER = "scoring"
LIVE_BATCH = 1_000
BULK_BATCH = 10_000
IDLE_BATCH = 40_000
"""While no model is live: there is nothing to compute, and asking takes as long for few."""
DUE_BATCH = 5_000


def score_changes(*, bulk: bool = False) -> int:
    """Delete the oldest waiting changes and score their leads, in one transaction.

    Rows that another worker holds are skipped; rows that arrive meanwhile stay for the next call, so a fact that
    commits while its lead is being scored is scored again. Returns of how many subjects they told.
    """
    most = LIVE_BATCH
    if bulk:
        most = BULK_BATCH if ScoringModel.objects.live().exists() else IDLE_BATCH
    with transaction.atomic():
        subjects = claim_changes(CONSUMER, bulk=bulk, most=most)
        if subjects:
            score_leads(leads_of_subjects(subjects))
    return sum(map(len, subjects.values()))


def score_due() -> int:
    """Score leads whose `next_change_at` has come. Returns how many."""
    due = LeadScore.objects.filter(next_change_at__lte=timezone.now()).order_by("next_change_at")
    ids = sorted(set(due.values_list("lead_id", flat=True)[:DUE_BATCH]))
    if ids:
        score_leads(ids)
    return len(ids)


@transaction.atomic
def follow_dates() -> None:
    """When days begin that conditions or audiences speak of, or begin elsewhere because the workspace has another time
    zone than when its scores were computed, every lead is looked at again.

    That moment is the same for every lead, with a score or without, so the model knows it. Passes under way, which
    compute as of an earlier one, come to their end first: the run finds what they wrote.
    """
    turned = Q(conditions_change_at__lte=timezone.now())
    due = ScoringModel.objects.live().filter(turned | ~Q(days_of=timezone.get_default_timezone_name()))
    if not due.exists():
        return
    change_models()
    models = list(due.select_related("version").select_for_update(skip_locked=True, of=("self",)))
    for model in models:
        assert model.version is not None
        expect_dates(model, model.version)
        model.save(update_fields=["conditions_change_at", "days_of"])
    if models:
        start_run(models[0].pk if len(models) == 1 else None)


def expect_dates(model: ScoringModel, version: ModelVersion) -> None:
    """Note, without saving, when time may next change what the conditions and the audience of `version` say, and whose
    days those are.
    """
    vocabulary = lead_vocabulary(scoring=True)
    model.conditions_change_at = condition_change(spec_of(version), vocabulary, now=At(timezone.now()))
    model.days_of = timezone.get_default_timezone_name()
