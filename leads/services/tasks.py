"""One task: made, said anew, done, opened again, taken, given on, postponed. Many with their leads: tasks_of_leads."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from contacts.errors import InvalidValues, RecordGone
from contacts.models import Contact, Role, User
from leads.due import Due
from leads.errors import LeadIsClosed, TaskClosed, TaskTaken
from leads.models import Lead, LeadEvent, Opportunity, Task, TaskOrigin, TaskState
from leads.services.events import event
from leads.services.readiness import locked_lead
from leads.services.tasks_of_leads import generate_for_stage, tell_given

__all__ = [
    "cancel",
    "complete",
    "create_task",
    "generate_for_stage",
    "locked_task",
    "postpone",
    "reassign",
    "reopen_task",
    "take_task",
    "update_task",
]
DUE = ("due_at", "all_day", "remind_at")


def create_task(
    *,
    by: User | None,
    title: str,
    due: Due,
    note: str = "",
    lead: Lead | None = None,
    contact: Contact | None = None,
    opportunity: Opportunity | None = None,
    owner: User | None = None,
    queue: str = "",
    origin: str = TaskOrigin.MANUAL,
) -> Task:
    """A new task, its owner's or, without one, a role's; who gets it from somebody else is told.

    With a lead, or an opportunity, the contact is theirs. Raises InvalidValues for a blank title or nobody to do it.
    """
    with transaction.atomic():
        task = Task(
            title=_titled(title),
            note=note.replace("\x00", "").strip(),
            lead=lead,
            opportunity=opportunity,
            contact=lead.contact if lead else opportunity.contact if opportunity else contact,
            owner=owner,
            queue="" if owner else queue,
            origin=origin,
            created_by=by,
        )
        _set_due(task, due)
        _somebodys(task)
        task.save()
        tell_given([task], by=by)
    return task


def update_task(
    task_id: int, *, by: User | None, title: str | None = None, note: str | None = None, due: Due | None = None
) -> Task:
    """Say an open task anew, in what is given; the rest stays. Raises RecordGone, TaskClosed, InvalidValues."""
    with transaction.atomic():
        task = _open(task_id)
        changed: list[str] = []
        if title is not None:
            task.title = _titled(title)
            changed.append("title")
        if note is not None:
            task.note = note.replace("\x00", "").strip()
            changed.append("note")
        if due is not None:
            _set_due(task, due)
            changed += DUE
        if changed:
            task.save(update_fields=changed)
    return task


def complete(task_id: int, *, by: User) -> Task:
    """The task is done; its lead's story says so. Raises RecordGone, TaskClosed naming who was first."""
    with transaction.atomic():
        task = _open(task_id)
        now = timezone.now()
        task.state, task.done_at, task.done_by, task.remind_at = TaskState.DONE, now, by, None
        task.save(update_fields=["state", "done_at", "done_by", "remind_at"])
        if task.lead_id:
            event(task.lead_id, LeadEvent.Kind.TASK_DONE, by, task.title, now).save()
    return task


def cancel(task_id: int, *, by: User) -> Task:
    """The task need not be done. Raises RecordGone, TaskClosed."""
    with transaction.atomic():
        task = _open(task_id)
        task.state, task.done_at, task.done_by, task.remind_at = TaskState.CANCELLED, timezone.now(), by, None
        task.save(update_fields=["state", "done_at", "done_by", "remind_at"])
    return task


def reopen_task(task_id: int, *, by: User) -> Task:
    """Undo `complete` or `cancel`; an open one stays as it is. What was said of it in the lead's story goes.

    Raises RecordGone, LeadIsClosed: what is closed has no open tasks.
    """
    with transaction.atomic():
        task = locked_with_lead(task_id)
        if task.lead is not None and not task.lead.is_open:
            raise LeadIsClosed(task.lead.pk)
        if task.is_open:
            return task
        if task.state == TaskState.DONE and task.lead_id and task.done_at:
            said = LeadEvent.objects.filter(lead=task.lead_id, kind=LeadEvent.Kind.TASK_DONE, happened_at=task.done_at)
            said.delete()
        task.state, task.done_at, task.done_by, task.went_with_lead = TaskState.OPEN, None, None, False
        _remind_again(task)
        if task.origin == TaskOrigin.STAGE and _has_open_twin(task):
            task.origin = TaskOrigin.MANUAL
        task.save()
    return task


def take_task(task_id: int, *, by: User) -> Task:
    """A person takes a task that nobody has. Raises RecordGone, TaskClosed, TaskTaken naming whose it is."""
    with transaction.atomic():
        task = _open(task_id)
        if task.owner_id == by.pk:
            return task
        if task.owner is not None and task.owner.is_active:
            raise TaskTaken(task_id, str(task.owner))
        task.owner, task.queue = by, ""
        task.save(update_fields=["owner", "queue"])
    return task


def reassign(task_id: int, *, by: User | None, owner: User | None, queue: str = "") -> Task:
    """Give an open task to `owner`, or back to the queue of a role. Raises RecordGone, TaskClosed, InvalidValues."""
    with transaction.atomic():
        task = _open(task_id)
        changed = owner is not None and task.owner_id != owner.pk
        task.owner, task.queue = owner, "" if owner else queue
        _somebodys(task)
        task.save(update_fields=["owner", "queue"])
        if changed:
            tell_given([task], by=by)
    return task


def postpone(task_id: int, *, by: User | None, due: Due) -> Task:
    """An open task is due at another time. Raises RecordGone, TaskClosed."""
    with transaction.atomic():
        task = _open(task_id)
        _set_due(task, due)
        task.save(update_fields=DUE)
    return task


def locked_task(task_id: int) -> Task:
    """The task, its row locked until the transaction ends. Raises RecordGone."""
    task = Task.objects.filter(pk=task_id).select_for_update(no_key=True, of=("self",)).first()
    if task is None:
        raise RecordGone("task", task_id)
    return task


def locked_with_lead(task_id: int) -> Task:
    """The task, locked after the lead it hangs on, in the order that reopening it needs. Raises RecordGone."""
    lead_id = Task.objects.filter(pk=task_id).values_list("lead_id", flat=True).first()
    if lead_id is not None:
        locked_lead(lead_id)
    return locked_task(task_id)


def _open(task_id: int) -> Task:
    """The task, locked, and open."""
    task = locked_task(task_id)
    if not task.is_open:
        raise TaskClosed(task_id, task.state, str(task.done_by or ""), task.done_at)
    return task


def _titled(title: str) -> str:
    words = " ".join(title.replace("\x00", "").split())
    if not words:
        raise InvalidValues({"title": "Say what is to be done."})
    if len(words) > 200:
        raise InvalidValues({"title": "Say it in at most 200 characters; the rest goes into the note."})
    return words


def _somebodys(task: Task) -> None:
    if task.owner is None and task.queue not in Role.values:
        raise InvalidValues({"owner": "Say who is to do it: a person, or everybody of a role."})
    if task.owner is not None and not task.owner.is_active:
        raise InvalidValues({"owner": f"{task.owner} no longer works here."})


def _set_due(task: Task, due: Due) -> None:
    task.due_at, task.all_day = due.at, due.all_day
    task.remind_at = due.remind_at
    _remind_again(task)


def _remind_again(task: Task) -> None:
    """What is already past is not told of as if it were news."""
    now = timezone.now()
    if task.due_at is None or task.due_at <= now:
        task.remind_at = None
    elif task.remind_at is None or task.remind_at <= now:
        task.remind_at = task.due_at


def _has_open_twin(task: Task) -> bool:
    twins = Task.objects.filter(lead=task.lead_id, stage=task.stage, origin=TaskOrigin.STAGE, state=TaskState.OPEN)
    return twins.exclude(pk=task.pk).exists()
