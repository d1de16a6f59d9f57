"""What follows from scores: sales ready, and out of Inquiry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from leads.models import Cause, Lead, Process, ProcessState, ReadinessPolicy, StageChange
from leads.services.going_on import TICKS, go_on_where_ticked
from leads.services.moves import move_leads
from leads.services.readiness import mark_sales_ready
from leads.stages import Stage
from scoring.batch import Batch
from scoring.definition import ModelSpec
from scoring.errors import InvalidExpression
from scoring.models import LeadScore, Switches
from scoring.readiness_expression import check, compiled, holds

Judge: TypeAlias = Callable[[Collection[int], Collection[int]], bool]
"""Whether scores say ready: of the models (ids) whose threshold a lead has reached, and those that score it at all."""


def follow_scores(batch: Batch, models: list[ModelSpec]) -> int:
    """Make sales ready what its scores say, and move first-scored leads on. Returns how many leads that moved.

    A hold that a person put on a lead ends when its scores no longer say ready: a new crossing counts again. A lead
    that is sales ready already belongs in Sales acceptance, whoever wrote it elsewhere. Who left Inquiry once and was
    moved back stays there: only its first score moves a lead on. What was ticked for the next stage goes there as soon
    as no gate holds it.
    """
    switches = Switches.now()
    names = ("id", "says_ready", "sales_ready", "ready_hold", "process__score_makes_ready", "stage")
    found = list(_due(batch, models, switches).order_by("id").values_list(*names, *TICKS))
    rows, due_ticks = [row[:6] for row in found], [row[0] for row in found if any(row[6:])]
    held = [pk for pk, says_ready, _, hold, _, _ in rows if hold and not says_ready]
    if held:
        Lead.objects.filter(id__any_of=held).update(ready_hold=False)
    ready = [pk for pk, says_ready, is_ready, hold, may, _ in rows if says_ready and may and not is_ready and not hold]
    if not switches.sales_ready:
        ready = []
    live = {model.model_id: model.name for model in models}
    for model_id, lead_ids in _by_model(ready, live).items():
        mark_sales_ready(lead_ids, cause=Cause.SALES_READY_BY_SCORE, detail=live.get(model_id, ""))
    strays = [pk for pk, _, is_ready, _, _, stage in rows if is_ready and stage != Stage.SALES_ACCEPTANCE]
    if strays:
        move_leads(strays, Stage.SALES_ACCEPTANCE, cause=Cause.SALES_READY_BY_SCORE)
    rest = sorted({row[0] for row in rows} - set(ready))
    begins = _open(batch).filter(_begins(switches), id__any_of=rest)
    beginners = never_left(list(begins.values_list("id", flat=True))) if rest else []
    begun = move_leads(beginners, Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE) if beginners else []
    sent_on = sorted(set(due_ticks) & set(rest)) if due_ticks else []
    went_on = go_on_where_ticked(sent_on) if sent_on else []
    return len(ready) + len(strays) + len(begun) + len(went_on)


def may_follow(batch: Batch) -> bool:
    """Whether `follow_scores` may find anything to do while no model is live.

    Asks first what a lead says of itself, as hardly one does, before anything is asked about its process.
    """
    marked = Q(sales_ready=True) | Q(ready_hold=True) | Q(score__isnull=False)
    for tick in TICKS:
        marked |= Q(**{tick: True})
    return _due(batch, [], Switches.now()).filter(marked).exists()


def _open(batch: Batch) -> QuerySet[Lead]:
    return batch.leads().filter(status="open", deleted_at=None, contact__deleted_at=None)


def _due(batch: Batch, models: list[ModelSpec], switches: Switches) -> QuerySet[Lead]:
    """The leads for which something follows, each with `says_ready`: whether its scores make it sales ready."""
    becomes_ready = Q(sales_ready=False, ready_hold=False, says_ready=True, process__score_makes_ready=True)
    becomes_ready &= Q(Value(switches.sales_ready))
    strayed = Q(sales_ready=True) & ~Q(stage=Stage.SALES_ACCEPTANCE)
    released = Q(ready_hold=True, says_ready=False)
    asked = _open(batch).annotate(says_ready=_says_ready(batch, models))
    due: QuerySet[Lead] = asked.filter(becomes_ready | strayed | _begins(switches) | _ticked() | released)
    return due


def _begins(switches: Switches) -> Q:
    """What leaves Inquiry with its first score."""
    begins = Q(sales_ready=False, stage=Stage.INQUIRY, score__isnull=False, process__first_score_moves=True)
    return begins & Q(Value(switches.qualification))


def _ticked() -> Q:
    """What was ticked for the next stage and is still there: a gate held it, and may be open by now."""
    waits = Q()
    for tick, (stage, switch) in TICKS.items():
        waits |= Q(**{"stage": stage, tick: True, f"process__{switch}": True})
    return waits & Q(sales_ready=False, process_state=ProcessState.ACTIVE)


def never_left(lead_ids: list[int]) -> list[int]:
    """Those of these leads in Inquiry that have been in no other stage; apart, so that no plan reads all history."""
    if not lead_ids:
        return []
    left = StageChange.objects.between_stages().filter(lead__id__any_of=lead_ids, from_stage=Stage.INQUIRY)
    returned = set(left.values_list("lead_id", flat=True))
    return [pk for pk in lead_ids if pk not in returned]


def _says_ready(batch: Batch, models: list[ModelSpec]) -> ExpressionWrapper:
    """Whether a lead's scores, by its process's policy, make it sales ready: one of them is enough, all agree, or an
    expression over models holds. Only live models have a say.
    """
    after_id, up_to_id = batch.bounds()
    scores = LeadScore.objects.filter(
        lead=OuterRef("pk"), lead_id__gt=after_id, lead_id__lte=up_to_id, model__in=[model.model_id for model in models]
    )
    all_must = Q(process__readiness_policy=ReadinessPolicy.ALL)
    verdict = Q(Exists(scores.filter(reached=True))) & (~all_must | ~Q(Exists(scores.filter(reached=False))))
    expressed = list(Process.objects.filter(readiness_policy=ReadinessPolicy.EXPRESSION))
    if expressed:
        verdict &= ~Q(process__in=[process.pk for process in expressed])
    for process in expressed:
        verdict |= Q(process=process.pk) & _expressed(
            process.readiness_expression, lambda model_id: Q(Exists(scores.filter(model=model_id, reached=True)))
        )
    return ExpressionWrapper(verdict, output_field=BooleanField())


def _expressed(tree: Any, reached: Callable[[int], Q]) -> Q:
    """The expression of a process as a condition; one that nobody could have written holds for no lead."""
    return compiled(tree, reached) if _makes_sense(tree) else Q(Value(False))


def judge_of(process: Process) -> Judge:
    """What `_says_ready` asks of leads of the process, of one lead in memory: for those who only look ahead."""
    if process.readiness_policy == ReadinessPolicy.ALL:
        return lambda reached, scored: bool(reached) and len(reached) == len(scored)
    if process.readiness_policy == ReadinessPolicy.ANY:
        return any_is_enough
    tree = process.readiness_expression
    if not _makes_sense(tree):
        return lambda reached, scored: False
    return lambda reached, scored: holds(tree, reached)


def any_is_enough(reached: Collection[int], scored: Collection[int]) -> bool:
    return bool(reached)


def _makes_sense(tree: Any) -> bool:
    try:
        check(tree)
    except InvalidExpression:
        return False
    return True


def _by_model(lead_ids: Sequence[int], live: Collection[int]) -> dict[int, list[int]]:
    """The leads by the model that speaks loudest for each: the highest of those that reached their threshold."""
    if not lead_ids:
        return {}
    reached = LeadScore.objects.filter(lead__id__any_of=lead_ids, reached=True, model__in=list(live))
    loudest = reached.order_by("lead_id", F("score").desc(), "model_id").distinct("lead_id")
    groups: dict[int, list[int]] = {}
    for model_id, lead_id in loudest.values_list("model_id", "lead_id"):
        groups.setdefault(model_id, []).append(lead_id)
    return groups
