"""Writing one rule: on a page of its own, or for htmx in its place in the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.views.editing import person
from leadcrm.lib.pages import render_page, wants_part
from leads.conditions import lead_vocabulary
from scoring.definition import freeze_rule
from scoring.editing import copy_rule, fingerprint, locked, move_rule, next_position, remove_rule, touch
from scoring.forms import RuleForm
from scoring.models import Rule, ScoringModel
from scoring.views.builder import builder_url, draw
from scoring.views.models import marketers, model_or_404
from scoring.words import rule_in_words


def _done(request: HttpRequest, model_id: int, rule_id: int, said: str) -> HttpResponse:
    """Back to the draft; for htmx the draft itself."""
    if wants_part(request):
        return draw(request, model_id, saved=rule_id)
    messages.success(request, said)
    return redirect(builder_url(model_id, rule_id))


@marketers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, model_id: int) -> HttpResponse:
    """A rule behind all others."""
    if request.method != "POST":
        return _new_form(request, model_or_404(model_id))
    with transaction.atomic():
        model = locked(model_id)
        form = RuleForm(request.POST, instance=Rule(model=model, position=next_position(model)))
        if form.is_valid():
            rule = form.save()
            touch(model, person(request))
            return _done(request, model_id, rule.pk, f"{rule.name} is added.")
    return _form(request, model, None, form)


@marketers
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, model_id: int, rule_id: int) -> HttpResponse:
    """Only what this person edited is saved; if someone saved meanwhile they are told, and keep what they typed."""
    if request.method != "POST":
        rule = get_object_or_404(Rule, model=model_id, pk=rule_id)
        return _form(request, model_or_404(model_id), rule, RuleForm(instance=rule))
    with transaction.atomic():
        model = locked(model_id)
        stored = model.rules.filter(pk=rule_id).first()
        if stored is None:
            # Somebody removed it: what was typed can still be added, as a rule of its own.
            return _form(request, model, None, RuleForm(request.POST), gone=True)
        form = RuleForm(request.POST, instance=stored)
        changes = form.changes_meanwhile()
        if not changes and form.is_valid():
            form.save()
            touch(model, person(request))
            return _done(request, model_id, rule_id, f"{stored.name} is saved.")
    if changes:
        form = RuleForm(form.rebased_data(), instance=Rule.objects.get(pk=rule_id))
    return _form(request, model, Rule.objects.get(pk=rule_id), form, changes=changes)


def _new_form(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    return _form(request, model, None, RuleForm(instance=Rule(model=model)))


def _form(request: HttpRequest, model: ScoringModel, rule: Rule | None, form: RuleForm, **more: Any) -> HttpResponse:
    conflict = bool(more.get("changes") or more.get("gone"))
    in_place = wants_part(request)
    context = {"model": model, "rule": rule, "form": form, "in_place": in_place, **more}
    # htmx shows what is not refused: the form says itself what is wrong.
    status = 200 if in_place or not form.is_bound else 409 if conflict else 422
    response = render_page(request, "scoring/models/rule.html", context, part="form", status=status)
    if form.is_bound and in_place:
        response["HX-Retarget"], response["HX-Reswap"] = f"#rule-{rule.pk}" if rule else "#new-rule", "innerHTML"
    return response


@marketers
@require_POST
def copy(request: HttpRequest, model_id: int, rule_id: int) -> HttpResponse:
    twin = copy_rule(model_id, rule_id, by=person(request))
    return _done(request, model_id, twin.pk, f"{twin.name} is added.")


@marketers
@require_POST
def move(request: HttpRequest, model_id: int, rule_id: int) -> HttpResponse:
    """Put it in the place `to`, counted from 0."""
    wanted = request.POST.get("to", "")
    move_rule(model_id, rule_id, to=int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0, by=person(request))
    if wants_part(request):
        return draw(request, model_id)
    return redirect(builder_url(model_id, rule_id))


@marketers
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, model_id: int, rule_id: int) -> HttpResponse:
    """Asks, then removes; not when someone changed the rule since."""
    if request.method == "POST":
        rule = remove_rule(model_id, rule_id, seen=request.POST.get("seen", ""), by=person(request))
        messages.success(request, f"{rule.name} is removed.")
        return redirect("scoring:builder", model_id)
    rule = get_object_or_404(Rule, model=model_id, pk=rule_id)
    context = {
        "model": model_or_404(model_id),
        "rule": rule,
        "words": rule_in_words(rule, lead_vocabulary(scoring=True)),
        "seen": fingerprint(freeze_rule(rule)),
        "back_url": builder_url(model_id, rule_id),
    }
    return render(request, "scoring/models/remove.html", context)
