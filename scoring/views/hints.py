"""Why and whither, for every lead of a page at once: what a row shows when it is pointed at or has the focus."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.views.editing import person
from leads.models import Lead
from scoring.explain import Part, leading_scores, sparklines, top_reasons
from scoring.missing import falls_short_at

MOST = 100
LONGEST_ID = 18


@dataclass(frozen=True)
class Hint:
    """A lead's score in short: the rules that speak loudest, its last values, and how far it is from ready; `most` is
    what its rules can ever give it when that is not enough.
    """

    lead_id: int
    score: int
    model: str
    threshold: int
    reasons: list[Part]
    course: list[int]
    most: int | None

    @property
    def lacking(self) -> int:
        return self.threshold - self.score

    @property
    def trend(self) -> str:
        """Where the score went with its last changes, in words."""
        if len(self.course) < 2 or self.course[0] == self.course[-1]:
            return "unchanged"
        return "rising" if self.course[-1] > self.course[0] else "falling"


@login_required
@require_safe
def hints(request: HttpRequest) -> HttpResponse:
    """For each of `ids` (with commas) that this person may see and that has a score; queries do not grow with them."""
    wanted = [int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal() and len(one) <= LONGEST_ID]
    seen = Lead.objects.visible_to(person(request)).filter(pk__in=wanted[:MOST]).values_list("pk", flat=True)
    ids = list(seen)
    leading = leading_scores(ids) if ids else {}
    reasons, courses = (top_reasons(ids), sparklines(ids)) if leading else ({}, {})
    found = [
        Hint(
            pk,
            score.score,
            spec.name,
            spec.threshold,
            reasons.get(pk, []),
            courses.get(pk, []),
            falls_short_at(spec, score.points, score.counts, cuts=score.cuts),
        )
        for pk, (score, spec) in leading.items()
    ]
    return render(request, "scoring/hints.html", {"hints": found})
