"""Pages of reports: the figures, drawn and in a table, the leads behind each, and the table as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import Campaign, Team
from contacts.narrowing import READING_MS
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.charts import Bar
from leadcrm.lib.durations import duration_words
from leadcrm.lib.facts import Count, Fact
from leadcrm.lib.paging import ID, Page, Sort, page_of, url_with
from leadcrm.lib.patience import TooSlow, within
from leadcrm.lib.spreadsheets import csv_response
from leads.models import LeadSource, Process
from leads.reports.asked import EACH_REASON, NARROWED_BY, PRESETS, TITLES, Asked, Report, asked_by, groups_of
from leads.reports.grouping import word_of
from leads.reports.keeping import figures_for
from leads.reports.sets import RETURNS, Measure, leads_behind, measures_of, returns_behind
from leads.stages import Stage

SLOW = f"Finding these leads takes longer than {READING_MS // 1000} seconds. Ask for fewer days, or narrow the report."
NEWEST = Sort("newest", "Newest", (ID,), descending=True)
CHOICES: Mapping[str, tuple[str, type[Model]]] = {
    "process": ("Process", Process),
    "source": ("Source", LeadSource),
    "campaign": ("Campaign", Campaign),
    "team": ("Team", Team),
}


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """One report; ?report= which, ?period= or ?from= and ?to= when, ?by= in which rows, and filters."""
    user = person(request)
    if not can(user, Ability.REPORT):
        raise PermissionDenied
    asked = asked_by(request.GET)
    kept = figures_for(asked, again="again" in request.GET)
    context = _about(asked) | {
        "kept": kept,
        "asked": asked,
        "here": asked.link(),
        "again_url": asked.link(again=1),
    }
    if kept.figures is not None:
        drawn = _times if asked.report == Report.TIME else _table
        context |= drawn(asked, kept.figures)
    context["export_url"] = f"{reverse('leads:report_file')}{asked.link()}" if can(user, Ability.EXPORT) else ""
    return render(request, "leads/report.html", context)


def _about(asked: Asked) -> dict[str, Any]:
    """What can be asked, with what is."""
    narrowed = dict(asked.narrowed)
    return {
        "tabs": [(one, TITLES[one], asked.link(report=one, by="")) for one in Report],
        "presets": [
            (name, words, asked.link(period=name, **{"from": "", "to": ""})) for name, words in PRESETS.items()
        ],
        "groups": list(groups_of(asked.report).items()),
        "choices": [
            (name, CHOICES[name][0], list(CHOICES[name][1]._default_manager.order_by("name")[:500]), narrowed.get(name))
            for name in NARROWED_BY
        ],
        "is_narrowed": bool(narrowed),
        "clear_url": asked.link(**dict.fromkeys(NARROWED_BY, "")),
        "title": TITLES[asked.report],
    }


def _behind(asked: Asked, figure: str, **more: object) -> str:
    """Where the leads of a figure are listed."""
    return f"{reverse('leads:report_leads')}?{asked.query}&{urlencode({'figure': figure} | more)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _against(now: int, before: Mapping[str, int] | None, name: str) -> str:
    return "" if before is None else f"{before[name]:,} before"


def _table(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Funnel, response and returned: the sums as facts and bars, and a row for each group."""
    measures = measures_of(asked)
    total, before, first = figures["total"], figures["before"], measures[0].name
    facts = [
        Fact(one.label, f"{total[one.name]:,}", _against(total[one.name], before, one.name), _behind(asked, one.name))
        for one in measures
        if one.name in HEADLINES[asked.report]
    ]
    if figures.get("lengths"):
        facts += _length_facts(figures["lengths"], figures["lengths_before"])
    return {
        "facts": facts,
        "bars": [
            Bar(one.label, total[one.name], _share(total[one.name], total[first]), _behind(asked, one.name))
            for one in measures
        ],
        "heads": [one.label for one in measures],
        "rows": [_row(asked, row, measures) for row in figures["rows"]],
        "left_out": max(figures["groups"] - len(figures["rows"]), 0),
        "by": groups_of(asked.report)[asked.by],
        "in_several": asked.by == EACH_REASON,
        "columns": [_part_of_time(asked, *part) for part in figures.get("over_time") or []],
        "nothing": not total[first],
    }


def _part_of_time(asked: Asked, first: str, last: str, number: int) -> Bar:
    """A day, week or month of returns, leading to them."""
    days = replace(asked, first=date.fromisoformat(first), last=date.fromisoformat(last), period="")
    name = f"{days.first.day} {days.first:%b}" + (f" {days.first.year}" if asked.period == "all" else "")
    return Bar(name, number, "", _behind(days, RETURNS))


HEADLINES = {
    Report.FUNNEL: {"created", "sales_ready", "accepted", "qualified", "won"},
    Report.RESPONSE: {"ready", "not_yet", "given_back", "late"},
    Report.RETURNED: {RETURNS, "returned", "ready_again", "qualified", "disqualified"},
}


def _row(asked: Asked, row: Mapping[str, Any], measures: Sequence[Measure]) -> dict[str, Any]:
    group = word_of(asked, row["id"])
    all_of_it = row["counts"][measures[0].name]
    return {
        "name": row["name"] or "None",
        "is_none": row["id"] is None,
        "cells": [
            (
                row["counts"][one.name],
                _behind(asked, one.name, group=group),
                _share(row["counts"][one.name], all_of_it) if place else "",
            )
            for place, one in enumerate(measures)
        ],
    }


def _length_facts(lengths: Mapping[str, float | None], before: Mapping[str, float | None] | None) -> list[Fact]:
    labels = {"median": "Median until accepted", "ninetieth": "Nine of ten within"}
    return [
        Fact(label, _lasted(lengths[name]), f"{_lasted(before[name])} before" if before else "")
        for name, label in labels.items()
    ]


def _lasted(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return "under a minute" if seconds < 60 else duration_words(timedelta(seconds=seconds))


def _times(asked: Asked, figures: Mapping[str, Any]) -> dict[str, Any]:
    """How long leads stay in each stage, who is there, and who is stuck."""
    rows = [
        {
            "name": Stage(one["stage"]).label,
            "median": _lasted(one["median"]),
            "ninetieth": _lasted(one["ninetieth"]),
            "before": _lasted(one["median_before"]),
            "visits": one["visits"],
            "left": (one["left"], _behind(asked, f"left:{one['stage']}")),
            "there": (one["there"], _behind(asked, f"there:{one['stage']}")),
            "stuck": (
                one["stuck"],
                _behind(asked, f"stuck:{one['stage']}", over=one["over"], asof=figures["asof"]),
            ),
        }
        for one in figures["stages"]
    ]
    hours = [(Stage(one["stage"]).label, one["median"]) for one in figures["stages"]]
    return {
        "times": rows,
        "bars": [Bar(name, round((median or 0) / 3600), _lasted(median)) for name, median in hours],
        "nothing": not any(one["visits"] or one["there"] for one in figures["stages"]),
    }


@login_required
@require_safe
def report_leads(request: HttpRequest) -> HttpResponse:
    """The leads that a figure counts; for returns each of them, with who returned it, when and why."""
    if not can(person(request), Ability.REPORT):
        raise PermissionDenied
    asked = asked_by(request.GET)
    figure = request.GET.get("figure", "")
    found: QuerySet[Any] | None
    if figure == RETURNS and asked.report == Report.RETURNED:
        found = returns_behind(asked, request.GET)
        drawn = found.select_related("lead__contact__account", "lead__account", "actor", "recycle_reason")
    else:
        found = leads = leads_behind(asked, figure, request.GET)
        if leads is None:
            raise Http404
        drawn = leads.drawn()
    try:
        with within(READING_MS):
            page = page_of(drawn, NEWEST, request.GET.get("at", ""), counted=found)
    except TooSlow:
        page = Page([], Count(0, True))
    context = {
        "of_returns": figure == RETURNS and asked.report == Report.RETURNED,
        "problem": "" if page.rows or not page.count.more else SLOW,
        "asked": asked,
        "title": _title(asked, figure),
        "page": page,
        "back_url": f"{reverse('leads:reports')}{asked.link()}",
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "leads/report_leads.html", context)


def _title(asked: Asked, figure: str) -> str:
    if asked.report == Report.TIME:
        kind, _, stage = figure.partition(":")
        words = {"left": "Left", "there": "Now in", "stuck": "Stuck in"}
        return f"{words[kind]} {Stage(stage).label}"
    return next(one.label for one in measures_of(asked) if one.name == figure)


@login_required
@require_safe
def report_file(request: HttpRequest) -> HttpResponseBase:
    """The table of a report as a file for a spreadsheet; 404 while it is still being computed."""
    user = person(request)
    if not (can(user, Ability.REPORT) and can(user, Ability.EXPORT)):
        raise PermissionDenied
    asked = asked_by(request.GET)
    kept = figures_for(asked)
    if kept.figures is None:
        raise Http404
    name = f"{asked.report}-{asked.first}-{asked.last}"
    if asked.report == Report.TIME:
        head = [
            "Stage",
            "Visits that ended",
            "Median hours",
            "Nine of ten hours",
            "Leads that left",
            "There now",
            "Stuck",
        ]
        return csv_response(name, head, [_time_cells(one) for one in kept.figures["stages"]])
    measures = measures_of(asked)
    head = [groups_of(asked.report)[asked.by], *(one.label for one in measures)]
    rows = [[row["name"] or "None", *(row["counts"][one.name] for one in measures)] for row in kept.figures["rows"]]
    return csv_response(name, head, rows)


TIME_HEAD = ["Stage", "Visits that ended", "Median hours", "Nine of ten hours", "Leads that left", "There now", "Stuck"]


def _time_cells(one: Mapping[str, Any]) -> list[Any]:
    hours = [None if one[name] is None else round(one[name] / 3600, 2) for name in ("median", "ninetieth")]
    return [Stage(one["stage"]).label, one["visits"], *hours, one["left"], one["there"], one["stuck"]]
