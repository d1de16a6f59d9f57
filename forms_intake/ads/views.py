"""Pages of connectors."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import ChangedMeanwhile, InvalidValues
from contacts.roles import Ability, can
from contacts.views.editing import person
from forms_intake.ads import arriving, fetching, mapping, replaying, setting_up, trying
from forms_intake.ads.access import network
from forms_intake.ads.connecting import NotTaken, networks
from forms_intake.ads.forms import LeadsFile, MappingForm, NewConnector, SettingsForm, StrategyForm
from forms_intake.errors import NotReady
from forms_intake.models import (
    AdLead,
    AdLeadState,
    AdQuestion,
    AdSource,
    AdSync,
    Connector,
    ConnectorState,
    Submission,
    SubmissionState,
)
from leadcrm.lib.facts import Fact, honest_count
from leadcrm.lib.paging import ID, Sort, page_of, url_with

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
LATEST = 8
MOST_SOURCES = 50
COUNTED = 1000
View = Callable[..., HttpResponse]
CHANGED = "{who} changed this connector while you were looking at it. Below is what you typed; save again to keep it."


def marketers(view: View) -> View:
    """Only for who keeps forms."""

    @login_required
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, Ability.MARKET):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return kept


def _connector(connector_id: int) -> Connector:
    related = ("form__lead_owner", "form__lead_strategy", "form__contact_strategy", "product", "edited_by")
    return get_object_or_404(Connector.objects.select_related(*related), pk=connector_id)


def hook_address(connector: Connector) -> str:
    """The whole address of its webhook."""
    return settings.SITE_URL + reverse("forms_intake:ads_hook", args=[connector.address])


@marketers
@require_safe
def connector_list(request: HttpRequest) -> HttpResponse:
    """All connectors, and how each fares."""
    rows = []
    for one in Connector.objects.select_related("form__lead_owner", "form__lead_strategy")[:100]:
        stops = [check for check in setting_up.checks_of(one) if check.stops]
        failed = AdLead.objects.filter(connector=one, state=AdLeadState.FAILED)
        rows.append(
            {
                "connector": one,
                "label": network(one).label,
                "stops": len(stops),
                "leads": honest_count(AdLead.objects.filter(connector=one, state=AdLeadState.KEPT)),
                "failed": honest_count(failed, COUNTED),
            }
        )
    return render(request, "forms_intake/ads/list.html", {"rows": rows})


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def connector_new(request: HttpRequest) -> HttpResponse:
    """Make a connector."""
    form = NewConnector(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = setting_up.make_connector(**form.cleaned_data, by=person(request))
        except InvalidValues as error:
            _named(form, error)
        else:
            return redirect("forms_intake:ads_settings", made.pk)
    context = {"form": form, "by_file": [one for one in networks().values() if one.by_file]}
    return render(request, "forms_intake/ads/new.html", context, status=422 if form.is_bound else 200)


@marketers
@require_safe
def connector(request: HttpRequest, connector_id: int) -> HttpResponse:
    """One connector: how it fares, what is to be put right, what arrived lately, its ads."""
    one = _connector(connector_id)
    checks = setting_up.checks_of(one)
    leads_url = reverse("forms_intake:ads_leads", args=[one.pk])
    context = _head(one, "overview") | {
        "checks": checks,
        "stops": any(check.stops for check in checks),
        "facts": _facts(one, leads_url),
        "address": hook_address(one),
        "steps": [words.replace("{address}", hook_address(one)) for words in network(one).setting_up],
        "syncs": AdSync.objects.filter(connector=one).select_related("by")[:LATEST],
        "sources": _sources(one),
        "file_form": LeadsFile(),
        "unmapped": _unmapped(one).count(),
    }
    return render(request, "forms_intake/ads/connector.html", context)


def _head(one: Connector, here: str) -> dict[str, Any]:
    return {"connector": one, "label": network(one).label, "by_file": network(one).by_file, "here": here}


def _facts(one: Connector, leads_url: str) -> list[Fact]:
    leads = AdLead.objects.filter(connector=one)
    waiting = honest_count(leads.filter(state=AdLeadState.WAITING), COUNTED)
    failed = honest_count(leads.filter(state=AdLeadState.FAILED), COUNTED)
    unprocessed = honest_count(Submission.objects.filter(form=one.form_id, state=SubmissionState.FAILED), COUNTED)
    submissions = f"{reverse('forms_intake:submissions')}?form={one.form_id}"
    return [
        Fact("Leads", str(honest_count(leads.filter(state=AdLeadState.KEPT))), url=f"{leads_url}?state=kept"),
        Fact("Being fetched", str(waiting), url=f"{leads_url}?state=waiting"),
        Fact("Not fetched", str(failed), url=f"{leads_url}?state=failed", tone="bad" if failed else ""),
        Fact("Not processed", str(unprocessed), url=f"{submissions}&state=failed", tone="bad" if unprocessed else ""),
    ]


def _sources(one: Connector) -> list[Any]:
    found = AdSource.objects.filter(connector=one).select_related("marketing_context__campaign")
    return [
        (source, honest_count(AdLead.objects.filter(source=source, state=AdLeadState.KEPT), COUNTED))
        for source in found.order_by("-pk")[:MOST_SOURCES]
    ]


def _unmapped(one: Connector) -> Any:
    return AdQuestion.objects.filter(connector=one, fills="", consent_level=None)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def connector_settings(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Its name, account, secrets. Who is second is told, and keeps what they typed, but for secrets."""
    one = _connector(connector_id)
    form = SettingsForm(one, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            setting_up.save_settings(connector_id, **form.values(), by=person(request))
        except InvalidValues as error:
            _named(form, error)
        except ChangedMeanwhile:
            _second(form, _connector(connector_id))
        else:
            messages.success(request, "Saved.")
            return redirect("forms_intake:ads_connector", connector_id)
    context = _head(one, "settings") | {"form": form}
    return render(request, "forms_intake/ads/settings.html", context, status=422 if form.is_bound else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def strategy(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Its one strategy; tried with the last answer before it is saved."""
    one = _connector(connector_id)
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
            _named(form, error)
        except ChangedMeanwhile:
            _second(form, _connector(connector_id))
    context = _head(one, "strategy") | {"form": form, "tried": tried, "last": last}
    return render(request, "forms_intake/ads/strategy.html", context, status=422 if form.errors else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The questions that came with answers, and what each fills."""
    one = _connector(connector_id)
    asked = list(AdQuestion.objects.filter(connector=one).select_related("mapped_by"))
    asked.sort(key=lambda question: bool(question.fills or question.consent_level))
    form = MappingForm(one, asked, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            changed = mapping.save_mapping(connector_id, form.meanings(), version=version, by=person(request))
        except ChangedMeanwhile:
            _second(form, _connector(connector_id))
        else:
            return _mapped(request, one, changed)
    context = _head(one, "questions") | {"form": form, "lines": form.lines()}
    return render(request, "forms_intake/ads/questions.html", context, status=422 if form.errors else 200)


def _mapped(request: HttpRequest, one: Connector, changed: int) -> HttpResponse:
    if "replay" in request.POST:
        sync = replaying.replay(one, by=person(request))
        messages.success(request, f"Saved. {sync.known:,} answers are being processed again.")
    else:
        said = f"Saved: {changed} changed." if changed else "Nothing was changed."
        messages.success(request, f"{said} It holds for what arrives from now on; replay what is there to fill it too.")
    return redirect("forms_intake:ads_questions", one.pk)


@marketers
@require_safe
def leads(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The leads it was told of, the latest first, by state."""
    one = _connector(connector_id)
    state = request.GET.get("state", "")
    state = state if state in AdLeadState.values else ""
    rows = AdLead.objects.filter(connector=one).select_related("source__marketing_context", "submission__lead")
    rows = rows.select_related("submission__contact")
    page = page_of(rows.filter(state=state) if state else rows, NEWEST, request.GET.get("at", ""))
    context = _head(one, "leads") | {
        "rows": page.rows,
        "state": state,
        "states": AdLeadState.choices,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/ads/leads.html", context)


@marketers
@require_safe
def sync_log(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Each delivery: when, what, how many new, known and failed, and why."""
    one = _connector(connector_id)
    rows = AdSync.objects.filter(connector=one).select_related("by")
    page = page_of(rows, NEWEST, request.GET.get("at", ""))
    context = _head(one, "log") | {
        "rows": page.rows,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/ads/log.html", context)


@marketers
@require_POST
def upload(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Take a file of leads."""
    one = _connector(connector_id)
    form = LeadsFile(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"Nothing was read: {' '.join(map(str, form.errors.get('file', ['choose a file.'])))}")
        return redirect("forms_intake:ads_connector", connector_id)
    file = form.cleaned_data["file"]
    descriptor, path = tempfile.mkstemp(prefix="leadcrm-ads-")
    try:
        with os.fdopen(descriptor, "wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        sync = arriving.take_file(one, Path(path), str(file.name)[:100], by=person(request))
    except NotTaken as error:
        messages.error(request, error.message)
        return redirect("forms_intake:ads_connector", connector_id)
    finally:
        Path(path).unlink(missing_ok=True)
    said = f"{sync.new:,} new, {sync.known:,} known, {sync.failed:,} that cannot be read. {sync.note}"
    (messages.warning if sync.failed else messages.success)(request, f"{sync.what}: {said}")
    return redirect("forms_intake:ads_log", connector_id)


@marketers
@require_POST
def replay_one(request: HttpRequest, connector_id: int, lead_id: int) -> HttpResponse:
    """Process one answer again, or fetch it again."""
    one = _connector(connector_id)
    lead = get_object_or_404(AdLead, pk=lead_id, connector=one)
    sync = replaying.replay(one, by=person(request), leads=[lead.pk])
    if sync.known:
        messages.success(request, "It is being processed again.")
    elif sync.note:
        messages.success(request, "It is being fetched again.")
    else:
        messages.warning(request, "There is nothing to do again: it waits already, or was withdrawn or erased.")
    return redirect("forms_intake:ads_leads", connector_id)


@marketers
@require_POST
def act(request: HttpRequest, connector_id: int, what: str) -> HttpResponse:
    """Switch it on or off, replay everything, ask for what was missed, or begin anew."""
    one, by = _connector(connector_id), person(request)
    if what == "on":
        try:
            setting_up.switch_on(connector_id, by=by)
        except NotReady as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"{one} is on.")
    elif what == "off":
        setting_up.switch_off(connector_id, by=by)
        messages.success(request, f"{one} is off. Nothing that came is lost; switched on, it asks for what it missed.")
    elif what == "replay":
        sync = replaying.replay(one, by=by)
        messages.success(request, f"{sync.known:,} answers are being processed again. {sync.note}")
    elif what == "pull" and one.state == ConnectorState.ON:
        sync = fetching.pull(one, by=by)
        if sync.failed:
            messages.error(request, f"{network(one).label} did not tell: {sync.reasons[0]['why']}")
        else:
            messages.success(request, f"{sync.new:,} that were missed are being fetched; {sync.known:,} were known.")
    elif what == "reset":
        replaying.reset(one, by=by)
        messages.success(request, "It begins anew: everything of the last ninety days is asked for. Nothing doubles.")
    else:
        raise Http404
    return redirect("forms_intake:ads_connector", connector_id)


def _named(form: Any, error: InvalidValues) -> None:
    for name, words in error.errors.items():
        form.add_error(name if name in form.fields else None, words)


def _second(form: Any, now: Connector) -> None:
    form.add_error(None, CHANGED.format(who=now.edited_by or "Somebody"))
    form.data = {**form.data.dict(), "version": str(now.version)}
