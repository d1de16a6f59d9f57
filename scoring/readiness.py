"""What follows from scores: sales ready, and out of Inquiry."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from leads.models import Cause, Lead, ReadinessPolicy
from leads.services.moves import move_leads
from leads.services.readiness import mark_sales_ready
from leads.stages import Stage
from scoring.definition import ModelSpec
from scoring.models import LeadScore


def follow_scores(ids: Sequence[int], models: list[ModelSpec]) -> int:
    """Make sales ready what its scores say, and move first-scored leads on. Returns how many leads that moved.

    A hold that a person put on a lead ends when its scores no longer say ready: a new crossing counts again.
    """
    leads = Lead.objects.filter(id__any_of=ids).alive().open().annotate(says_ready=_says_ready())
    Lead.objects.filter(id__in=leads.filter(ready_hold=True, says_ready=False).values("id")).update(ready_hold=False)
    ready = leads.filter(sales_ready=False, ready_hold=False, says_ready=True, process__score_makes_ready=True)
    names = {model.model_id: model.name for model in models}
    moved = 0
    for model_id, lead_ids in _by_model(list(ready.values_list("id", flat=True))).items():
        mark_sales_ready(lead_ids, cause=Cause.SALES_READY_BY_SCORE, detail=names.get(model_id, ""))
        moved += len(lead_ids)
    first = leads.filter(stage=Stage.INQUIRY, score__isnull=False, process__first_score_moves=True)
    beginners = list(first.values_list("id", flat=True))
    if beginners:
        moved += len(move_leads(beginners, Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE))
    return moved


def _says_ready() -> ExpressionWrapper:
    """Whether a lead's scores, by its process's policy, make it sales ready: one of them is enough, or all agree."""
    scores = LeadScore.objects.filter(lead=OuterRef("pk"))
    all_must = Q(process__readiness_policy=ReadinessPolicy.ALL)
    verdict = Q(Exists(scores.filter(reached=True))) & (~all_must | ~Q(Exists(scores.filter(reached=False))))
    return ExpressionWrapper(verdict, output_field=BooleanField())


def _by_model(lead_ids: list[int]) -> dict[int, list[int]]:
    """The leads by the model that speaks loudest for each: furthest past its threshold."""
    if not lead_ids:
        return {}
    reached = LeadScore.objects.filter(lead__id__any_of=lead_ids, reached=True)
    loudest = reached.order_by("lead_id", "-score", "model_id").distinct("lead_id").values_list("model_id", "lead_id")
    groups: dict[int, list[int]] = {}
    for model_id, lead_id in loudest:
        groups.setdefault(model_id, []).append(lead_id)
    return groups
