"""Variants of a page: added, named and weighted, removed; and what came of the page, variant by variant."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.views.editing import person
from forms_intake.landing.definition import FIRST, variant_of, variants_of
from forms_intake.landing.results import compare, days_of, real
from forms_intake.landing.testing import (
    WEIGHTS,
    add_variant,
    choose_winner,
    edit_variant,
    remove_variant,
    running_test,
)
from forms_intake.landing.views.around import builder_url, head_of, letter_of, marketers, page_or_404
from forms_intake.models import LandingPage, PageTest
from leadcrm.lib.charts import Bar
from leadcrm.lib.facts import Fact, honest_count
from leadcrm.lib.links import url_of
from leadcrm.lib.rate_lines import Line

MOST_TESTS = 20
MOST_DAYS = 60


class VariantForm(forms.Form):
    name = forms.CharField(max_length=60, required=False, help_text="What is different in it.")
    weight = forms.IntegerField(
        min_value=WEIGHTS[0],
        max_value=WEIGHTS[1],
        help_text="Of the visitors see it as many as its weight is of all weights together.",
    )


@marketers
@require_POST
def add(request: HttpRequest, page_id: int) -> HttpResponse:
    """A copy of the variant that is looked at, to be changed."""
    made = add_variant(page_id=page_id, like=request.POST.get("variant", ""), name="", by=person(request))
    messages.success(request, f"Variant {made['letter']} is added. Change one thing in it, and say in its name what.")
    return redirect(builder_url(page_id, made["letter"]))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, page_id: int) -> HttpResponse:
    """Its name and weight."""
    page = page_or_404(page_id)
    letter = letter_of(request, page)
    variant = variant_of(page.draft, letter)
    form = VariantForm(
        request.POST if request.method == "POST" else None,
        initial={"name": variant["name"], "weight": variant["weight"]},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        edit_variant(page_id=page_id, letter=letter, name=said["name"], weight=said["weight"], by=person(request))
        messages.success(request, f"Variant {letter} is saved.")
        return redirect(builder_url(page_id, letter))
    context = head_of(page, "builder") | {"form": form, "letter": letter, "is_first": letter == FIRST}
    return render(request, "forms_intake/landing/variant.html", context, status=422 if form.is_bound else 200)


@marketers
@require_POST
def remove(request: HttpRequest, page_id: int) -> HttpResponse:
    letter = request.POST.get("variant", "")
    remove_variant(page_id=page_id, letter=letter, by=person(request))
    messages.success(request, f"Variant {letter} is removed from the draft.")
    return redirect(builder_url(page_id))


@marketers
@require_safe
def results(request: HttpRequest, page_id: int) -> HttpResponse:
    """Visits, submissions and conversion over time, and tests: the one that runs, or an ended one (`test`)."""
    page = page_or_404(page_id)
    days = days_of(page)
    tests = list(page.tests.select_related("started_by", "ended_by").order_by("-number")[:MOST_TESTS])
    asked = request.GET.get("test", "")
    shown = next((one for one in tests if str(one.number) == asked), tests[0] if tests else None)
    context = head_of(page, "results") | {
        "days": days,
        "facts": _facts(page, days.visited, days.submitted, days.conversion),
        "weeks": [
            Bar(
                f"week of {day.day} {day:%b}",
                round(1000 * sent / seen) if seen else 0,
                f"{100 * sent / seen:.1f} % ({sent:,} of {seen:,})" if seen else "no visits",
                f"{url_of('forms_intake:submissions')}?page={page.pk}",
            )
            for day, seen, sent in days.by_week
        ],
        "tests": tests,
        "compared": _compared(page, shown) if shown else None,
    }
    return render(request, "forms_intake/landing/results.html", context)


def _facts(page: LandingPage, visited: int, submitted: int, conversion: str) -> list[Fact]:
    listed = f"{url_of('forms_intake:submissions')}?page={page.pk}"
    whole = honest_count(real(page).order_by())
    return [
        Fact("Visits in 30 days", f"{visited:,}"),
        Fact("Submissions in 30 days", f"{submitted:,}", url=listed),
        Fact("Conversion in 30 days", conversion),
        Fact("Submissions in all", str(whole), url=listed),
    ]


def _compared(page: LandingPage, test: PageTest) -> dict[str, Any]:
    names = {one["letter"]: one["name"] for one in variants_of(page.version.definition)} if page.version else {}
    found = compare(test, names if test.ended_at is None else _names_then(page, test))
    lines = [
        Line(letter, [(day, hits / of if of else None) for day, of, hits in points]) for letter, points in found.lines
    ]
    daily = [(f"Variant {letter}", _each_day(points)) for letter, points in found.lines]
    return {"test": test, "rows": found.rows, "verdict": found.verdict, "lines": lines, "daily": daily}


def _each_day(points: list[tuple[date, int, int]]) -> list[tuple[date, int]]:
    """Visitors of each day, from those up to it; the last weeks."""
    before = [0, *(of for _, of, _ in points)]
    return [(day, of - before[place]) for place, (day, of, _) in enumerate(points)][-MOST_DAYS:]


def _names_then(page: LandingPage, test: PageTest) -> dict[str, str]:
    """What the variants of an ended test were called: as the last version before its end says."""
    versions = page.versions.filter(created_at__lt=test.ended_at).order_by("-number")[:10]
    for version in versions:
        if len(variants_of(version.definition)) > 1:
            return {one["letter"]: one["name"] for one in variants_of(version.definition)}
    return {}


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def ending(request: HttpRequest, page_id: int) -> HttpResponse:
    """Asks, then ends the test: everybody sees the variant that is chosen."""
    page = page_or_404(page_id)
    letter = request.POST.get("variant") or request.GET.get("variant", "")
    running = running_test(page)
    if request.method == "POST":
        said = request.POST.get("test", "")
        number = int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else 0
        choose_winner(page_id=page_id, test=number, letter=letter, by=person(request))
        messages.success(request, f"The test is ended: everybody sees what was variant {letter}.")
        return redirect("forms_intake:page_results", page_id)
    if running is None or letter not in running.letters:
        messages.info(request, "No test runs with such a variant.")
        return redirect("forms_intake:page_results", page_id)
    compared = _compared(page, running)
    context = head_of(page, "results") | {"letter": letter, "test": running, "verdict": compared["verdict"]}
    return render(request, "forms_intake/landing/end_test.html", context)
