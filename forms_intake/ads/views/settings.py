"""What a connector is told: its settings, its strategy, and what its questions fill."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.errors import ChangedMeanwhile, InvalidValues
from contacts.views.editing import person
from forms_intake.ads import mapping, replaying, setting_up, trying
from forms_intake.ads.forms import MappingForm, SettingsForm, StrategyForm
from forms_intake.ads.views.around import connector_or_404, head_of, marketers, tell, tell_second
from forms_intake.models import AdQuestion, Connector


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def connector_settings(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Its name, account, secrets. Who is second is told, and keeps what they typed, but for secrets."""
    one = connector_or_404(connector_id)
    form = SettingsForm(one, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            setting_up.save_settings(connector_id, **form.values(), by=person(request))
        except InvalidValues as error:
            tell(form, error)
        except ChangedMeanwhile:
            tell_second(form, connector_or_404(connector_id))
        else:
            messages.success(request, "Saved.")
            return redirect("forms_intake:ads_connector", connector_id)
    context = head_of(one, "settings") | {"form": form}
    return render(request, "forms_intake/ads/settings.html", context, status=422 if form.is_bound else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def strategy(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Its one strategy; tried with the last answer before it is saved."""
    one = connector_or_404(connector_id)
    form = StrategyForm(one, request.POST if request.method == "POST" else None)
    tried, last = None, trying.last_answer(one)
    if form.is_bound and form.is_valid():
        try:
            if "try" in request.POST:
                tried = trying.try_strategy(one, last, form.values(), user=person(request)) if last else None
            else:
                version = form.cleaned_data["version"] or 0
                setting_up.save_strategy(connector_id, version=version, **form.values(), by=person(request))
                messages.success(request, "Saved: this is its strategy from now on. What is there stays as it is.")
                return redirect("forms_intake:ads_connector", connector_id)
        except InvalidValues as error:
            tell(form, error)
        except ChangedMeanwhile:
            tell_second(form, connector_or_404(connector_id))
    context = head_of(one, "strategy") | {"form": form, "tried": tried, "last": last}
    return render(request, "forms_intake/ads/strategy.html", context, status=422 if form.errors else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The questions that came with answers, and what each fills."""
    one = connector_or_404(connector_id)
    asked = list(AdQuestion.objects.filter(connector=one).select_related("mapped_by"))
    asked.sort(key=lambda question: bool(question.fills or question.consent_level))
    form = MappingForm(one, asked, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            changed = mapping.save_mapping(connector_id, form.meanings(), version=version, by=person(request))
        except ChangedMeanwhile:
            tell_second(form, connector_or_404(connector_id))
        else:
            return _mapped(request, one, changed)
    context = head_of(one, "questions") | {"form": form, "lines": form.lines()}
    return render(request, "forms_intake/ads/questions.html", context, status=422 if form.errors else 200)


def _mapped(request: HttpRequest, one: Connector, changed: int) -> HttpResponse:
    if "replay" in request.POST:
        sync = replaying.replay(one, by=person(request))
        messages.success(request, f"Saved. {sync.known:,} answers are being processed again.")
    else:
        said = f"Saved: {changed} changed." if changed else "Nothing was changed."
        messages.success(request, f"{said} It holds for what arrives from now on; replay what is there to fill it too.")
    return redirect("forms_intake:ads_questions", one.pk)
