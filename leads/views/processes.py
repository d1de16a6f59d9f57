"""Processes as administrators see and change them: all, one drawn as its five stages, edited, copied, retired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Campaign, Role
from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.facts import Count
from leads.access import may_configure
from leads.errors import InvalidValues
from leads.models import CampaignProcess, Process
from leads.process_counts import counts_of, in_order
from leads.process_form import NewProcessForm, ProcessForm
from leads.process_stages import StageSettings
from leads.services import processes
from leads.stage_fields import catalogue

View = Callable[..., HttpResponse]
ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "default": (processes.make_default, "{} is the default process now: new leads begin in it."),
    "retire": (processes.retire, "{} is retired: it takes no new leads, and those in it go on."),
    "bring-back": (processes.bring_back, "{} takes leads again."),
}
"""What is done to a process at once, and how that is said."""


def configurers(view: View) -> View:
    """Only for those who may make and edit processes."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_configure(person(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@dataclass(frozen=True)
class Column:
    """One stage as drawn: its settings, what its fields are called and whether they are required, who is in it."""

    settings: StageSettings
    fields: list[tuple[str, bool]]
    count: Count | None
    task_for: str
    goes_on: list[str]

    @property
    def is_over(self) -> bool:
        """Whether it holds more leads than the process wants there."""
        most = self.settings.most
        return bool(most and self.count and self.count.number > most)


@configurers
@require_safe
def process_list(request: HttpRequest) -> HttpResponse:
    """All processes, the default one first, with how many leads are in each."""
    rows = list(in_order().select_related("edited_by"))
    counts = counts_of([process.pk for process in rows])
    begun: dict[int, list[str]] = {}
    for one in CampaignProcess.objects.select_related("campaign").order_by("campaign__name"):
        begun.setdefault(one.process_id, []).append(one.campaign.name)
    zero = Count(0, False)
    told = [
        (process, sum(counts.get(process.pk, {}).values(), zero) if counts else None, begun.get(process.pk, []))
        for process in rows
    ]
    return render(request, "leads/process_list.html", {"rows": told})


@configurers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A process that begins as a copy of another; then its form."""
    data = request.POST if request.method == "POST" else None
    like = request.GET.get("like", "")
    first = in_order().first()
    begun = {"like": int(like) if like.isdecimal() and len(like) < 10 else first.pk if first else None}
    form = NewProcessForm(data, initial=begun)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = processes.copy_process(wanted["like"].pk, name=wanted["name"], by=person(request))
        except InvalidValues as error:
            form.add_error("name", error.errors["name"])
        else:
            messages.success(request, f"{made} is there, as a copy of {wanted['like']}. Change what is different.")
            return redirect("leads:process_edit", made.pk)
    return render(request, "leads/process_new.html", {"form": form}, status=422 if form.is_bound else 200)


@configurers
@require_safe
def detail(request: HttpRequest, process_id: int) -> HttpResponse:
    """One process, drawn as its five stages across, with what each shows, requires and holds."""
    process = get_object_or_404(Process.objects.select_related("edited_by"), pk=process_id)
    begun = CampaignProcess.objects.filter(process=process).select_related("campaign").order_by("campaign__name")
    context = {
        "process": process,
        "columns": columns_of(process),
        "begun": begun,
        "campaigns": Campaign.objects.exclude(pk__in=begun.values("campaign")).order_by("name"),
    }
    return render(request, "leads/process_detail.html", context)


def columns_of(process: Process) -> list[Column]:
    """Its stages as drawn."""
    stages = process.stages.all()
    known = catalogue({field.name for one in stages for field in one.fields})
    counts = counts_of([process.pk])
    moves = {
        "inquiry": [process.first_score_moves and "its first score"],
        "marketing_qualification": [process.teleprospecting_ready_moves and "“Teleprospecting ready”"],
        "teleprospecting_acceptance": [process.teleprospecting_accepted_moves and "“Teleprospecting accepted”"],
    }
    return [
        Column(
            one,
            [(known[field.name].label, field.required) for field in one.fields if field.name in known],
            counts[process.pk][one.stage] if counts else None,
            f"any {Role(one.task.role).label.lower()}" if one.task.role in Role.values else "its owner",
            [words for words in moves.get(one.stage, []) if words],
        )
        for one in stages
    ]


@configurers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, process_id: int) -> HttpResponse:
    """All that is edited of a process. Who saves second is told who changed what, and keeps what they typed."""
    process = get_object_or_404(Process.objects.select_related("edited_by"), pk=process_id)
    changes: list[tuple[str, str, str]] = []
    form = ProcessForm(process=process)
    if request.method == "POST":
        with transaction.atomic():
            process = processes.locked_process(process_id)
            form = ProcessForm(request.POST, process=process)
            changes = form.changes_meanwhile()
            if not changes and form.is_valid():
                try:
                    processes.update_process(process, form.values(), by=person(request))
                except InvalidValues as error:
                    form.add_error("name", error.errors["name"])
                else:
                    messages.success(request, "Saved.")
                    return redirect("leads:process", process_id)
        if changes:
            form = ProcessForm(form.rebased_data(), process=process)
    context = {"process": process, "form": form, "parts": form.parts(), "changes": changes}
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "leads/process_edit.html", context, status=status)


@configurers
@require_POST
def act(request: HttpRequest, process_id: int, name: str) -> HttpResponse:
    """Make it the default, retire it or bring it back; then its page, which says so or why not."""
    process = get_object_or_404(Process, pk=process_id)
    service, words = ACTS[name]
    try:
        service(process_id, by=person(request))
    except DomainError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, words.format(process))
    return redirect("leads:process", process_id)


@configurers
@require_POST
def campaigns(request: HttpRequest, process_id: int) -> HttpResponse:
    """Let new leads of a campaign begin in this process (`add`), or in the default one again (`remove`)."""
    process = get_object_or_404(Process, pk=process_id)
    chosen = request.POST.get("add") or request.POST.get("remove") or ""
    campaign = Campaign.objects.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 10 else None
    if campaign is None:
        messages.error(request, "Choose a campaign.")
    elif request.POST.get("add"):
        try:
            before = processes.begin_campaign_in(process_id, campaign.pk, by=person(request))
        except DomainError as refused:
            messages.error(request, refused.message)
        else:
            instead = f", no longer in {before}" if before else ""
            messages.success(request, f"New leads of {campaign} begin in {process}{instead}.")
    else:
        processes.leave_campaign(process_id, campaign.pk, by=person(request))
        messages.success(request, f"New leads of {campaign} begin in the default process again.")
    return redirect("leads:process", process_id)
