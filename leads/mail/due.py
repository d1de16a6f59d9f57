"""What time brings: tasks that fall due, and the daily digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import OutboxEvent, User
from contacts.roles import Role
from leadcrm.lib.doorbell import ring_on_commit
from leads.due import MORNING, at
from leads.models import Mail, Notice, NoticeKind, Task, TaskState
from leads.services.notices import DELIVER_MAIL, News, notify_each

MOST = 500


def remind_some() -> int:
    """Tell of tasks that are due or overdue by now, each person once; how many tasks. Again while there are `MOST`.

    What a task has been told of is kept with it in the same transaction: nothing is told twice. Of overdue tasks that
    nobody has, or somebody who left, sales managers are told. Of tasks of deleted leads and contacts nobody is, until
    these are back.
    """
    now = timezone.now()
    there = Q(lead=None) | Q(lead__deleted_at=None), Q(contact=None) | Q(contact__deleted_at=None)
    with transaction.atomic():
        due = Task.objects.filter(*there, state=TaskState.OPEN, remind_at__lte=now).order_by("remind_at", "pk")
        tasks = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("owner")[:MOST])
        soon = [task for task in tasks if task.due_at is not None and task.due_at > now]
        late = [task for task in tasks if task not in soon]
        for task in soon:
            task.remind_at = task.due_at
        for task in late:
            task.remind_at = None
        Task.objects.bulk_update(tasks, ["remind_at"])
        _tell(NoticeKind.TASK_DUE, [task for task in soon if task.owner and task.owner.is_active])
        _tell(NoticeKind.TASK_OVERDUE, late)
    return len(tasks)


def _tell(kind: NoticeKind, tasks: Sequence[Task]) -> None:
    whose: dict[int, list[Task]] = defaultdict(list)
    nobodys = [task for task in tasks if task.owner is None or not task.owner.is_active]
    for task in tasks:
        if task.owner is not None and task.owner.is_active:
            whose[task.owner.pk].append(task)
    if nobodys:
        for pk in User.objects.filter(role=Role.SALES_MANAGER, is_active=True).values_list("pk", flat=True):
            whose[pk] += nobodys
    notify_each(kind, {pk: _news(some) for pk, some in whose.items()}, by=None)


def _news(tasks: Sequence[Task]) -> News:
    titles = "; ".join(list(dict.fromkeys(task.title for task in tasks))[:3])
    return News([task.lead_id for task in tasks if task.lead_id], titles[:300], len(tasks))


def digest_some() -> int:
    """Once the morning has come, put what waits for each person's digest into the outbox; how many digests.

    Only what was told before this morning, and of that what is still unread; the rest needs no mail. A notice is
    marked in the same transaction: it is in one digest only.
    """
    morning = at(timezone.localdate(), MORNING)
    if timezone.now() < morning:
        return 0
    pending = Notice.objects.filter(mail=Mail.DIGEST, digested_at=None, created_at__lt=morning)
    made = 0
    for to in list(pending.order_by("to").values_list("to", flat=True).distinct()[:MOST]):
        with transaction.atomic():
            mine = pending.filter(to=to).select_for_update(skip_locked=True).order_by("pk")
            rows = list(mine.values_list("pk", "read_at")[: MOST * 2])
            Notice.objects.filter(pk__in=[pk for pk, _ in rows]).update(digested_at=timezone.now())
            unread = [pk for pk, read_at in rows if read_at is None]
            if unread:
                OutboxEvent.objects.create(kind="mail", payload={"to": to, "digest": True, "notices": unread})
                ring_on_commit(DELIVER_MAIL)
                made += 1
    return made
