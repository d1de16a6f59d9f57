"""Pages of matching strategies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import ChangedMeanwhile, InvalidValues
from contacts.free_mail import FREE_MAIL, read_free_mail, say
from contacts.models import ContactMatchingStrategy, MailDomain, User
from contacts.roles import Ability, can
from contacts.services import strategies as services
from contacts.views.editing import person
from forms_intake.matching.bench import FILLS, try_record
from forms_intake.matching.forms import BenchForm, ContactStrategyForm, DomainForm, LeadStrategyForm, StrategyForm
from forms_intake.matching.uses import forms_using
from forms_intake.matching.words import conditions
from leads.models import LeadMatchingStrategy

KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "contact": (ContactMatchingStrategy, ContactStrategyForm),
    "lead": (LeadMatchingStrategy, LeadStrategyForm),
}
ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "retire": (partial(services.retire_strategy, users=forms_using), "is retired: it is offered no more."),
    "bring-back": (services.bring_back_strategy, "is offered again; missing keys are made in the background."),
    "default": (services.make_default, "is the default now."),
}


def _marketer(request: HttpRequest) -> User:
    user = person(request)
    if not can(user, Ability.MARKET):
        raise PermissionDenied("Matching strategies are kept by marketing.")
    return user


def _kind(word: str) -> tuple[type[Any], type[Any]]:
    if word not in KINDS:
        raise Http404("There are strategies for contacts and for leads.")
    return KINDS[word]


@login_required
@require_safe
def strategies(request: HttpRequest) -> HttpResponse:
    """All strategies: what each compares, which forms use it, and what decides when several know somebody."""
    _marketer(request)
    sections = []
    for word, (model, _) in KINDS.items():
        rows = list(model.objects.order_by("-is_default", "retired_at", "name"))
        uses = forms_using(model, [one.pk for one in rows])
        lines = [(one, conditions(one), uses.get(one.pk, [])) for one in rows]
        sections.append(
            (word, [line for line in lines if not line[0].retired_at], [line for line in lines if line[0].retired_at])
        )
    return render(request, "matching/strategies.html", {"sections": sections})


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, strategy_id: int | None = None) -> HttpResponse:
    """A new strategy, or one as it is; who saves second is told by whom and what, and keeps what they chose."""
    user = _marketer(request)
    model, form_of = _kind(kind)
    strategy = services.locked_strategy(model, strategy_id, lock=False) if strategy_id else None
    form: StrategyForm = form_of(request.POST if request.method == "POST" else None, strategy=strategy)
    conflict = False
    if form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            done = services.save_strategy(model, strategy_id, version=version, by=user, **form.values())
        except ChangedMeanwhile:
            conflict = True
            data = request.POST.copy()
            data["version"] = str(strategy.version if strategy else 0)
            form = form_of(data, strategy=strategy)
        except InvalidValues as error:
            for field, words in error.errors.items():
                form.add_error(field if field in form.fields else None, words)
        else:
            messages.success(
                request, f"{done.name} is saved. Records that were there before get its keys in the background."
            )
            return redirect("forms_intake:strategies")
    context = {
        "form": form,
        "kind": kind,
        "strategy": strategy,
        "conflict": conflict,
        "now": conditions(strategy) if strategy else [],
        "uses": forms_using(model, [strategy.pk]).get(strategy.pk, []) if strategy else [],
    }
    status = 409 if conflict else 422 if form.errors else 200
    return render(request, "matching/strategy.html", context, status=status)


@login_required
@require_POST
def copy(request: HttpRequest, kind: str, strategy_id: int) -> HttpResponse:
    """A second one like it, to be changed."""
    done = services.copy_strategy(_kind(kind)[0], strategy_id, by=_marketer(request))
    return redirect("forms_intake:strategy", kind, done.pk)


@login_required
@require_POST
def act(request: HttpRequest, kind: str, strategy_id: int, what: str) -> HttpResponse:
    """Retire one, bring it back, make it the default."""
    user = _marketer(request)
    model, _ = _kind(kind)
    if what not in ACTS:
        raise Http404("There is nothing of this kind to do.")
    do, words = ACTS[what]
    strategy = services.locked_strategy(model, strategy_id, lock=False)
    try:
        do(model, strategy_id, by=user)
    except InvalidValues as error:
        messages.error(request, f"{strategy}: {' '.join(error.errors.values())}")
    else:
        messages.success(request, f"{strategy} {words}")
    return redirect("forms_intake:strategies")


@login_required
@require_safe
def bench(request: HttpRequest) -> HttpResponse:
    """Type a record: whom would it match, and why. The record stands in the address, and nothing is kept of it.

    An address without one chooses strategies, for a record that is still to be typed.
    """
    user = _marketer(request)
    is_said = any(name in request.GET for name in FILLS)
    form = BenchForm(request.GET if is_said else None, chosen=request.GET)
    tried = None
    if form.is_valid():
        asked = dict(form.cleaned_data)
        strategies = {name: asked.pop(name) for name in ("contact_strategy", "lead_strategy", "context")}
        tried = try_record(asked, user=user, **strategies)
    return render(request, "matching/bench.html", {"form": form, "tried": tried}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def mail_domains(request: HttpRequest) -> HttpResponse:
    """The mail providers, whose domains say nothing about a company; POST says of one that it is (not) one."""
    user = _marketer(request)
    form = DomainForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_free = request.POST.get("is") != "company"
        try:
            domain = say(form.cleaned_data["domain"], is_free=is_free, by=user)
        except InvalidValues as error:
            form.add_error("domain", error.errors["domain"])
        else:
            words = "a mail provider's" if is_free else "a company's"
            messages.success(request, f"{domain} counts as {words} from now on.")
            return redirect(reverse("forms_intake:mail_domains"))
    in_force = read_free_mail()
    said = {one.domain: one for one in MailDomain.objects.select_related("said_by")}
    context = {
        "form": form,
        "added": [said[domain] for domain in sorted(in_force - FREE_MAIL) if domain in said],
        "taken_off": [said[domain] for domain in sorted(FREE_MAIL - in_force) if domain in said],
        "shipped": sorted(FREE_MAIL & in_force),
    }
    return render(request, "matching/mail_domains.html", context, status=422 if form.errors else 200)
