"""Pages on which marketers keep purposes and their wordings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.consent.forms import NewPurposeForm, PurposeForm, WordingForm
from contacts.consent.purposes import add_wording, languages_of_visitors, latest_wordings, retire, uses_of
from contacts.errors import InvalidValues
from contacts.models import Consent, Purpose, PurposeWording
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.facts import honest_count
from leadcrm.lib.languages import LANGUAGES

COUNTED = 10_000


def keeps_purposes(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who keep forms and campaigns."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(person(request), Ability.MARKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@keeps_purposes
@require_safe
def purposes(request: HttpRequest) -> HttpResponse:
    """All purposes, those in use first, each with its words and where it is asked for."""
    found = list(Purpose.objects.all())
    ids = [one.pk for one in found]
    words, uses = latest_wordings(ids), uses_of(ids)
    rows = [
        (one, words.get(one.pk), _languages(words.get(one.pk)), uses[one.pk])
        for one in sorted(found, key=lambda one: one.retired_at is not None)
    ]
    return render(request, "consent/purposes.html", {"rows": rows})


@keeps_purposes
@require_http_methods(["GET", "HEAD", "POST"])
def new_purpose(request: HttpRequest) -> HttpResponse:
    """Make a purpose with its first words."""
    form = NewPurposeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            made = form.save()
            typed = form.cleaned_data
            add_wording(purpose_id=made.pk, text=typed["text"], language=typed["language"], by=person(request))
        messages.success(request, f"{made} is there. Forms can ask for it now.")
        return redirect("consent:purpose", made.pk)
    fields = [form[name] for name in form.shown]
    return render(request, "consent/new.html", {"form": form, "fields": fields}, status=422 if form.is_bound else 200)


@keeps_purposes
@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest, purpose_id: int) -> HttpResponse:
    """One purpose: what it is, the versions of its words, where it is asked for, how often it was agreed to."""
    found = get_object_or_404(Purpose, pk=purpose_id)
    form = PurposeForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_bound:
        with transaction.atomic():
            if form.is_valid():
                saved = form.save()
                messages.success(request, f"{saved} is saved.")
                return redirect("consent:purpose", saved.pk)
    return _purpose_page(request, purpose_id, form=form)


@keeps_purposes
@require_POST
def new_wording(request: HttpRequest, purpose_id: int) -> HttpResponse:
    """Better words, or a language more: a new version, in force at once. What was agreed to keeps its own."""
    get_object_or_404(Purpose, pk=purpose_id)
    form = _wording_form(purpose_id, request.POST)
    if form.is_valid():
        try:
            made = add_wording(purpose_id=purpose_id, by=person(request), **form.said())
        except InvalidValues as problem:
            form.add_error("text", " ".join(problem.errors.values()))
        else:
            if made.number == form.cleaned_data["number"]:
                messages.info(request, f"Nothing has changed: version {made.number} says so already.")
            else:
                messages.success(request, f"Version {made.number} is in force: forms show it from now on.")
            return redirect("consent:purpose", purpose_id)
    return _purpose_page(request, purpose_id, wording_form=form)


@keeps_purposes
@require_POST
def switch(request: HttpRequest, purpose_id: int) -> HttpResponse:
    """Retire a purpose, or bring it back."""
    get_object_or_404(Purpose, pk=purpose_id)
    retired = "back" not in request.POST
    found = retire(purpose_id, retired=retired)
    said = "is retired: nobody is asked for it any more" if retired else "is back: people can agree to it again"
    messages.success(request, f"{found} {said}.")
    return redirect("consent:purpose", purpose_id)


def _named(wording: PurposeWording) -> list[tuple[str, str]]:
    """Its words in further languages, by how those call themselves."""
    return [(LANGUAGES[code], wording.others[code]) for code in LANGUAGES if code in wording.others]


def _languages(wording: PurposeWording | None) -> str:
    """All that it has words in, where that is more than one."""
    if wording is None or not wording.others:
        return ""
    first = [LANGUAGES[wording.language]] if wording.language in LANGUAGES else []
    return ", ".join([*first, *(name for name, _ in _named(wording))])


def _wording_form(purpose_id: int, data: Any = None) -> WordingForm:
    latest = latest_wordings([purpose_id]).get(purpose_id)
    return WordingForm(data, latest=latest, spoken=languages_of_visitors())


def _purpose_page(request: HttpRequest, purpose_id: int, *, form: Any = None, wording_form: Any = None) -> HttpResponse:
    stored = get_object_or_404(Purpose, pk=purpose_id)
    wordings = list(PurposeWording.objects.filter(purpose=stored).select_related("created_by"))
    form = form or PurposeForm(instance=stored)
    said = Consent.objects.filter(purpose=stored)
    context = {
        "purpose": stored,
        "form": form,
        "fields": [form[name] for name in form.shown],
        "wording_form": wording_form or _wording_form(purpose_id),
        "wordings": [(one, LANGUAGES.get(one.language, ""), _named(one)) for one in wordings],
        "uses": uses_of([stored.pk])[stored.pk],
        "given": honest_count(said.filter(given=True), COUNTED),
        "withdrawn": honest_count(said.filter(given=False), COUNTED),
    }
    refused = form.is_bound or (wording_form is not None)
    return render(request, "consent/purpose.html", context, status=422 if refused else 200)
