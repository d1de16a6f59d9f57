"""Reading scores in tests."""

from __future__ import annotations

from leads.models import Lead
from scoring import queue, runs
from scoring.lifecycle import go_live
from scoring.models import LeadScore, ScoringModel


def live(model: ScoringModel) -> ScoringModel:
    """Go live and score everything there is."""
    go_live(model)
    work()
    model.refresh_from_db()
    return model


def work() -> None:
    """Do whatever waits to be scored, as the worker would."""
    while queue.score_changes() or queue.score_changes(bulk=True) or runs.advance_run():
        pass


def score_of(lead: Lead) -> int | None:
    score: int | None = Lead.objects.values_list("score", flat=True).get(pk=lead.pk)
    return score


def row_of(lead: Lead, model: ScoringModel) -> LeadScore:
    return LeadScore.objects.get(lead=lead, model=model)
