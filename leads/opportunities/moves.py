"""The one way an opportunity moves from stage to stage. How it is closed and opened again: closing.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from contacts.models import OutboxEvent, User
from leads.errors import ReasonMissing, RecordGone
from leads.models import Opportunity, OpportunityEvent
from leads.opportunities.errors import OpportunityIsClosed, OpportunityMoveRefused, RequirementsMissing
from leads.opportunities.gates import StageSettings, missing_before, pipeline_settings
from leads.opportunities.stages import OpportunityStage, is_onward

CHUNK = 1000


def move_opportunities(
    ids: Sequence[int], to: str, *, by: User | None, reason: str = "", refused: dict[int, str] | None = None
) -> list[int]:
    """Move open opportunities to stage `to`; the ids that moved, in order.

    Locks the rows in id order, asks the machine and the gates, and writes stage, history and outbox in one
    transaction. Whoever moves one is told why it cannot (OpportunityMoveRefused, RequirementsMissing,
    OpportunityIsClosed, RecordGone, ReasonMissing when going back); of many, those that cannot stay, and why is put
    into `refused`, where there is one.
    """
    target = OpportunityStage(to)
    told = len(ids) == 1 and refused is None
    moved: list[int] = []
    with transaction.atomic():
        settings = pipeline_settings()
        ordered = sorted(set(ids))
        for start in range(0, len(ordered), CHUNK):
            rows = locked(ordered[start : start + CHUNK])
            if told and not rows:
                raise RecordGone("opportunity", ordered[0])
            moved += _move(rows, target, settings, by=by, reason=reason.strip(), told=told, refused=refused)
    return moved


def locked(ids: Sequence[int]) -> list[Opportunity]:
    """Living opportunities in id order, their rows locked until the transaction ends."""
    rows = Opportunity.objects.alive().filter(pk__in=ids).select_for_update(no_key=True, of=("self",))
    return list(rows.order_by("pk"))


def _move(
    rows: list[Opportunity],
    target: OpportunityStage,
    settings: dict[str, StageSettings],
    *,
    by: User | None,
    reason: str,
    told: bool,
    refused: dict[int, str] | None,
) -> list[int]:
    now = timezone.now()
    events = []
    for one in rows:
        source = one.stage
        try:
            _step(one, target, settings, reason)
        except (OpportunityMoveRefused, OpportunityIsClosed, ReasonMissing) as error:
            if told:
                raise
            if refused is not None:
                refused[one.pk] = error.message
            continue
        events.append(event(one, OpportunityEvent.Kind.MOVED, by, reason, now, source=source, target=target))
    moved = [one.opportunity_id for one in events]
    # The machine has agreed to every one of these locked rows; they all get the same values, so one statement does.
    Opportunity.objects.filter(pk__in=moved).update(
        stage=target, stage_entered_at=now, version=F("version") + 1, updated_at=now
    )
    tell(events)
    return moved


def _step(one: Opportunity, target: OpportunityStage, settings: dict[str, StageSettings], reason: str) -> None:
    """Ask machine and gates for one move, in memory."""
    if not one.is_open:
        raise OpportunityIsClosed(one.pk, one.status, who_closed(one.pk))
    if one.stage == target:
        raise OpportunityMoveRefused(one.pk, target, "it is there already")
    onward = is_onward(one.stage, target)
    if not onward and not reason:
        raise ReasonMissing("move the opportunity back")
    if onward and (missing := missing_before(one, target, settings)):
        raise RequirementsMissing(one.pk, target, missing)
    onwards: dict[str, Any] = {
        OpportunityStage.DEVELOP: one.develop,
        OpportunityStage.PROPOSE: one.propose,
        OpportunityStage.CLOSE: one.bring_to_close,
    }
    try:
        if onward:
            onwards[target]()
        else:
            one.go_back(target)
    except TransitionNotAllowed:
        raise OpportunityMoveRefused(one.pk, target, f"it is in {one.get_stage_display()}") from None


def who_closed(opportunity_id: int) -> str:
    """The name of whoever closed it last, or ""."""
    kinds = [OpportunityEvent.Kind.WON, OpportunityEvent.Kind.LOST]
    last = (
        OpportunityEvent.objects.filter(opportunity=opportunity_id, kind__in=kinds)
        .select_related("actor")
        .order_by("-happened_at", "-pk")
        .first()
    )
    return str(last.actor) if last and last.actor else ""


def event(
    one: Opportunity,
    kind: str,
    by: User | None,
    detail: str,
    moment: datetime,
    *,
    source: str = "",
    target: str = "",
) -> OpportunityEvent:
    """An unsaved event; with `source`, of a move from there, where it had been since `stage_entered_at`."""
    return OpportunityEvent(
        opportunity_id=one.pk,
        kind=kind,
        from_stage=source,
        to_stage=target,
        actor=by,
        detail=detail.strip()[:300],
        value=one.value,
        entered_at=one.stage_entered_at if source else None,
        happened_at=moment,
    )


def tell(events: Sequence[OpportunityEvent]) -> None:
    """Store events of moves and closings, and let them leave the house."""
    OpportunityEvent.objects.bulk_create(events, batch_size=CHUNK)
    OutboxEvent.objects.bulk_create(
        [
            OutboxEvent(
                kind=f"opportunity.{one.kind}",
                payload={
                    "opportunity_id": one.opportunity_id,
                    "from": one.from_stage,
                    "to": one.to_stage,
                    "actor_id": one.actor_id,
                    "reason": one.detail,
                    "happened_at": one.happened_at.isoformat(),
                },
            )
            for one in events
        ],
        batch_size=CHUNK,
    )
