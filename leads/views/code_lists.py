"""The lists that leads choose from, kept on pages of their own: renamed, ordered, archived."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.views.editing import person
from leads.access import may_keep_lists
from leads.errors import ChangedMeanwhile, InvalidValues, RecordGone
from leads.models import CodeList, LeadSource, RecycleReason, Status, StatusReason
from leads.models.code_lists import BY_THEMSELVES
from leads.services import code_lists


@dataclass(frozen=True)
class List:
    """`words` say what the list is for; `notes`: an entry may require a note."""

    slug: str
    title: str
    words: str
    model: type[CodeList]
    notes: bool = False
    stay: frozenset[int] = frozenset()
    """Entries that leads get by themselves."""


LISTS = {
    one.slug: one
    for one in [
        List(
            "status-reasons",
            "Status reasons",
            "Why a lead has its status. Whoever closes a lead chooses one.",
            StatusReason,
            notes=True,
            stay=BY_THEMSELVES,
        ),
        List("sources", "Lead sources", "What kind of thing brings leads.", LeadSource),
        List(
            "recycle-reasons",
            "Reasons to return",
            "Why a lead goes back to marketing. Whoever returns it chooses one.",
            RecycleReason,
            notes=True,
        ),
    ]
}


class EntryForm(forms.Form):
    """One entry, new or known; `status` is that of a status reason that is new."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=100, strip=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=100, required=False, label="Name")
    status = forms.ChoiceField(choices=Status.choices, required=False, label="Status")
    note_required = forms.BooleanField(required=False, label="Needs a note")
    do = forms.ChoiceField(choices=[(do, do) for do in ("add", "change", "up", "down", "archive", "restore")])


@login_required
@require_http_methods(["GET", "POST"])
def code_list(request: HttpRequest, slug: str) -> HttpResponse:
    """One list. A refusal keeps what was typed, names the cause, and changes nothing."""
    if slug not in LISTS:
        raise Http404
    if not may_keep_lists(person(request)):
        raise PermissionDenied
    kept = LISTS[slug]
    problem, typed = "", {}
    if request.method == "POST":
        form = EntryForm(request.POST)
        if form.is_valid():
            try:
                said = _done(kept, form.cleaned_data)
            except InvalidValues as error:
                problem, typed = " ".join(error.errors.values()), form.cleaned_data
            except ChangedMeanwhile:
                problem = "Somebody else renamed this entry meanwhile; it is shown as it is now."
                typed = form.cleaned_data
            except RecordGone:
                problem = "This entry is gone."
            else:
                messages.success(request, said)
                return redirect("leads:code_list", slug)
        else:
            problem = "Say what to do."
    return _page(request, kept, problem, typed)


def _done(kept: List, wanted: dict[str, Any]) -> str:
    """Do it; what was done, in words."""
    do, entry_id, model = wanted["do"], wanted["id"] or 0, kept.model
    more: dict[str, Any] = {"note_required": wanted["note_required"]} if kept.notes else {}
    if do == "add":
        if model is StatusReason:
            more["status"] = wanted["status"] or Status.DISQUALIFIED
        return f"{code_lists.add_entry(model, name=wanted['name'], **more)}: added."
    if do == "change":
        return f"{code_lists.change_entry(model, entry_id, seen=wanted['seen'], name=wanted['name'], **more)}: saved."
    if do in {"up", "down"}:
        code_lists.move_entry(model, entry_id, up=do == "up")
        return "Moved."
    entry = code_lists.archive_entry(model, entry_id, archived=do == "archive")
    return f"{entry}: {'archived' if entry.archived else 'offered again'}."


def _page(request: HttpRequest, kept: List, problem: str, typed: dict[str, Any]) -> HttpResponse:
    entries = list(kept.model._default_manager.all())
    groups: list[tuple[str, list[CodeList]]] = [(kept.title, [one for one in entries if not one.archived])]
    if kept.model is StatusReason:
        groups = [
            (label, [one for one in entries if not one.archived and getattr(one, "status", "") == status])
            for status, label in Status.choices
        ]
    context = {
        "kept": kept,
        "lists": LISTS.values(),
        "groups": groups,
        "archived": [one for one in entries if one.archived],
        "problem": problem,
        "typed": typed,
        "statuses": Status.choices if kept.model is StatusReason else [],
    }
    return render(request, "leads/code_list.html", context, status=422 if problem else 200)
