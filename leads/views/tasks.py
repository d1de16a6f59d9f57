"""Pages of one task: made, edited, done, postponed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from contacts.errors import InvalidValues
from contacts.models import Contact, User
from contacts.views.editing import person
from leadcrm.lib.links import id_in, safe_next
from leads.errors import TaskClosed, TaskGivenAway
from leads.models import Lead, LeadEvent, Opportunity, Task
from leads.services import tasks
from leads.task_forms import PostponeForm, TaskForm
from leads.work import may_do, may_take, may_work, readable

LEAD_FIRST = "Nothing is saved. Open the lead again first: the task comes back with it."


@login_required
@require_http_methods(["GET", "POST"])
def new_task(request: HttpRequest) -> HttpResponse:
    """A task by hand, perhaps of ?lead=, ?opportunity= or ?contact=."""
    user = person(request)
    if not may_work(user):
        raise PermissionDenied
    lead = _named(request, "lead", Lead.objects.visible_to(user).open())
    opportunity = _named(request, "opportunity", Opportunity.objects.visible_to(user).select_related("contact"))
    contact = _named(request, "contact", Contact.objects.visible_to(user))
    form = TaskForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            tasks.create_task(
                by=user,
                title=form.cleaned_data["title"],
                note=form.cleaned_data["note"],
                due=form.due,
                lead=lead,
                contact=contact,
                opportunity=opportunity,
                owner=form.owner,
                queue=form.queue,
            )
            messages.success(request, f"Task added: {form.cleaned_data['title']}")
            return redirect(safe_next(request, reverse("leads:work")))
        except InvalidValues as error:
            _refuse(form, error)
    about = lead or opportunity or contact
    return _form_page(request, form, {"heading": "New task", "about": about, "button": "Add the task"})


def _named(request: HttpRequest, name: str, rows: Any) -> Any:
    """The record that the address names; 404 when this person may not see it, None when none is named."""
    wanted = id_in(request, name)
    return get_object_or_404(rows, pk=wanted) if wanted else None


@login_required
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task: read, said anew, given on. Who edits what somebody else has changed or closed meanwhile is told, and
    keeps what they typed.
    """
    user = person(request)
    found = _readable_or_404(user, task_id)
    if request.method == "POST":
        return _save(request, user, task_id)
    if not may_do(user, found) or not found.is_open:
        return render(request, "leads/task.html", {"task": found, "may_do": may_do(user, found)})
    return _task_page(request, TaskForm(user=user, task=found), found)


def _save(request: HttpRequest, user: User, task_id: int) -> HttpResponse:
    """Write what this person edited, unless others changed the task since they saw it; a closed one with `reopen`."""
    with transaction.atomic():
        stored = tasks.locked_with_lead(task_id)
        form = TaskForm(request.POST, user=user, task=stored)
        if not may_do(user, stored):
            return _no_longer_theirs(request, form, stored, user)
        changes = form.changes_meanwhile()
        closed = not stored.is_open
        if _went_with_lead(stored):
            form.add_error(None, f"{_who_closed(stored)} {LEAD_FIRST}")
            return _task_page(request, form, stored, stays=True)
        if not changes and form.is_valid() and (not closed or request.POST.get("reopen")):
            try:
                with transaction.atomic():
                    _write(form, stored, user)
                messages.success(request, f"Saved: {form.cleaned_data['title']}")
                return redirect(safe_next(request, reverse("leads:work")))
            except InvalidValues as error:
                _refuse(form, error)
    if changes:
        form = TaskForm(form.rebased_data(), user=user, task=stored)
    return _task_page(request, form, stored, changes=changes, closed=closed)


def _went_with_lead(task: Task) -> bool:
    """Whether it cannot be opened again, because what it was for is closed."""
    return not task.is_open and task.lead is not None and not task.lead.is_open


def _who_closed(task: Task) -> str:
    """Who closed its lead, as a sentence."""
    kinds = [LeadEvent.Kind.QUALIFIED, LeadEvent.Kind.DISQUALIFIED]
    last = LeadEvent.objects.filter(lead=task.lead_id, kind__in=kinds).select_related("actor").order_by("-pk").first()
    by = f"{last.actor} has closed" if last is not None and last.actor else "Somebody has closed"
    return f"{by} the lead of this task, and the task with it."


def _no_longer_theirs(request: HttpRequest, form: TaskForm, task: Task, user: User) -> HttpResponse:
    """Whose task it was when they opened it is told who has it now, and keeps what they typed; 403 for others."""
    then = form.seen_values().get("who") if form.says_what_was_seen else None
    now = form.flat_initial().get("who")
    if not may_work(user) or then is None or then == now:
        raise PermissionDenied
    form.add_error(None, TaskGivenAway(task.pk, str(task.owner or "Somebody else")).message)
    return _task_page(request, form, task, stays=True)


def _write(form: TaskForm, task: Task, user: User) -> None:
    if not task.is_open:
        tasks.reopen_task(task.pk, by=user)
    edited, given = set(form.edited()), form.cleaned_data
    tasks.update_task(
        task.pk,
        by=user,
        title=given["title"] if "title" in edited else None,
        note=given["note"] if "note" in edited else None,
        due=form.due if edited & {"day", "clock"} else None,
    )
    if "who" in edited:
        tasks.reassign(task.pk, by=user, owner=form.owner, queue=form.queue)


def _task_page(
    request: HttpRequest,
    form: TaskForm,
    task: Task,
    *,
    changes: Sequence[object] = (),
    closed: bool = False,
    stays: bool = False,
) -> HttpResponse:
    """`stays`: nothing can be saved, and the form says why; what was typed stands there to be copied."""
    context: dict[str, Any] = {"heading": "Task", "about": task.about, "button": "Save", "task": task}
    if changes:
        context |= {"button": "Save mine as well", "changes": changes}
    if closed:
        refusal = TaskClosed(task.pk, task.state, str(task.done_by or ""), task.done_at)
        context |= {"button": "Open it again and save", "closed": refusal.message}
    context["stays"] = stays
    return _form_page(request, form, context, status=409 if changes or closed or stays else 0)


def _readable_or_404(user: User, task_id: int) -> Task:
    return get_object_or_404(
        readable(user).select_related("lead", "contact", "opportunity", "owner", "done_by"), pk=task_id
    )


def _form_page(request: HttpRequest, form: TaskForm, context: dict[str, Any], status: int = 0) -> HttpResponse:
    following = safe_next(request, reverse("leads:work"))
    status = status or (422 if form.is_bound else 200)
    return render(request, "leads/task_form.html", context | {"form": form, "next": following}, status=status)


def _refuse(form: TaskForm, error: InvalidValues) -> None:
    fields = {"owner": "who"}
    for name, words in error.errors.items():
        form.add_error(fields.get(name, name), words)


@login_required
@require_POST
def do(request: HttpRequest, task_id: int, what: str) -> HttpResponse:
    """Complete, cancel, open again, take or postpone a task; then back to `next`. What is done is undone with a click.

    403 when it is not this person's to do; a DomainError naming who was first, or who has it.
    """
    user = person(request)
    found = _readable_or_404(user, task_id)
    # Whoever was too late to take it is told who was first, instead of that they may not.
    too_late = what == "take" and may_work(user) and found.owner is not None and found.owner.is_active
    if not (may_take(user, found) or too_late if what == "take" else may_do(user, found)):
        if may_work(user) and found.owner is not None and found.owner != user:
            raise TaskGivenAway(task_id, str(found.owner))
        raise PermissionDenied
    following = safe_next(request, reverse("leads:work"))
    if what == "postpone":
        form = PostponeForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Nothing was done: say by how many days.")
            return redirect(following)
        later = tasks.postpone(task_id, by=user, due=form.due_of(found))
        messages.success(request, f"Due {date_format(later.due_on or timezone.localdate(), 'l, j F')}: {later.title}")
        return redirect(following)
    done = DOES[what](task_id, by=user)
    said = {"done": "Done", "cancel": "Cancelled", "undo": "Open again", "take": "Yours"}[what]
    context = {"said": f"{said}: {done.title}", "task": done, "next": following, "undo": what in {"done", "cancel"}}
    messages.success(request, render_to_string("leads/task_said.html", context, request))
    return redirect(following)


DOES: dict[str, Callable[..., Task]] = {
    "done": tasks.complete,
    "cancel": tasks.cancel,
    "undo": tasks.reopen_task,
    "take": tasks.take_task,
}
