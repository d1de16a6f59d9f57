"""What the demo's people have to do, and what they were told of lately."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import User
from contacts.services.contacts import update_contact
from leads.due import due_on
from leads.models import Lead, Mail, Notice, NoticeKind, Opportunity, Task, TaskOrigin, TaskState
from leads.stages import Stage

# What is to be done, in how many days from now (done ones before), at which hour, whether it is done.
SALES = (
    ("Send the offer with the pilot's price", -1, None, False),
    ("Call back about the number of vehicles", 0, 15, False),
    ("Ask who else decides", 0, None, False),
    ("Prepare the demonstration", 1, 10, False),
    ("Send references from their industry", 2, None, False),
    ("Agree on a date for the pilot", 6, None, False),
    ("Call about the open questions", -2, None, True),
)
CALLS = (
    ("Call again: voicemail yesterday", 0, 11, False),
    ("Find the direct number", 0, None, False),
    ("Ask about budget and time frame", 1, None, False),
    ("Call after their holiday", 5, 9, False),
)
TO_CLOSE = (
    ("Ask legal about the terms", 0, 14),
    ("Agree on the day of signing", 2, None),
    ("Send the second offer", 4, None),
)
QUEUED = (("Call before noon", 0, 12), ("Look up who is responsible", 1, None), ("Call back: asked by e-mail", 2, None))


def make_work(staff: dict[str, User], now: datetime) -> None:
    """Tasks for those who sell and call, some that anybody of the role can take, and a few notices."""
    leads: QuerySet[Lead] = Lead.objects.alive().open().select_related("contact").order_by("-score", "pk")
    tasks: list[Task] = []
    for name, wanted in (("sam", SALES), ("lena", SALES[1:4]), ("mona", SALES[:3]), ("theo", CALLS)):
        user = staff[name]
        about = (
            leads.filter(owner=user)
            if name != "theo"
            else leads.filter(owner__in=[user.pk]) | leads.filter(stage=Stage.TELEPROSPECTING_QUALIFICATION)
        )
        for lead, (title, days, hour, done) in zip(islice(about, len(wanted)), wanted, strict=False):
            tasks.append(_task(title, days, hour, lead, user, now, done=done))
    calling = leads.filter(stage=Stage.TELEPROSPECTING_ACCEPTANCE, owner=None)
    for lead, (title, days, hour) in zip(islice(calling, len(QUEUED)), QUEUED, strict=False):
        tasks.append(_task(title, days, hour, lead, None, now, queue="teleprospector"))
    Task.objects.bulk_create(tasks)
    Notice.objects.bulk_create(_notices(staff, leads, now))


def make_work_on_opportunities(staff: dict[str, User], now: datetime) -> None:
    """Tasks of opportunities, for whoever has these, the next to close first."""
    tasks = []
    for name in ("sam", "lena", "mona"):
        theirs = Opportunity.objects.alive().open().filter(owner=staff[name]).select_related("contact")
        for one, (title, days, hour) in zip(theirs.order_by("expected_close", "pk"), TO_CLOSE, strict=False):
            due = due_on(timezone.localdate(now) + timedelta(days=days), time(hour) if hour is not None else None)
            task = Task(title=title, opportunity=one, contact=one.contact, owner=one.owner, created_by=one.owner)
            task.due_at, task.all_day = due.at, due.all_day
            task.created_at = max(one.created_at, now - timedelta(days=2))
            tasks.append(task)
    Task.objects.bulk_create(tasks)


def ask_for_no_calls(by: User) -> None:
    """Two people whose leads would be called asked not to be."""
    calling = Lead.objects.alive().open().filter(stage=Stage.TELEPROSPECTING_ACCEPTANCE, owner=None)
    for lead in calling.filter(contact__isnull=False).select_related("contact").order_by("score", "pk")[:2]:
        if lead.contact is not None:
            update_contact(lead.contact.pk, version=lead.contact.version, changes={"do_not_call": True}, by=by)


def _task(
    title: str,
    days: int,
    hour: int | None,
    lead: Lead,
    owner: User | None,
    now: datetime,
    *,
    done: bool = False,
    queue: str = "",
) -> Task:
    due = due_on(timezone.localdate(now) + timedelta(days=days), time(hour) if hour is not None else None)
    ended = {"state": TaskState.DONE, "done_at": now - timedelta(hours=20), "done_by": owner} if done else {}
    return Task(
        title=title,
        lead=lead,
        contact=lead.contact,
        owner=owner,
        queue=queue,
        due_at=due.at,
        all_day=due.all_day,
        remind_at=due.remind_at if due.remind_at and due.remind_at > now and not done else None,
        origin=TaskOrigin.STAGE if queue else TaskOrigin.MANUAL,
        stage=Stage.TELEPROSPECTING_ACCEPTANCE if queue else "",
        created_by=owner,
        created_at=now - timedelta(days=3),
        **ended,
    )


def _notices(staff: dict[str, User], leads: QuerySet[Lead], now: datetime) -> list[Notice]:
    """As if told over the last days; nothing is mailed."""
    sams = [lead.pk for lead in leads.filter(owner=staff["sam"])[:4]]
    free = [lead.pk for lead in leads.filter(sales_ready=True, owner=None)[:5]]
    back = [lead.pk for lead in leads.filter(ready_hold=True)[:1]]
    wanted = [
        ("sam", NoticeKind.ASSIGNED, sams[:3], "mona", "", 3, False),
        ("sam", NoticeKind.IN_QUEUE, free, "", "Sales-ready", 1, False),
        ("sam", NoticeKind.READY, sams[3:], "", "", 26, True),
        ("mona", NoticeKind.RETURNED, back, "sam", "Budget only in spring", 5, False),
        ("mona", NoticeKind.IN_QUEUE, free, "", "Sales-ready", 1, False),
        ("maria", NoticeKind.RETURNED, back, "sam", "Budget only in spring", 5, False),
    ]
    return [
        Notice(
            to=staff[to],
            kind=kind,
            lead_ids=ids,
            count=len(ids),
            by=staff.get(by),
            words=words,
            mail=Mail.OFF,
            created_at=now - timedelta(hours=hours),
            read_at=now - timedelta(hours=hours - 1) if read else None,
        )
        for to, kind, ids, by, words, hours, read in wanted
        if ids
    ]
