"""The board of opportunities: open ones by stage, the next to close first, each knowing what stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.boards import Place, columns_of
from leadcrm.lib.pages import VARIES, wants_part
from leads.models import Opportunity
from leads.opportunities.access import may_work_on
from leads.opportunities.filters import OpportunityFilter
from leads.opportunities.gates import StageSettings, missing_before, pipeline_settings
from leads.opportunities.sorts import BY_CLOSE
from leads.opportunities.stages import PIPELINE, OpportunityStage, is_onward, next_stage

PLACES = [Place(stage, str(stage.label)) for stage in PIPELINE]


class BoardFilter(OpportunityFilter):
    """The filters of the list, but those that the board itself answers."""

    stage = None
    status = None
    lost_reason = None


@dataclass(frozen=True)
class Card:
    """One opportunity on the board. `lacking`: labels of what the next stage asks for and nobody has said."""

    opportunity: Opportunity
    url: str
    lasted: timedelta
    targets: list[tuple[OpportunityStage, bool]]
    lacking: list[str]

    @property
    def can(self) -> str:
        """The stages it may go to, for the page."""
        return " ".join(stage for stage, _ in self.targets)


def cards_of(rows: Sequence[Opportunity], user: User, settings: dict[str, StageSettings]) -> list[Card]:
    """Cards in the same order. No query."""
    now, place = timezone.now(), reverse("opportunities:list")
    cards = []
    for one in rows:
        others = [stage for stage in PIPELINE if stage != one.stage] if may_work_on(user, one) else []
        following = next_stage(one.stage)
        lacking = [label for _, label in missing_before(one, following, settings)] if following else []
        targets = [(stage, not is_onward(one.stage, stage)) for stage in others]
        cards.append(Card(one, f"{place}{one.pk}/", now - one.stage_entered_at, targets, lacking))
    return cards


@login_required
@require_safe
def opportunity_board(request: HttpRequest) -> HttpResponse:
    """Open opportunities by stage. For htmx `column` gives that one, or its next cards."""
    user, settings = person(request), pipeline_settings()
    filters = BoardFilter(request.GET, Opportunity.objects.visible_to(user).open(), request=request)
    wanted = request.GET.get("column", "")
    alone = [place for place in PLACES if place.key == wanted] if wants_part(request) else []
    part = bool(alone) and f"at-{wanted}" in request.GET
    columns = columns_of(
        alone or PLACES,
        lambda place: filters.qs.filter(stage=place.key),
        BY_CLOSE,
        request.GET,
        drawn=Opportunity.objects.drawn(),
        value="value",
        draw=lambda rows: cards_of(rows, user, settings),
        part=part,
    )
    context: dict[str, Any] = {"columns": columns, "board_url": reverse("opportunities:board"), "word": "opportunity"}
    context |= {"card_template": "opportunities/board_card.html", "here": request.get_full_path()}
    context["next"] = quote(request.get_full_path())
    if alone:
        template = "boards/cards.html" if part else "boards/column.html"
        context["column"] = columns[0]
    else:
        template = "opportunities/board.html"
        filtered = any(request.GET.get(name) for name in filters.filters)
        context |= {"form": filters.form, "kept": [], "filtered": filtered}
    response = render(request, template, context)
    response["Vary"] = VARIES
    return response
