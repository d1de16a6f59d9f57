"""The draft of a model: what it says, what is wrong with it, how it differs from what is live; the model around its
rules, and the whole as text."""

from __future__ import annotations

import json
from contextlib import suppress

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.pages import render_page, wants_part
from leads.conditions import lead_vocabulary
from scoring.definition import freeze
from scoring.draft import draft_of, run_of
from scoring.editing import locked, replace_draft, set_grades, set_groups, touch
from scoring.errors import RunIsOver
from scoring.forms import ModelForm, PasteForm, RuleForm
from scoring.group_form import GroupsForm
from scoring.runs import cancel_run, pause_run, resume_run
from scoring.views.findings import told
from scoring.views.models import marketers, model_or_404
from scoring.words import rule_in_words

RUN_ACTS = {"pause": pause_run, "resume": resume_run, "cancel": cancel_run}


def draw(request: HttpRequest, model_id: int, *, saved: int = 0) -> HttpResponse:
    """The page, or for htmx the draft alone; `saved` is the rule that was just written."""
    model = model_or_404(model_id)
    draft = draft_of(model)
    context = {
        "model": model,
        "draft": draft,
        "told": told(model.pk, draft.findings),
        "run": run_of(model),
        "saved": saved,
        "form_media": RuleForm().media,
        "here": "builder",
    }
    return render_page(request, "scoring/models/builder.html", context, part="draft")


@marketers
@require_safe
def builder(request: HttpRequest, model_id: int) -> HttpResponse:
    return draw(request, model_id)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, model_id: int) -> HttpResponse:
    """How far scoring every lead has come: asked every second or two as long as it lasts.

    Posted: `act`, one of RUN_ACTS. What is over already when it is acted on is just shown so.
    """
    model = model_or_404(model_id)
    if request.method == "POST":
        act, under_way = RUN_ACTS.get(request.POST.get("act", "")), run_of(model)
        if act and under_way:
            with suppress(RunIsOver):
                act(under_way.pk, by=person(request))
        if not wants_part(request):
            return redirect("scoring:builder", model_id)
    cancelled = request.POST.get("act") == "cancel"
    context = {"model": model, "run": run_of(model), "was_running": not cancelled, "was_cancelled": cancelled}
    return render(request, "scoring/models/run.html", context)


@marketers
@require_http_methods(["GET", "POST"])
def around(request: HttpRequest, model_id: int) -> HttpResponse:
    """Name, whom it scores, threshold and grades. Whoever saves second is told, and keeps what they typed."""
    changes: list[tuple[str, str, str]] = []
    if request.method == "POST":
        with transaction.atomic():
            form = ModelForm(request.POST, instance=locked(model_id))
            changes = form.changes_meanwhile()
            if not changes and form.is_valid():
                model = form.save()
                set_grades(model, form.cleaned_data["grades"])
                touch(model, person(request))
                messages.success(request, "Saved.")
                return redirect("scoring:builder", model_id)
        if changes:
            form = ModelForm(form.rebased_data(), instance=model_or_404(model_id))
    else:
        form = ModelForm(instance=model_or_404(model_id))
    context = {"model": model_or_404(model_id), "form": form, "changes": changes, "here": "builder"}
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "scoring/models/around.html", context, status=status)


@marketers
@require_http_methods(["GET", "POST"])
def groups(request: HttpRequest, model_id: int) -> HttpResponse:
    """Groups of rules and the grades of the halves, saved as `around` is."""
    changes: list[tuple[str, str, str]] = []
    model = model_or_404(model_id)
    form = GroupsForm(model=model)
    if request.method == "POST":
        with transaction.atomic():
            model = locked(model_id)
            form = GroupsForm(request.POST, model=model)
            changes = form.changes_meanwhile()
            if not changes and form.is_valid():
                set_groups(model, form.cleaned_data["groups"])
                for axis, grades in form.cleaned_data["grades"].items():
                    set_grades(model, grades, axis=axis)
                touch(model, person(request))
                messages.success(request, "Saved.")
                return redirect("scoring:builder", model_id)
        if changes:
            form = GroupsForm(form.rebased_data(), model=model)
    context = {"model": model, "form": form, "changes": changes}
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "scoring/models/groups.html", context, status=status)


@marketers
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, model_id: int) -> HttpResponse:
    """The whole model in words and as JSON to copy; what is pasted becomes the draft."""
    model = model_or_404(model_id)
    draft, definition = draft_of(model), freeze(model)
    form = PasteForm(request.POST if request.method == "POST" else None, initial={"seen": draft.seen})
    if request.method == "POST" and form.is_valid():
        pasted, seen = form.cleaned_data["definition"], form.cleaned_data["seen"]
        try:
            replace_draft(model_id, pasted, seen=seen, by=person(request))
        except DomainError as error:
            form.add_error("definition", error.message)
        else:
            messages.success(request, "The draft is now what you pasted.")
            return redirect("scoring:builder", model_id)
    vocabulary = lead_vocabulary(scoring=True)
    for rule in definition["rules"]:
        del rule["id"]
    context = {
        "model": model,
        "draft": draft,
        "form": form,
        "json": json.dumps(definition, indent=2, ensure_ascii=False),
        "sentences": [(rule.name, rule_in_words(rule, vocabulary)) for rule in model.rules.all()],
        "here": "text",
    }
    return render(request, "scoring/models/text.html", context, status=422 if form.is_bound else 200)


def builder_url(model_id: int, rule_id: int = 0) -> str:
    """The draft's page, at one of its rules."""
    return reverse("scoring:builder", args=[model_id]) + (f"#rule-{rule_id}" if rule_id else "")
