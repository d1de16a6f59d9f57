"""What there is to do, for the "My work" page: whose, when, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts.models import User
from contacts.roles import Ability, Role, can
from leads.due import start_of
from leads.models import Lead, Opportunity, Task, TaskState

LATELY = timedelta(days=14)
COUNTED = 1000
"""How far the figures of the page count."""


class Whose(StrEnum):
    """Whose tasks a tab shows."""

    MINE = "mine"
    QUEUE = "queue"
    TEAM = "team"
    DONE = "done"


TITLES = {Whose.MINE: "Mine", Whose.QUEUE: "Queue", Whose.TEAM: "Everybody's", Whose.DONE: "Done lately"}


class When(StrEnum):
    """By when a task is due, counted from now in the workspace's time zone."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


HEADINGS = {When.OVERDUE: "Overdue", When.TODAY: "Today", When.WEEK: "This week", When.LATER: "Later"}


@dataclass(frozen=True)
class Bounds:
    """Where one group of due times ends and the next begins. A week ends with Sunday; on Sunday, with the next one."""

    now: datetime
    tonight: datetime
    sunday: datetime

    def when(self, task: Task) -> When:
        """The group of an open task."""
        if task.due_at is None or task.due_at > self.sunday:
            return When.LATER
        return When.OVERDUE if task.due_at <= self.now else When.TODAY if task.due_at <= self.tonight else When.WEEK

    def of(self, when: When) -> Q:
        """The tasks of a group."""
        return {
            When.OVERDUE: Q(due_at__lte=self.now),
            When.TODAY: Q(due_at__gt=self.now, due_at__lte=self.tonight),
            When.WEEK: Q(due_at__gt=max(self.now, self.tonight), due_at__lte=self.sunday),
            When.LATER: Q(due_at__gt=self.sunday) | Q(due_at=None),
        }[when]


def bounds() -> Bounds:
    """As of now."""
    today = timezone.localdate()
    left = 7 - today.weekday() if today.weekday() < 6 else 8
    return Bounds(timezone.now(), start_of(today + timedelta(days=1)), start_of(today + timedelta(days=left)))


def tabs_of(user: User) -> list[Whose]:
    """The tabs this person has."""
    return [whose for whose in Whose if whose != Whose.TEAM or can(user, Ability.MANAGE_TEAM)]


def living() -> QuerySet[Task]:
    """Tasks without those of what is deleted."""
    return Task.objects.filter(
        Q(lead=None) | Q(lead__deleted_at=None),
        Q(contact=None) | Q(contact__deleted_at=None),
        Q(opportunity=None) | Q(opportunity__deleted_at=None),
    )


def readable(user: User) -> QuerySet[Task]:
    """Tasks this person may read: own ones, those of what they may see, all where they lead a team."""
    if can(user, Ability.MANAGE_TEAM):
        return living()
    mine = Q(owner=user) | Q(created_by=user) | Q(done_by=user)
    return living().filter(mine | _of_seen(user))


def _of_seen(user: User) -> Q:
    """Tasks of leads, opportunities and contacts this person sees, and those without any that are of their role."""
    leads = Q(lead__isnull=False)
    if not can(user, Ability.SEE_EVERY_LEAD):
        leads &= Q(Exists(Lead.objects.visible_to(user).filter(pk=OuterRef("lead"))))
    of_opportunity = Opportunity.objects.visible_to(user).filter(pk=OuterRef("opportunity"))
    opportunities = Q(lead=None, opportunity__isnull=False) & Q(Exists(of_opportunity))
    contacts = Q(lead=None, opportunity=None, contact__isnull=False)
    if not can(user, Ability.SEE_MARKETING_ONLY):
        contacts &= Q(contact__marketing_only=False)
    free = Q(lead=None, contact=None, opportunity=None, owner=None, queue=user.role)
    return leads | opportunities | contacts | free


def tasks_of(whose: Whose, user: User) -> QuerySet[Task]:
    """The tasks of a tab."""
    drawn = ("lead", "contact", "opportunity", "owner")
    if whose == Whose.MINE:
        # All own ones are readable. Asked all the same, it would hide from the planner how few of all tasks they are.
        return living().filter(state=TaskState.OPEN, owner=user).select_related(*drawn)
    tasks = readable(user).select_related(*drawn)
    if whose == Whose.QUEUE:
        return tasks.filter(state=TaskState.OPEN, owner=None, queue=user.role)
    if whose == Whose.TEAM:
        return tasks.filter(state=TaskState.OPEN)
    return tasks.filter(state=TaskState.DONE, done_by=user, done_at__gte=timezone.now() - LATELY)


def counts(tasks: QuerySet[Task], limits: Bounds) -> dict[When, int]:
    """How many of these open tasks are in each group, of at most `COUNTED`. One query."""
    some = Task.objects.filter(pk__in=list(tasks.order_by().values_list("pk", flat=True)[:COUNTED]))
    found = some.aggregate(**{when: Count("pk", filter=limits.of(when)) for when in When})
    return {when: found[when] for when in When}


def may_work(user: User) -> bool:
    """Whether tasks are for this person at all: readers have none."""
    return can(user, Ability.WRITE)


def may_do(user: User, task: Task) -> bool:
    """Do, change and cancel it: one's own, one's role's, what one has asked for; who leads the team all."""
    if not may_work(user):
        return False
    of_role = task.owner_id is None and task.queue == user.role
    return task.owner_id == user.pk or of_role or task.created_by_id == user.pk or can(user, Ability.MANAGE_TEAM)


def may_take(user: User, task: Task) -> bool:
    """Take it from the queue of one's role, or from somebody who no longer works here."""
    free = task.owner is None or not task.owner.is_active
    return may_work(user) and free and (task.queue == user.role or can(user, Ability.MANAGE_TEAM))


def queue_words(queue: str) -> str:
    """Whose a task is that nobody owns."""
    return f"Any {Role(queue).label.lower()}" if queue in Role.values else "Nobody"
