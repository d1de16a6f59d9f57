"""Pages that add opportunities up: the pipeline by stage, the forecast by month, owner and team."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.models import Team, User
from contacts.views.editing import person
from leads.models import Opportunity
from leads.opportunities.access import may_make
from leads.opportunities.filters import OpportunityFilter
from leads.opportunities.forecast import COUNTED, members_of_teams, outlook
from leads.opportunities.gates import pipeline_settings
from leads.opportunities.pipeline import KEPT, facts_of, kept_of, stages_of


class WhoseFilter(OpportunityFilter):
    """The part of the filters that pipeline and forecast have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.filters):
            if name not in KEPT:
                del self.filters[name]


def _narrowed(request: HttpRequest) -> tuple[WhoseFilter, QuerySet, dict[str, str]]:
    filters = WhoseFilter(request.GET, Opportunity.objects.visible_to(person(request)), request=request)
    good = filters.form.is_valid()
    kept = {name: value for name, value in kept_of(request.GET).items() if good or name not in filters.form.errors}
    return filters, filters.qs, kept


@login_required
@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """What is in each stage, how likely, and what lately came of it; each figure opens the list behind it."""
    filters, rows, kept = _narrowed(request)
    stages = stages_of(rows, pipeline_settings(), kept)
    context = {
        "filters": filters,
        "filtered": bool(kept),
        "stages": stages,
        "most": max(one.value for one in stages),
        "facts": facts_of(rows, stages, kept),
        "may_make": may_make(person(request)),
    }
    return render(request, "opportunities/pipeline.html", context)


@login_required
@require_safe
def forecast(request: HttpRequest) -> HttpResponse:
    """What the months to come may bring, weighted, by category, owner and team."""
    filters, rows, kept = _narrowed(request)
    found = outlook(rows, pipeline_settings(), kept)
    by_team = request.GET.get("by") == "team"
    if by_team:
        chosen = filters.form.cleaned_data.get("team")
        # Who is in two teams is in both, but the lists behind the figures are of one: the one that was asked for.
        teams = {chosen.pk: chosen.name} if chosen else dict(Team.objects.values_list("pk", "name"))
        whose = found.by_team(teams, members_of_teams())
    else:
        whose = found.by_owner(User.objects.in_bulk([one.owner_id for one in found.parts if one.owner_id]))
    context = {
        "filters": filters,
        "filtered": bool(kept),
        "outlook": found,
        "rows": found.rows(),
        "stacks": found.stacks(),
        "categories": COUNTED,
        "whose": whose,
        "by_team": by_team,
        "kept": kept,
    }
    return render(request, "opportunities/forecast.html", context)
