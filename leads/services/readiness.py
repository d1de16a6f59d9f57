"""Sales ready: set by score or by hand, cleared, accepted by sales, returned to marketing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User
from contacts.outbox import tell
from contacts.roles import Ability, can
from leads.assignment.occasions import offer
from leads.assignment.responses import answered, stop
from leads.errors import (
    AlreadyAccepted,
    InvalidValues,
    LeadIsClosed,
    ProcessHasEnded,
    ReadinessRefused,
    ReasonMissing,
    RecordGone,
)
from leads.models import Cause, Lead, LeadEvent, Occasion, ProcessState, RecycleReason, Status
from leads.services import telling
from leads.services.events import event, owner_words
from leads.services.moves import CHUNK, NOT_READY, move_leads
from leads.services.tasks_of_leads import hand_over
from leads.stages import Stage, is_forward

NOTHING: Mapping[str, Any] = MappingProxyType({})


def mark_sales_ready(ids: Sequence[int], *, cause: str, detail: str, actor: User | None = None) -> list[int]:
    """Make leads sales ready and put them in front of sales; the ids of those that became so.

    Leaves alone, without a word, what is closed, deleted, sales ready already, held by a person, or through with its
    process.
    """
    marked: list[int] = []
    ordered = sorted(set(ids))
    with transaction.atomic():
        for start in range(0, len(ordered), CHUNK):
            candidates = (
                Lead.objects.alive()
                .open()
                .filter(pk__in=ordered[start : start + CHUNK], sales_ready=False, ready_hold=False)
                .filter(process_state=ProcessState.ACTIVE)
                .select_for_update(no_key=True, of=("self",))
                .order_by("pk")
            )
            marked += _mark(list(candidates.values_list("pk", flat=True)), detail=detail, actor=actor)
        move_leads(marked, Stage.SALES_ACCEPTANCE, actor=actor, cause=cause, reason=detail)
        given = offer(marked, Occasion.SALES_READY)
        telling.became_ready([pk for pk in marked if pk not in given], by=actor)
    return marked


def _mark(ids: list[int], *, detail: str, actor: User | None) -> list[int]:
    now = timezone.now()
    Lead.objects.filter(pk__in=ids).update(sales_ready=True, sales_ready_at=now, updated_at=now)
    LeadEvent.objects.bulk_create(
        [
            LeadEvent(lead_id=pk, kind=LeadEvent.Kind.SALES_READY, actor=actor, detail=detail[:300], happened_at=now)
            for pk in ids
        ]
    )
    told = {"reason": detail[:300], "actor_id": actor.pk if actor else None, "sales_ready_at": now}
    tell("lead.sales_ready", [{"lead_id": pk, **told} for pk in ids])
    return ids


def set_sales_ready(lead_id: int, *, by: User | None, reason: str) -> None:
    """A person (None: another system) says that sales should look at this lead, past the stages between. Ends a hold.

    Raises ReasonMissing, RecordGone, LeadIsClosed, ProcessHasEnded, ReadinessRefused when it is sales ready already.
    """
    _need(reason, "set it sales ready")
    with transaction.atomic():
        lead = locked_lead(lead_id)
        _must_be_open(lead)
        if lead.sales_ready:
            raise ReadinessRefused(lead_id, "This lead is sales ready already")
        if not lead.process_runs:
            raise ProcessHasEnded(lead_id, lead.get_process_state_display().lower())
        Lead.objects.filter(pk=lead_id).update(ready_hold=False)
        mark_sales_ready([lead_id], cause=Cause.SALES_READY_BY_HAND, detail=reason.strip(), actor=by)


def clear_sales_ready(lead_id: int, *, by: User, reason: str) -> None:
    """A person says that sales should not look at this lead. It stays in its stage, and scores leave it alone
    until they have been below the threshold once.

    Raises ReasonMissing, RecordGone, LeadIsClosed, ReadinessRefused when it is not sales ready.
    """
    _need(reason, "cleared sales ready")
    with transaction.atomic():
        lead = locked_lead(lead_id)
        _must_be_ready(lead)
        stop([lead_id], timezone.now())
        _change(lead, LeadEvent.Kind.READY_CLEARED, by=by, detail=reason, **NOT_READY)


def accept(lead_id: int, *, by: User) -> None:
    """A salesperson takes a sales-ready lead in Sales acceptance, and owns it from now on.

    Raises AlreadyAccepted naming who was first, RecordGone, LeadIsClosed, ReadinessRefused.
    """
    with transaction.atomic():
        lead = locked_lead(lead_id)
        _must_be_ready(lead)
        if lead.accepted_at is not None:
            raise AlreadyAccepted(lead_id, str(lead.accepted_by or "Someone"), lead.accepted_at)
        if lead.stage != Stage.SALES_ACCEPTANCE:
            raise ReadinessRefused(lead_id, "This lead is not in Sales acceptance")
        _change(lead, LeadEvent.Kind.ACCEPTED, by=by, accepted_at=timezone.now(), accepted_by=by, owner=by)
        tell("lead.accepted", [{"lead_id": lead_id, "actor_id": by.pk}])
        if lead.owner_id != by.pk:
            telling.changed_hands({lead_id: lead.owner_id}, to=by, by=by)
        answered([lead_id], by=by)


def return_to_marketing(lead_id: int, *, by: User | None, reason: RecycleReason, note: str = "") -> None:
    """Sales or teleprospecting gives a lead back: it is in Automated marketing qualification again, counted as
    recycled. What was sales ready is so no longer, and held. One that a salesperson had is nobody's, as is one that a
    teleprospector gives back, so that whoever qualifies it next finds it.

    Raises InvalidValues for an archived reason or a note that is missing, RecordGone, LeadIsClosed, ReadinessRefused
    when it has not come that far.
    """
    words = note.replace("\x00", "").strip()
    if reason.archived:
        raise InvalidValues({"reason": f"“{reason}” is no longer chosen."})
    if reason.note_required and not words:
        raise InvalidValues({"note": f"“{reason}” needs a note."})
    detail = ": ".join(part for part in (str(reason), words) if part)[:300]
    with transaction.atomic():
        lead = locked_lead(lead_id)
        _must_be_open(lead)
        if not can_be_returned(lead):
            raise ReadinessRefused(lead_id, "This lead is with marketing already")
        given_up = lead.owner is not None and (can(lead.owner, Ability.SELL) or not lead.sales_ready)
        owner = None if given_up else lead.owner
        unready = NOT_READY if lead.sales_ready else {}
        now = timezone.now()
        recycled = {"recycled_count": F("recycled_count") + 1, "recycled_at": now, "recycle_reason": reason}
        unticked = {"teleprospecting_ready": False, "teleprospecting_accepted": False}
        stop([lead_id], now)
        _change(
            lead,
            LeadEvent.Kind.RETURNED,
            by=by,
            detail=detail,
            said={"recycle_reason": reason},
            owner=owner,
            **unready,
            **recycled,
            **unticked,
        )
        tell("lead.returned", [{"lead_id": lead_id, "actor_id": by.pk if by else None, "reason": detail}])
        telling.was_returned(lead_id, owner=lead.owner_id, by=by, reason=detail)
        if given_up:
            hand_over({lead_id: lead.owner_id}, to=None)
            event(lead_id, LeadEvent.Kind.ASSIGNED, by, owner_words(None), now).save()
            facts_changed()
        move_leads([lead_id], Stage.MARKETING_QUALIFICATION, actor=by, cause=Cause.PERSON, reason=detail)


def can_be_returned(lead: Lead) -> bool:
    """Whether a lead whose process runs has come so far that it can go back to marketing."""
    return lead.process_runs and (lead.sales_ready or is_forward(Stage.MARKETING_QUALIFICATION, Stage(lead.stage)))


def locked_lead(lead_id: int, *, deleted: bool = False) -> Lead:
    """One lead, its row locked until the transaction ends. Raises RecordGone."""
    leads = Lead.objects.deleted() if deleted else Lead.objects.alive()
    lead: Lead | None = leads.filter(pk=lead_id).select_for_update(no_key=True, of=("self",)).first()
    if lead is None:
        raise RecordGone("lead", lead_id)
    return lead


def _change(
    lead: Lead, kind: str, *, by: User | None, detail: str = "", said: Mapping[str, Any] = NOTHING, **values: Any
) -> None:
    """Write `values` to the lead, and the event of it; `said` are more of the event's columns."""
    now = timezone.now()
    Lead.objects.filter(pk=lead.pk).update(**values, version=F("version") + 1, updated_at=now)
    LeadEvent.objects.create(lead=lead, kind=kind, actor=by, detail=detail.strip()[:300], happened_at=now, **said)


def _must_be_open(lead: Lead) -> None:
    if lead.status != Status.OPEN:
        raise LeadIsClosed(lead.pk)


def _must_be_ready(lead: Lead) -> None:
    _must_be_open(lead)
    if not lead.sales_ready:
        raise ReadinessRefused(lead.pk, "This lead is not sales ready")


def _need(reason: str, what: str) -> None:
    if not reason.strip():
        raise ReasonMissing(what)
