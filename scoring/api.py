"""Scores, with every point explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema

from contacts.api.calls import user_of
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.shapes import Id
from leads.models import Lead
from scoring.explain import explain

routes = Routes(tags=["Scores"])


class PartOut(Schema):
    """One line of a score: a rule and its points, or (`is_cut`) a cap and what it took. `words`: what it looked at."""

    rule_id: int
    name: str
    points: int
    count: int
    words: str
    is_cut: bool


class ScoreOut(Schema):
    """A lead's score in one model: the sum of its parts. `reached`: at or above the threshold."""

    model_id: int
    name: str
    score: int
    grade: str
    threshold: int
    reached: bool
    fit: int | None
    engagement: int | None
    matrix: str
    computed_at: datetime
    next_change_at: datetime | None
    parts: list[PartOut]


@routes.reads("/leads/{id}/scores", "scores:read", list[ScoreOut], operation_id="getScores", summary="A lead's scores")
def get_scores(request: HttpRequest, id: Id) -> Any:
    """The scores of a lead, that of `Lead.score` first, with the rules and caps that add up to each."""
    lead = get_object_or_404(Lead.objects.visible_to(user_of(request)), pk=id)
    return explain(lead.pk)
