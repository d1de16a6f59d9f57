"""Going live and stopping."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import doorbell
from scoring.checks import errors_in
from scoring.definition import freeze
from scoring.errors import ModelNotLive, ModelNotReady
from scoring.models import ModelVersion, ScoringModel, State, Switches
from scoring.queue import expect_dates
from scoring.runs import SCORE_CHANGES, start_run
from scoring.turns import change_models


@transaction.atomic
def go_live(model: ScoringModel, *, by: User | None = None) -> ModelVersion:
    """Freeze the model as it is edited now into a new live version and score every lead with it.

    Raises ModelNotReady with every error that checks find.
    """
    change_models()
    model = ScoringModel.objects.select_for_update().get(pk=model.pk)
    errors = errors_in(model)
    if errors:
        raise ModelNotReady(model.name, errors)
    number = model.versions.count() + 1
    version = ModelVersion.objects.create(model=model, number=number, definition=freeze(model), created_by=by)
    model.version, model.state = version, State.LIVE
    model.stopped_at, model.keeps_scores = None, False
    expect_dates(model, version)
    model.save(update_fields=["version", "state", "conditions_change_at", "days_of", "stopped_at", "keeps_scores"])
    start_run(model.pk)
    doorbell.ring_on_commit(SCORE_CHANGES)
    return version


@transaction.atomic
def stop(model: ScoringModel) -> None:
    """Stop a live model: its scores go, and `Lead.score` falls back to what other models say.

    With the clean-up switched off they remain as they are now; they make nobody sales ready any more.
    """
    change_models()
    model = ScoringModel.objects.select_for_update().get(pk=model.pk)
    if model.state != State.LIVE:
        raise ModelNotLive(model.name)
    model.state, model.stopped_at = State.STOPPED, timezone.now()
    model.keeps_scores = not Switches.now().clean_up
    model.save(update_fields=["state", "stopped_at", "keeps_scores"])
    start_run(model.pk)
    doorbell.ring_on_commit(SCORE_CHANGES)
