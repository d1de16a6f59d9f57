"""A lead's process ends before the lead is closed: finished or abandoned; and comes to life again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import OutboxEvent, User
from leads.errors import FinishRefused, LeadIsClosed, ProcessHasEnded, ProcessRuns, ReasonMissing
from leads.models import Lead, LeadEvent, ProcessState
from leads.services.events import event
from leads.services.gates import missing_in, processes_of
from leads.services.readiness import locked_lead
from leads.services.visits import begin_anew
from leads.stages import ORDER

KINDS = {
    ProcessState.FINISHED: LeadEvent.Kind.FINISHED,
    ProcessState.ABANDONED: LeadEvent.Kind.ABANDONED,
    ProcessState.ACTIVE: LeadEvent.Kind.REACTIVATED,
}


def finish(lead_id: int, *, by: User) -> None:
    """A person says that a lead in the last stage is through with its process; it stays open.

    Raises RecordGone, LeadIsClosed, ProcessHasEnded, FinishRefused before the last stage or while it lacks a field.
    """
    with transaction.atomic():
        lead = _running(lead_id)
        processes = processes_of([lead])
        stages = processes[lead.process_id]
        if lead.stage != ORDER[-1]:
            raise FinishRefused(lead_id, f"it is finished in {stages.name_of(ORDER[-1])}")
        lacking = missing_in([lead], processes).get(lead_id, [])
        if lacking:
            fields = [(field.name, field.label) for field in lacking]
            words = ", ".join(label for _, label in fields)
            raise FinishRefused(lead_id, f"{stages.name_of(lead.stage)} needs {words} first", fields)
        _turn(lead, ProcessState.FINISHED, by=by)


def abandon(lead_id: int, *, by: User, reason: str) -> None:
    """A person says that a lead goes no further on this way; it stays open where it is, and nothing moves it.

    Raises ReasonMissing, RecordGone, LeadIsClosed, ProcessHasEnded.
    """
    if not reason.strip():
        raise ReasonMissing("abandon the process")
    with transaction.atomic():
        _turn(_running(lead_id), ProcessState.ABANDONED, by=by, reason=reason)


def reactivate(lead_id: int, *, by: User, reason: str = "") -> None:
    """A process that was finished or abandoned goes on in the stage it had, timed anew.

    Raises RecordGone, LeadIsClosed, ProcessRuns.
    """
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        if lead.process_runs:
            raise ProcessRuns(lead_id)
        begin_anew([lead_id], by=by, now=timezone.now())
        _turn(lead, ProcessState.ACTIVE, by=by, reason=reason)


def _running(lead_id: int) -> Lead:
    lead = locked_lead(lead_id)
    if not lead.is_open:
        raise LeadIsClosed(lead_id)
    if not lead.process_runs:
        raise ProcessHasEnded(lead_id, lead.get_process_state_display().lower())
    return lead


def _turn(lead: Lead, state: ProcessState, *, by: User, reason: str = "") -> None:
    now = timezone.now()
    ended = None if state == ProcessState.ACTIVE else now
    Lead.objects.filter(pk=lead.pk).update(
        process_state=state, process_ended_at=ended, version=F("version") + 1, updated_at=now
    )
    event(lead.pk, KINDS[state], by, reason, now).save()
    payload = {"lead_id": lead.pk, "state": str(state), "stage": lead.stage, "actor_id": by.pk, "reason": reason[:300]}
    OutboxEvent.objects.create(kind="lead.process_ended" if ended else "lead.process_reactivated", payload=payload)
    facts_changed()
