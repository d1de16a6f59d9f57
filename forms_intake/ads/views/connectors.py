"""Connectors: all of them, a new one, how one fares, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import InvalidValues
from contacts.views.editing import person
from forms_intake.ads import fetching, replaying, setting_up
from forms_intake.ads.access import network
from forms_intake.ads.connecting import networks
from forms_intake.ads.forms import LeadsFile, NewConnector
from forms_intake.ads.views.around import connector_or_404, head_of, marketers, tell
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

LATEST = 8
MOST_SOURCES = 50
COUNTED = 1000


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
                "token": setting_up.check_of_token(one),
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
            tell(form, error)
        else:
            return redirect("forms_intake:ads_settings", made.pk)
    context = {"form": form, "by_file": [one for one in networks().values() if one.by_file]}
    return render(request, "forms_intake/ads/new.html", context, status=422 if form.is_bound else 200)


@marketers
@require_safe
def connector(request: HttpRequest, connector_id: int) -> HttpResponse:
    """One connector: how it fares, what is to be put right, what arrived lately, its ads."""
    one = connector_or_404(connector_id)
    checks = setting_up.checks_of(one)
    leads_url = reverse("forms_intake:ads_leads", args=[one.pk])
    context = head_of(one, "overview") | {
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
@require_POST
def act(request: HttpRequest, connector_id: int, what: str) -> HttpResponse:
    """Switch it on or off, replay everything, ask for what was missed, or begin anew."""
    one, by = connector_or_404(connector_id), person(request)
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
