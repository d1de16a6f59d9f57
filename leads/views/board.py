"""The board of leads: the whole page, one column, or the next cards of one."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.models import User
from contacts.narrowing import READING_MS, Narrowing, narrowings_of
from contacts.views.editing import person
from leadcrm.lib.boards import BoardColumn, Place, columns_of
from leadcrm.lib.pages import VARIES, wants_part
from leadcrm.lib.paging import url_with
from leadcrm.lib.patience import TooSlow, within
from leads.board import STAGES, BoardFilter, cards_of, places_of
from leads.models import Lead, Process, ProcessState
from leads.views.records import BY_SCORE

RELATED = ("contact__account", "account", "owner", "process", "product")
SLOW = f"This takes longer than {READING_MS // 1000} seconds. Ask for less."


@login_required
@require_safe
def lead_board(request: HttpRequest) -> HttpResponse:
    """Leads on their way by stage, the highest score first. For htmx `column` gives that one, or its next cards."""
    user = person(request)
    rows = Lead.objects.visible_to(user).open().filter(process_state=ProcessState.ACTIVE)
    filters = BoardFilter(request.GET, rows, request=request)
    process = filters.form.cleaned_data.get("process") if filters.form.is_valid() else None
    places = places_of(process or _only_process())
    wanted = request.GET.get("column", "")
    if wanted in STAGES and wants_part(request):
        places = [place for place in places if place.key == wanted]
    by = narrowings_of(request, "lead")
    columns, problem = _columns(request, places, filters.qs, by, user)
    context: dict[str, Any] = {"columns": columns, "board_url": reverse("leads:board")}
    context |= {"card_template": "leads/board_card.html"}
    context |= {"here": request.get_full_path(), "next": quote(request.get_full_path()), "word": "lead"}
    if wanted in STAGES and wants_part(request) and columns:
        part = "boards/cards.html" if f"at-{wanted}" in request.GET else "boards/column.html"
        response = render(request, part, context | {"column": columns[0]})
    else:
        kept = [(one.name, one.value) for one in by]
        narrowed = [(one, url_with(request.GET, **{one.name: ""})) for one in by]
        filtered = any(request.GET.get(name) for name in filters.filters)
        context |= {"form": filters.form, "kept": kept, "narrowed": narrowed, "filtered": filtered, "problem": problem}
        response = render(request, "leads/board.html", context | {"process": process})
    response["Vary"] = VARIES
    return response


def _only_process() -> Process | None:
    """The process when there is but one: then its names and limits are the board's."""
    some = list(Process.objects.all()[:2])
    return some[0] if len(some) == 1 else None


def _columns(
    request: HttpRequest, places: list[Place], rows: QuerySet, by: list[Narrowing], user: User
) -> tuple[list[BoardColumn], str]:
    """The columns, and why they are empty where they cannot be met."""
    narrows = [one.narrows for one in by if one.narrows is not None]
    problem = next((one.problem for one in by if one.narrows is None), "")
    asked = rows.none() if problem else rows.filter(reduce(and_, narrows)) if narrows else rows

    def columns(leads: QuerySet) -> list[BoardColumn]:
        part = wants_part(request) and any(f"at-{place.key}" in request.GET for place in places)
        return columns_of(
            places,
            lambda place: leads.filter(stage=place.key),
            BY_SCORE,
            request.GET,
            drawn=Lead.objects.select_related(*RELATED),
            value="estimated_value",
            draw=lambda found: cards_of(found, user),
            part=part and len(places) == 1,
        )

    if not narrows:
        return columns(asked), problem
    try:
        with within(READING_MS):
            return columns(asked), problem
    except TooSlow:
        return columns(rows.none()), SLOW
