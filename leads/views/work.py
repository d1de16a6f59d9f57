"""Pages of tasks: "My work", and those of a lead, a contact or an opportunity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import Contact, User
from contacts.views.editing import person
from leadcrm.lib.facts import Fact
from leadcrm.lib.paging import ID, Column, Sort, page_of, url_with
from leads.models import Lead, Opportunity, Task, TaskState
from leads.work import (
    COUNTED,
    HEADINGS,
    TITLES,
    When,
    Whose,
    bounds,
    counts,
    may_do,
    may_take,
    may_work,
    readable,
    tabs_of,
    tasks_of,
)

BY_DUE = Sort("due", "Due", (Column("due_at", datetime, nullable=True), ID))
BY_DONE = Sort("done", "Done", (Column("done_at", datetime), ID), descending=True)
FEW = 20


@login_required
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """What there is to do: ?tab= whose, ?when= until when."""
    user = person(request)
    whose = next((one for one in tabs_of(user) if one == request.GET.get("tab")), Whose.MINE)
    when = next((one for one in When if one == request.GET.get("when")), None) if whose != Whose.DONE else None
    limits, found = bounds(), tasks_of(whose, user)
    shown = found.filter(limits.of(when)) if when else found
    page = page_of(shown, BY_DONE if whose == Whose.DONE else BY_DUE, request.GET.get("at", ""))
    context = {
        "whose": whose,
        "when": when,
        "tabs": [(one, TITLES[one]) for one in tabs_of(user)],
        "facts": [] if whose == Whose.DONE else _facts(request, counts(found, limits), when),
        "groups": _groups(page.rows, None if whose == Whose.DONE else limits.when, user),
        "page": page,
        "may_work": may_work(user),
        "here": request.get_full_path(),
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "leads/work.html", context)


def _facts(request: HttpRequest, numbers: dict[When, int], chosen: When | None) -> list[Fact]:
    """How many in each group; each leads to its tasks, the chosen one back to all."""
    full = sum(numbers.values()) >= COUNTED
    return [
        Fact(
            HEADINGS[when],
            f"{numbers[when]:,}{'+' if full else ''}",
            "all" if when == chosen else "",
            url_with(request.GET, when="" if when == chosen else when, at=""),
            "late" if when == When.OVERDUE and numbers[when] else "",
        )
        for when in When
    ]


def _groups(rows: list[Task], when: Callable[[Task], When] | None, user: User) -> list[dict[str, Any]]:
    """Rows under their headings, in order."""
    groups: list[dict[str, Any]] = []
    for task in rows:
        name = HEADINGS[when(task)] if when else ""
        if not groups or groups[-1]["heading"] != name:
            groups.append({"heading": name, "rows": []})
        groups[-1]["rows"].append(_row(task, user))
    return groups


def _row(task: Task, user: User) -> dict[str, Any]:
    return {"task": task, "may_do": may_do(user, task), "may_take": task.is_open and may_take(user, task)}


@login_required
@require_safe
def tasks_of_lead(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The tasks of a lead, for its page."""
    lead = get_object_or_404(Lead.objects.visible_to(person(request)), pk=lead_id)
    new = f"{reverse('leads:task_new')}?lead={lead.pk}" if lead.is_open else ""
    return _few(request, Task.objects.filter(lead=lead), new, reverse("leads:detail", args=[lead_id]))


@login_required
@require_safe
def tasks_of_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The tasks of a contact and of its leads, for its page."""
    user = person(request)
    contact = get_object_or_404(Contact.objects.visible_to(user), pk=contact_id)
    found = readable(user).filter(contact=contact)
    new = f"{reverse('leads:task_new')}?contact={contact.pk}"
    return _few(request, found, new, reverse("contacts:detail", args=[contact_id]))


@login_required
@require_safe
def tasks_of_opportunity(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    """The tasks of an opportunity, for its page."""
    user = person(request)
    one = get_object_or_404(Opportunity.objects.visible_to(user), pk=opportunity_id)
    new = f"{reverse('leads:task_new')}?opportunity={one.pk}"
    return _few(request, Task.objects.filter(opportunity=one), new, reverse("opportunities:detail", args=[one.pk]))


def _few(request: HttpRequest, found: Any, new_url: str, here: str) -> HttpResponse:
    user = person(request)
    rows = found.select_related("lead", "contact", "opportunity", "owner")
    waiting = list(rows.filter(state=TaskState.OPEN).order_by("due_at", "pk")[: FEW + 1])
    past = list(rows.filter(state=TaskState.DONE).order_by("-done_at")[:5])
    context = {
        "rows": [_row(task, user) for task in waiting[:FEW]],
        "more": len(waiting) > FEW,
        "done": past,
        "new_url": f"{new_url}&next={here}" if new_url and may_work(user) else "",
        "here": here,
    }
    return render(request, "leads/tasks_of_record.html", context)
