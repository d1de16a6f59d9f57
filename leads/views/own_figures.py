"""One person's figures: everybody's own, and anybody's for who reads reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import User
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.charts import Bar
from leadcrm.lib.durations import duration_words
from leadcrm.lib.facts import Fact
from leadcrm.lib.paging import ID, Sort, page_of, url_with
from leads.models import Call, Opportunity
from leads.reports.asked import PRESETS, Asked, asked_by
from leads.reports.over_time import over_time
from leads.reports.own import Figure, figures_of, people_with_figures, seen_by, selling

NEWEST = Sort("newest", "Newest", (ID,), descending=True)


@login_required
@require_safe
def own_figures(request: HttpRequest) -> HttpResponse:
    """The figures of ?person= (oneself) over ?period=, or ?from= to ?to=."""
    user, asked = person(request), asked_by(request.GET)
    whose, people = _whose(request, user)
    figures = figures_of(whose, asked) if whose else []
    counts = {figure.name: figure.rows.count() for figure in figures}

    def fact(figure: Figure, note: str = "") -> Fact:
        return Fact(figure.label, f"{counts[figure.name]:,}", note, _behind(asked, whose, figure.name))

    named = {figure.name: figure for figure in figures}
    context: dict[str, Any] = {
        "asked": asked,
        "whose": whose,
        "is_own": whose == user,
        "people": people,
        "presets": [(name, words, "?" + _query(_preset(name), whose)) for name, words in PRESETS.items()],
        "nothing": not any(counts.values()),
        "all_url": "?" + _query(_preset("all"), whose),
    }
    if "accepted" in named:
        sold = selling(figures, counts)
        rate = f"{sold.rate} % of decided" if sold.rate is not None else ""
        context["sales"] = [
            fact(named["accepted"], rate),
            Fact("Median until accepted", _lasted(sold.median)),
            *(fact(named[name]) for name in ("returned", "in_time", "late", "qualified", "disqualified")),
            fact(named["won"], f"{sold.revenue:,.0f} in all" if counts["won"] else ""),
            fact(named["lost"]),
        ]
    if "calls" in named and (counts["calls"] or not can(whose, Ability.SELL)):
        reached = f"{100 * counts['spoken'] / counts['calls']:.0f} %" if counts["calls"] else ""
        context["calls"] = [fact(named["calls"]), fact(named["spoken"], reached), fact(named["passed_on"])]
        context["outcomes"] = [
            Bar(one.label, counts[one.name], "", _behind(asked, whose, one.name))
            for one in figures
            if one.name.startswith("outcome_")
        ]
        context["columns"] = [
            Bar(
                f"{first.day} {first:%b}",
                number,
                "",
                _behind(replace(asked, first=first, last=last, period=""), whose, "calls"),
            )
            for first, last, number in over_time(named["calls"].rows, asked)
        ]
    return render(request, "leads/own_figures.html", context)


@login_required
@require_safe
def own_rows(request: HttpRequest) -> HttpResponse:
    """What one of these figures counts; the figures themselves for one that this person has not."""
    user, asked = person(request), asked_by(request.GET)
    whose, _ = _whose(request, user)
    figures = figures_of(whose, asked) if whose else []
    figure = next((one for one in figures if one.name == request.GET.get("figure")), None)
    if figure is None:
        return redirect(f"{reverse('leads:own_figures')}?{_query(asked, whose)}")
    related = ("account", "contact") if figure.rows.model is Opportunity else ("contact__account", "account")
    through = figure.rows.model.__name__ in ("LeadEvent", "Call")
    seen = seen_by(user, figure)
    rows = seen.select_related(*(f"lead__{name}" if through else name for name in related))
    page = page_of(rows, NEWEST, request.GET.get("at", ""), counted=seen)
    context = {
        "title": figure.label,
        "whose": whose,
        "asked": asked,
        "page": page,
        "rows": [_row(row, figure) for row in page.rows],
        "unseen": figure.rows.count() - seen.count(),
        "back_url": f"{reverse('leads:own_figures')}?{_query(asked, whose)}",
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "leads/own_rows.html", context)


def _row(row: Any, figure: Figure) -> dict[str, Any]:
    """Whom, what about, what happened and when."""
    if isinstance(row, Opportunity):
        url, about, happened = reverse("opportunities:detail", args=[row.pk]), row, row.get_status_display()
    else:
        about = getattr(row, "lead", row)
        url = reverse("leads:detail", args=[about.pk])
        happened = row.get_outcome_display() if isinstance(row, Call) else getattr(row, "detail", "")
    name = about.contact or about.account or about.topic
    return {"url": url, "name": name, "topic": about.topic, "happened": happened, "when": getattr(row, figure.when)}


def _whose(request: HttpRequest, user: User) -> tuple[User | None, list[User]]:
    """Whose figures, and whose else there are to choose: one's own, and for who reads reports anybody's."""
    own = can(user, Ability.SELL) or can(user, Ability.CALL)
    people = list(people_with_figures()) if can(user, Ability.REPORT) else []
    wanted = request.GET.get("person", "")
    if not wanted or wanted == str(user.pk):
        return (user if own else next(iter(people), None)), people
    found = next((one for one in people if str(one.pk) == wanted), None)
    if found is None:
        raise PermissionDenied
    return found, people


def _preset(name: str) -> Asked:
    return asked_by({"period": name})


def _query(asked: Asked, whose: User | None, **more: str) -> str:
    words = {"period": asked.period} if asked.period else {"from": str(asked.first), "to": str(asked.last)}
    return urlencode(words | ({"person": str(whose.pk)} if whose else {}) | more)


def _behind(asked: Asked, whose: User | None, figure: str) -> str:
    """Where what a figure counts is listed; with its days, so that it is the same tomorrow."""
    return f"{reverse('leads:own_rows')}?{_query(replace(asked, period=''), whose, figure=figure)}"


def _lasted(length: timedelta | None) -> str:
    if length is None:
        return "–"
    return "under a minute" if length < timedelta(minutes=1) else duration_words(length)
