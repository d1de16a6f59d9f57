"""Tasks in step with their leads: made by a stage, closed and opened again with them, handed over; many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from contacts.models import Role, User
from leads.due import due_on
from leads.models import Lead, NoticeKind, Task, TaskOrigin, TaskState
from leads.process_stages import StageTask
from leads.services.notices import News, notify_each
from leads.stages import Stage

QUEUES: Mapping[str, Role] = {
    Stage.INQUIRY: Role.MARKETER,
    Stage.MARKETING_QUALIFICATION: Role.MARKETER,
    Stage.TELEPROSPECTING_ACCEPTANCE: Role.TELEPROSPECTOR,
    Stage.TELEPROSPECTING_QUALIFICATION: Role.TELEPROSPECTOR,
    Stage.SALES_ACCEPTANCE: Role.SALESPERSON,
}
"""Who works in a stage: whose a task is that nobody owns."""


def generate_for_stage(lead_ids: Sequence[int], *, stage: str, task: StageTask, by: User | None = None) -> int:
    """The task that entering `stage` makes for each of these leads, as the process says; how many were made.

    For the lead's owner, or for whose role the process names; nobody's stay in the queue of who works in the stage.
    A lead that still has the open task of an earlier visit gets no second one. Three statements, and notices.
    """
    if not task.title or not lead_ids:
        return 0
    due = due_on(timezone.localdate() + _days(task.days))
    leads = (
        Lead.objects.filter(pk__in=lead_ids)
        .order_by("pk")
        .values_list("pk", "contact", "owner", "owner__role", "owner__is_active")
    )
    waiting = set(
        Task.objects.filter(lead__in=lead_ids, stage=stage, origin=TaskOrigin.STAGE, state=TaskState.OPEN).values_list(
            "lead", flat=True
        )
    )
    made = []
    for pk, contact, owner, role, works in leads:
        if pk in waiting:
            continue
        owns = owner if works and (not task.role or task.role == role) else None
        made.append(
            Task(
                title=task.title[:200],
                lead_id=pk,
                contact_id=contact,
                owner_id=owns,
                queue="" if owns else task.role or QUEUES[Stage(stage)],
                due_at=due.at,
                all_day=due.all_day,
                remind_at=due.remind_at,
                origin=TaskOrigin.STAGE,
                stage=stage,
                created_by=by,
            )
        )
    if not made:
        return 0
    with transaction.atomic():
        Task.objects.bulk_create(made, ignore_conflicts=True)
        tell_given(made, by=by)
    return len(made)


def cancel_of_leads(lead_ids: Sequence[int], *, by: User | None) -> int:
    """The open tasks of leads that are closed go with them; how many."""
    return _cancel(Q(lead__in=lead_ids), by=by)


def bring_back_of_leads(lead_ids: Sequence[int]) -> int:
    """The tasks that went with leads come back when these are opened again; how many."""
    return _bring_back(Q(lead__in=lead_ids))


def cancel_of_opportunities(ids: Sequence[int], *, by: User | None) -> int:
    """The open tasks of opportunities that are won or lost go with them; how many."""
    return _cancel(Q(opportunity__in=ids), by=by)


def bring_back_of_opportunities(ids: Sequence[int]) -> int:
    """The tasks that went with opportunities come back when these are opened again; how many."""
    return _bring_back(Q(opportunity__in=ids))


def _cancel(which: Q, *, by: User | None) -> int:
    gone = Task.objects.filter(which, state=TaskState.OPEN)
    return gone.update(
        state=TaskState.CANCELLED, done_at=timezone.now(), done_by=by, went_with_lead=True, remind_at=None
    )


def _bring_back(which: Q) -> int:
    """Nobody is reminded of the past: only what is still to come is told when it is due."""
    soon = Case(When(due_at__gt=timezone.now(), then=F("due_at")))
    back = Task.objects.filter(which, state=TaskState.CANCELLED, went_with_lead=True)
    return back.update(state=TaskState.OPEN, done_at=None, done_by=None, went_with_lead=False, remind_at=soon)


def hand_over(previous: Mapping[int, int | None], *, to: User | None) -> int:
    """Open tasks that the owners before had for their leads go with the leads; how many.

    `previous`: who had each lead, by id. A lead that nobody has any more leaves its tasks to the role of who had it.
    """
    had: dict[int, list[int]] = defaultdict(list)
    for lead_id, owner_id in previous.items():
        if owner_id is not None and (to is None or owner_id != to.pk):
            had[owner_id].append(lead_id)
    theirs = Q()
    for owner_id, lead_ids in had.items():
        theirs |= Q(owner=owner_id, lead__in=lead_ids)
    if not had:
        return _give_waiting(list(previous), to=to)
    if to is not None:
        given = Task.objects.filter(theirs, state=TaskState.OPEN).update(owner=to, queue="")
        return given + _give_waiting(list(previous), to=to)
    moved = 0
    for role in Role.values:
        owners = User.objects.filter(pk__in=had, role=role)
        moved += Task.objects.filter(theirs, state=TaskState.OPEN, owner__in=owners).update(owner=None, queue=role)
    return moved


def _give_waiting(lead_ids: Sequence[int], *, to: User | None) -> int:
    """What a stage had made for whoever works on the lead, and nobody had taken, is now its owner's to do."""
    if to is None:
        return 0
    waiting = Task.objects.filter(
        lead__in=lead_ids, state=TaskState.OPEN, owner=None, origin=TaskOrigin.STAGE, queue=to.role
    )
    return waiting.update(owner=to, queue="")


def _days(number: int) -> timedelta:
    return timedelta(days=max(0, number))


def tell_given(tasks: Iterable[Task], *, by: User | None) -> None:
    """Who is given tasks by somebody else is told, once however many."""
    given: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.owner_id is not None:
            given[task.owner_id].append(task)
    news = {
        owner: News([one.lead_id for one in some if one.lead_id], _titles(some), len(some))
        for owner, some in given.items()
    }
    notify_each(NoticeKind.TASK_GIVEN, news, by=by)


def _titles(tasks: Sequence[Task]) -> str:
    """The titles of the first few, each once."""
    titles = list(dict.fromkeys(task.title for task in tasks))
    return "; ".join(titles[:3])[:300]
