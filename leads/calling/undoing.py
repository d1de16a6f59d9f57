"""Taking back what came of a call: the wrong button was pressed, and somebody noticed within minutes.

Everything is as it was when the call was written down: what people have done with the lead since prevents it, what
machines made of it goes too. The interaction is gone, since nobody had that call; the history keeps who took what back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import Interaction, User
from contacts.services.interactions import take_back
from leads import match_keys
from leads.access import may_call_lead
from leads.assignment.occasions import left_to_the_worker
from leads.calling.before import ALSO, OF_CLOCKS, OF_ITS_LIFE, OF_TASKS, OF_WAITS, State, state_of, values_of
from leads.calling.claims import holder_of, own_turn, take_in_hand
from leads.calling.recording import dedupe_key_of
from leads.errors import CannotUndoCall, RecordGone
from leads.models import (
    AssignmentDue,
    Call,
    CallLater,
    Cause,
    FirstResponse,
    Lead,
    LeadEvent,
    Notice,
    StageChange,
    Status,
    Task,
    TaskState,
)
from leads.services.closing import open_again
from leads.services.events import event
from leads.services.giving import give
from leads.services.moves import move_leads
from leads.services.readiness import locked_lead

UNDONE = "undone"
"""The reason of the move back."""
Kind = LeadEvent.Kind
BESIDE = frozenset({Kind.ATTACHED, Kind.DETACHED, Kind.TASK_DONE, Kind.CALL_UNDONE})
"""What may have happened to a lead meanwhile without standing in the way."""
FREED, LONGEST_KEY = "#{pk}", 80
"""What is added to the key of a call that was taken back, so that the page it came from can write down another."""


def to_undo(user: User, *, lead_id: int | None = None) -> Call | None:
    """The call that this person could take back now: their latest one, or their latest about a lead. One query."""
    lately = timezone.now() - window()
    calls = Call.objects.counted().filter(person=user, happened_at__gt=lately, before__isnull=False)
    if lead_id is not None:
        calls = calls.filter(lead=lead_id)
    return calls.select_related("lead__contact").order_by("-pk").first()


def window() -> timedelta:
    """For how long a call can be taken back."""
    return timedelta(minutes=settings.CALL_UNDO_MINUTES)


def undo_call(lead_id: int, *, by: User, call_id: int | None = None) -> str:
    """Take back what this person said came of their latest call about a lead, which `call_id`, where it is given, must
    be; the notes of it, to be used again.

    The lead is in their hand once more. What was found out and saved with the call stays. Raises RecordGone,
    CannotUndoCall with all that prevents it, and BeingCalled; then nothing changes.
    """
    with transaction.atomic():
        own_turn(by)
        lead = Lead.objects.alive().filter(pk=lead_id).first()
        if lead is None:
            raise RecordGone("lead", lead_id)
        if not lead.is_open:
            match_keys.claim_for([lead])
        lead = locked_lead(lead_id)
        call = _the_call(lead_id, by, call_id)
        kept: State = call.before or {}
        before, after = kept["before"], kept["after"]
        if problems := list(_problems(lead, call, by, before, after)):
            raise CannotUndoCall(lead_id, problems)
        now = state_of(lead_id, by)
        _put_back(lead, by, before, after, now)
        notes = _forget(call, by)
        if may_call_lead(by, locked_lead(lead_id)):
            take_in_hand(lead_id, by=by)
        said = call.get_outcome_display() if not call.passed_on else "Qualified, to sales"
        told = f"{said}: {notes}" if notes else said
        event(lead_id, Kind.CALL_UNDONE, by, told, timezone.now()).save()
        facts_changed()
    return notes


def _the_call(lead_id: int, by: User, call_id: int | None) -> Call:
    """The call to take back, its row locked. Raises CannotUndoCall."""
    calls = Call.objects.filter(lead=lead_id, person=by).select_for_update(no_key=True, of=("self",))
    call = calls.filter(pk=call_id).first() if call_id else calls.order_by("-pk").first()
    if call is None:
        raise CannotUndoCall(lead_id, ["You have written down no call about this lead."])
    if call.undone_at is not None:
        raise CannotUndoCall(lead_id, [f"You have taken it back already, at {_at(call.undone_at)}."])
    if call.before is None or call.happened_at <= timezone.now() - window():
        minutes = settings.CALL_UNDO_MINUTES
        raise CannotUndoCall(lead_id, [f"That is possible within {minutes} minutes of the call."])
    return call


def _problems(lead: Lead, call: Call, by: User, before: State, after: State) -> Iterator[str]:
    """What people have done since, a sentence each; and what a machine did that cannot be taken back."""
    held = holder_of(lead.pk)
    if held is not None and held.person_id != by.pk:
        yield f"{held.person} has this lead in hand, until {_at(held.until)}."
    for later in Call.objects.counted().filter(lead=lead, pk__gt=call.pk).select_related("person").order_by("pk"):
        yield f"{later.person or 'Somebody'} called since, at {_at(later.happened_at)}: {later.get_outcome_display()}."
    events = LeadEvent.objects.filter(lead=lead, pk__gt=after["last"]["event"]).exclude(kind__in=BESIDE)
    for one in events.exclude(actor=None).select_related("actor").order_by("pk"):
        yield f"{one.actor}, at {_at(one.happened_at)}: {one.get_kind_display().lower()} {one.detail}".strip() + "."
    moves = StageChange.objects.filter(lead=lead, pk__gt=after["last"]["move"]).exclude(actor=None)
    for move in moves.select_related("actor").order_by("pk"):
        yield f"{move.actor} moved it to {lead.stages.name_of(move.to_stage)}, at {_at(move.moved_at)}."
    made = Task.objects.filter(lead=lead, pk__gt=before["last"]["task"], pk__lte=after["last"]["task"])
    for task in made.exclude(state=TaskState.OPEN).exclude(went_with_lead=True).select_related("done_by"):
        yield f"{task.done_by or 'Somebody'} has settled the task “{task}”."
    if not Interaction.objects.filter(pk=call.interaction_id).exists():
        yield "The contact's record of the call is gone."
    same = ("status", "process_state") if lead.is_open else ("status", "closed_at")
    if values_of(Lead, after["lead"], same) != {name: getattr(lead, name) for name in same}:
        yield f"It is {lead.status_words.lower()} by now."


def _put_back(lead: Lead, by: User, before: State, after: State, now: State) -> None:
    """The lead, and what hangs on it, as `before`; what people edited since stays."""
    was = values_of(Lead, before["lead"], OF_ITS_LIFE)
    if not lead.is_open and was["status"] == Status.OPEN:
        open_again([lead.pk], by=by, reason="Call undone", to=was["status_reason_id"], as_it_was=True)
    if lead.stage != was["stage"]:
        _move_back(lead.pk, was["stage"], by)
    if lead.owner_id != was["owner_id"]:
        owner = User.objects.filter(pk=was["owner_id"]).first()
        give({lead.pk: lead.owner_id}, to=owner, by=by, why="as before the call")
        was["owner_id"] = owner.pk if owner else None
    untouched = [name for name in ALSO if now["lead"][name] == after["lead"][name]]
    values = was | values_of(Lead, before["lead"], untouched)
    del values["stage"]
    Lead.objects.filter(pk=lead.pk).update(**values, version=F("version") + 1, updated_at=timezone.now())
    _clock(lead.pk, before)
    _tasks(lead.pk, before, after, now)
    _waits(lead.pk, by, before)
    _tell_no_more(lead.pk, by, before)
    LeadEvent.objects.filter(lead=lead, pk__gt=before["last"]["event"]).exclude(kind__in=BESIDE).update(taken_back=True)
    StageChange.objects.filter(lead=lead, pk__gt=before["last"]["move"]).update(taken_back=True)


def _move_back(lead_id: int, stage: str, by: User) -> None:
    """Through the one way there is; rules that ask about the stage are not asked, since it never left it."""
    due = list(AssignmentDue.objects.filter(lead=lead_id).values_list("pk", flat=True))
    with left_to_the_worker():
        move_leads([lead_id], stage, actor=by, cause=Cause.PERSON, reason=UNDONE)
    AssignmentDue.objects.filter(lead=lead_id).exclude(pk__in=due).delete()


def _clock(lead_id: int, before: State) -> None:
    FirstResponse.objects.filter(lead=lead_id).delete()
    if before["clock"] is not None:
        FirstResponse(lead_id=lead_id, **values_of(FirstResponse, before["clock"], OF_CLOCKS)).save(force_insert=True)


def _tasks(lead_id: int, before: State, after: State, now: State) -> None:
    """What the call made goes; what it closed or gave on is whose it was, unless somebody had a hand in it since."""
    made = Task.objects.filter(lead=lead_id, pk__gt=before["last"]["task"])
    people = made.filter(pk__gt=after["last"]["task"]).exclude(created_by=None)
    made.exclude(pk__in=people.values("pk")).filter(state=TaskState.OPEN).delete()
    for pk, kept in before["tasks"].items():
        if _same_task(now["tasks"].get(pk), after["tasks"].get(pk)):
            Task.objects.filter(pk=int(pk)).update(**values_of(Task, kept, OF_TASKS))


def _same_task(now: State | None, after: State | None) -> bool:
    """Whether nobody has had a hand in a task since; that it was left to a role came of the lead changing hands."""
    if now is None or after is None or now["owner_id"] is not None:
        return now == after
    return all(now[name] == after[name] for name in OF_TASKS if name not in {"owner_id", "queue"})


def _waits(lead_id: int, by: User, before: State) -> None:
    CallLater.objects.filter(lead=lead_id, person=by).delete()
    CallLater.objects.filter(lead=lead_id, person=None).delete()
    for kept in before["waits"]:
        CallLater(lead_id=lead_id, **values_of(CallLater, kept, OF_WAITS)).save(force_insert=True)


def _tell_no_more(lead_id: int, by: User, before: State) -> None:
    """What people were told of it alone and have not read yet, they need not read."""
    told = Notice.objects.filter(pk__gt=before["last"]["notice"], by=by, lead_ids=[lead_id], read_at=None)
    told.filter(digested_at=None).delete()


def _forget(call: Call, by: User) -> str:
    """Mark the call as taken back and remove its interaction; the notes it had."""
    interaction = Interaction.objects.get(pk=call.interaction_id)
    notes = str(interaction.payload.get("details") or "")
    take_back([interaction.pk], dedupe_keys=[dedupe_key_of(call.key)])
    freed = FREED.format(pk=call.pk)
    key = call.key[: LONGEST_KEY - len(freed)] + freed
    Call.objects.filter(pk=call.pk).update(undone_at=timezone.now(), undone_by=by, before=None, key=key)
    return notes


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
