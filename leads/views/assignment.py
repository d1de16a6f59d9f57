"""Assignment rules on pages: in the order in which they are asked, written, paused, tried on a lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.pages import render_page, wants_part
from leads.access import may_keep_rules
from leads.assignment import keeping, words
from leads.assignment.forms import AssignmentRuleForm
from leads.assignment.trying import tried_on
from leads.conditions import lead_vocabulary
from leads.errors import RecordGone
from leads.models import AssignmentDue, AssignmentRule, Lead


def keeps_rules(view: Any) -> Any:
    """For those who keep teams and rules."""

    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_keep_rules(request.user):
            raise PermissionDenied
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    return guarded


@dataclass(frozen=True)
class Line:
    """A rule as the list draws it."""

    rule: AssignmentRule
    place: int
    which: str
    when: str
    who: str
    besides: str


@keeps_rules
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules, in order."""
    return _list(request)


def _list(request: HttpRequest) -> HttpResponse:
    vocabulary = lead_vocabulary()
    lines = []
    for place, rule in enumerate(keeping.in_order()):
        named = list(rule.people.all()) or (list(rule.team.members.all()) if rule.team else [])
        people = [str(one) for one in named if one.is_active]
        which, when = words.condition_words(rule, vocabulary), words.when_words(rule)
        lines.append(Line(rule, place, which, when, words.who_words(rule, people), words.besides_words(rule)))
    catches_all = any(line.rule.active and not line.rule.condition for line in lines)
    waiting = AssignmentDue.objects.filter(tries__gt=0)[:100].count()
    context = {"lines": lines, "catches_all": catches_all, "waiting": waiting}
    return render_page(request, "assignment/rules.html", context, part="draft")


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A rule that comes last."""
    form = AssignmentRuleForm(request.POST if request.method == "POST" else None, instance=AssignmentRule())
    if form.is_bound and form.is_valid():
        rule = keeping.save_rule(AssignmentRule(), form.values())
        messages.success(request, f"{rule} is asked last. Move it up to have it asked before others.")
        return redirect("leads:assignment")
    return _form(request, form, None)


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, rule_id: int) -> HttpResponse:
    """A rule. Who edits what somebody else has saved meanwhile is told, and keeps what they typed."""
    if request.method != "POST":
        rule = get_object_or_404(AssignmentRule, pk=rule_id)
        return _form(request, AssignmentRuleForm(instance=rule), rule)
    with transaction.atomic():
        try:
            stored = keeping.locked_rule(rule_id)
        except RecordGone:
            raise Http404 from None
        form = AssignmentRuleForm(request.POST, instance=stored)
        changes = form.changes_meanwhile()
        if not changes and form.is_valid():
            keeping.save_rule(stored, form.values())
            messages.success(request, f"{stored} is saved.")
            return redirect("leads:assignment")
    rule = AssignmentRule.objects.get(pk=rule_id)
    if changes:
        form = AssignmentRuleForm(form.rebased_data(), instance=AssignmentRule.objects.get(pk=rule_id))
    return _form(request, form, rule, changes)


def _form(
    request: HttpRequest, form: AssignmentRuleForm, rule: AssignmentRule | None, changes: Any = ()
) -> HttpResponse:
    context = {"form": form, "rule": rule, "changes": changes, "back_url": reverse("leads:assignment")}
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "assignment/rule.html", context, status=status)


@keeps_rules
@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Put it in the place `to`, counted from 0."""
    wanted = request.POST.get("to", "")
    try:
        keeping.move_rule(rule_id, to=int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0)
    except RecordGone as gone:
        messages.error(request, gone.message)
    return _list(request) if wants_part(request) else redirect("leads:assignment")


@keeps_rules
@require_POST
def switch(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Pause it, or have it asked again, as `active` says."""
    try:
        keeping.set_active(rule_id, active=request.POST.get("active") == "on")
    except RecordGone as gone:
        messages.error(request, gone.message)
    return _list(request) if wants_part(request) else redirect("leads:assignment")


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Asks, then removes."""
    rule = get_object_or_404(AssignmentRule, pk=rule_id)
    if request.method == "POST":
        keeping.remove_rule(rule_id)
        messages.success(request, f"{rule} is removed. What it decided stays on the leads.")
        return redirect("leads:assignment")
    return render(request, "assignment/remove.html", {"rule": rule, "back_url": reverse("leads:assignment")})


@keeps_rules
@require_safe
def trying(request: HttpRequest) -> HttpResponse:
    """Which rule would be for a lead, who would get it, and why the other rules are not for it."""
    wanted = request.GET.get("lead", "").strip().removeprefix("#")
    user: User = person(request)
    lead, problem = None, ""
    if wanted:
        lead = _lead_called(wanted, user)
        problem = "" if lead else "There is no lead with this number, or not for you."
    context = {
        "wanted": wanted,
        "lead": lead,
        "problem": problem,
        "tried": tried_on(lead, now=timezone.now()) if lead else None,
    }
    return render(request, "assignment/try.html", context)


def _lead_called(wanted: str, user: User) -> Lead | None:
    if not wanted.isdecimal() or len(wanted) > 18:
        return None
    found: Lead | None = Lead.objects.visible_to(user).filter(pk=int(wanted)).select_related("contact", "owner").first()
    return found
