"""What leads tell of a contact: how each of theirs moved, what was decided and done, and which fields changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format

from contacts.models import Contact, Entity, User
from contacts.story import field_entries
from contacts.telling import ALL, CHANGES
from contacts.timeline import Entry, Rank, Source, older
from leadcrm.lib.paging import Cursor
from leads.models import Cause, Lead, LeadEvent, Mail, Notice, Opportunity, StageChange, Task, TaskState
from leads.notice_words import title_of
from leads.story import TOLD_AS_EVENTS, and_taken_back
from leads.work import readable

LEADS, TASKS, TOLD = "leads", "tasks", "told"
MOST = 200
"""A contact's newest leads, so many, are told of; nobody has more but by mistake."""


class TellsOfLeads:
    """As contacts.telling.Teller says."""

    def kinds(self, user: User) -> Sequence[tuple[str, str]]:
        return [(LEADS, "Leads"), (TASKS, "Tasks"), (TOLD, "Notices")]

    def sources(self, contact: Contact, show: str, user: User) -> list[Source]:
        if show not in {ALL, LEADS, TASKS, TOLD, CHANGES}:
            return []
        found = Lead.objects.visible_to(user).filter(contact=contact).select_related("process").order_by("-pk")
        leads = {lead.pk: lead for lead in found[:MOST]}
        told: list[Source] = []
        if show in {ALL, TASKS}:
            theirs = Q(contact=contact) | Q(lead__in=list(leads))
            tasks = readable(user).filter(theirs).select_related("owner", "lead", "opportunity")
            told += tasks_told(tasks)
        if not leads:
            return told
        if show in {ALL, LEADS}:
            told += [partial(_moves, leads), partial(_events, leads)]
        if show in {ALL, TOLD}:
            told.append(partial(_notices, leads))
        if show in {ALL, CHANGES}:
            of = [(pk, lead.topic, _url(lead)) for pk, lead in leads.items()]
            ids = list(leads)
            fields = partial(field_entries, Lead, Entity.LEAD, ids, Rank.LEAD_FIELD, user, but=TOLD_AS_EVENTS, of=of)
            told.append(fields)
        return told


def _url(lead: Lead) -> str:
    return reverse("leads:detail", args=[lead.pk])


def _moves(leads: dict[int, Lead], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = StageChange.objects.between_stages().filter(lead__in=list(leads)).select_related("actor")
    for row in older(rows, "moved_at", Rank.MOVE, cursor)[:size]:
        lead = leads[row.lead_id]
        cause = "" if row.cause == Cause.PERSON else row.get_cause_display()
        yield Entry(
            row.moved_at,
            Rank.MOVE,
            row.pk,
            f"{lead.topic}: moved to",
            about=lead.stages.name_of(row.to_stage),
            detail=and_taken_back(row, ": ".join(word for word in (cause, row.reason) if word)),
            by=str(row.actor or ""),
            key=True,
            url=_url(lead),
        )


def _events(leads: dict[int, Lead], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = LeadEvent.objects.filter(lead__in=list(leads)).select_related("actor")
    for row in older(rows, "happened_at", Rank.EVENT, cursor)[:size]:
        lead = leads[row.lead_id]
        yield Entry(
            row.happened_at,
            Rank.EVENT,
            row.pk,
            f"{lead.topic}: {row.get_kind_display().lower()}",
            detail=and_taken_back(row, row.detail),
            by=str(row.actor or ""),
            key=True,
            url=_url(lead),
        )


def tasks_told(tasks: QuerySet[Task]) -> list[Source]:
    """What a story says of these tasks: that they were made, and done. `tasks` with owner, lead and opportunity."""
    return [partial(_tasks_done, tasks), partial(_tasks, tasks)]


def _tasks(tasks: QuerySet[Task], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = tasks.select_related("created_by")
    for row in older(rows, "created_at", Rank.TASK, cursor)[:size]:
        due = f"due {date_format(row.due_on, 'j F Y')}" if row.due_on and row.state != TaskState.DONE else ""
        state = "" if row.state == TaskState.OPEN else row.get_state_display().lower()
        whose = f"for {row.owner}" if row.owner else ""
        yield Entry(
            row.created_at,
            Rank.TASK,
            row.pk,
            "To do:",
            about=row.title,
            detail=" · ".join(text for text in (whose, due, state, _topic(row)) if text),
            by=str(row.created_by or ""),
            url=_about_url(row),
        )


def _tasks_done(tasks: QuerySet[Task], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = tasks.filter(state=TaskState.DONE, done_at__isnull=False).select_related("done_by")
    for row in older(rows, "done_at", Rank.TASK_DONE, cursor)[:size]:
        yield Entry(
            row.done_at,
            Rank.TASK_DONE,
            row.pk,
            "Done:",
            about=row.title,
            detail=_topic(row),
            by=str(row.done_by or ""),
            url=_about_url(row),
        )


def _notices(leads: dict[int, Lead], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    """Who was told of these leads, and whether by mail. What else a notice says, of other leads too, stays its own."""
    rows = Notice.objects.filter(lead_ids__overlap=list(leads)).exclude(Q(shown=False, mail=Mail.OFF))
    for row in older(rows.select_related("to", "by"), "created_at", Rank.NOTICE, cursor)[:size]:
        lead = next(leads[pk] for pk in row.lead_ids if pk in leads)
        ways = {Mail.ONCE: "by e-mail", Mail.DIGEST: "by e-mail in the daily digest"}
        yield Entry(
            row.created_at,
            Rank.NOTICE,
            row.pk,
            f"{row.to} was told:",
            about=title_of(row.kind, 1, str(row.by or "")),
            detail=" · ".join(text for text in (lead.topic, ways.get(Mail(row.mail), "")) if text),
            url=_url(lead),
        )


def _topic(task: Task) -> str:
    of: Lead | Opportunity | None = task.lead or task.opportunity
    return str(of.topic) if of else ""


def _about_url(task: Task) -> str:
    if task.lead:
        return _url(task.lead)
    return reverse("opportunities:detail", args=[task.opportunity_id]) if task.opportunity_id else ""


TELLS_OF_LEADS = TellsOfLeads()
