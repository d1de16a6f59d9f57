"""The leads of one model with their scores in it: page by page, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from leadcrm.lib.cells import guarded
from leadcrm.lib.paging import ID, Column, Page, Sort, page_of
from leadcrm.lib.sending import still_sending
from leads.models import Lead, Status
from scoring.definition import ModelSpec
from scoring.models import LeadScore, ScoringModel
from scoring.outcomes import Outcome, outcome_of

BATCH = 2_000
LARGEST = 2**31 - 1
HIGHEST = Sort("score", "Highest", (Column("score", int, nullable=True), ID), descending=True)
LATEST = Sort("newest", "Newest", (ID,), descending=True)
NEWEST = Sort("newest", "Newest", (Column("lead_id", int),), descending=True)
OUTCOMES = {**dict(Outcome.choices), "any": "Any"}


@dataclass(frozen=True)
class Wanted:
    """Which of a model's leads: from which score on, up to which, and what became of them."""

    low: int | None
    high: int | None
    outcome: str

    @property
    def filtered(self) -> bool:
        return self.low is not None or self.high is not None or self.outcome != "open"


def wanted_by(request: HttpRequest) -> Wanted:
    """What the URL asks for; what cannot be read is not asked."""
    outcome = request.GET.get("outcome", "")
    return Wanted(_number(request, "from"), _number(request, "to"), outcome if outcome in OUTCOMES else "open")


def _number(request: HttpRequest, name: str) -> int | None:
    try:
        number = int(request.GET.get(name, "").replace("−", "-"))
    except ValueError:
        return None
    return number if abs(number) <= LARGEST else None


@dataclass(frozen=True)
class Scored:
    """A lead and its score in the model."""

    lead: Lead
    score: int
    grade: str


def is_alone(spec: ModelSpec) -> bool:
    """Whether no other model is live: then `Lead.score`, which has an index, is the score in this one."""
    return list(ScoringModel.objects.live().values_list("pk", flat=True)[:2]) == [spec.model_id]


def scores_of(spec: ModelSpec, wanted: Wanted) -> QuerySet[LeadScore]:
    """The scores in this model that are wanted, with what is drawn of their leads."""
    scores = LeadScore.objects.filter(model=spec.model_id, lead__deleted_at=None, **_bounds(wanted))
    if wanted.outcome == Outcome.OPEN:
        scores = scores.filter(lead__status=Status.OPEN)
    elif wanted.outcome != "any":
        scores = scores.exclude(lead__status=Status.OPEN).alias(came=outcome_of("lead")).filter(came=wanted.outcome)
    return scores.select_related("lead__contact__account", "lead__account", "lead__owner")


def _bounds(wanted: Wanted) -> dict[str, int]:
    bounds = {"score__gte": wanted.low, "score__lte": wanted.high}
    return {lookup: bound for lookup, bound in bounds.items() if bound is not None}


def page(spec: ModelSpec, wanted: Wanted, sort: str, at: str) -> tuple[Page, list[Scored], list[Sort]]:
    """The page that is asked for, its leads, and the sorts that are offered: only those that have an index.

    A model that is live alone is read from the index of `Lead.score`, the highest first.
    """
    if is_alone(spec) and wanted.outcome == "open":
        leads = Lead.objects.filter(status=Status.OPEN, deleted_at=None, score__isnull=False, **_bounds(wanted))
        offered = [HIGHEST, LATEST]
        found = page_of(leads.drawn(), next((one for one in offered if one.key == sort), HIGHEST), at)
        return found, [Scored(lead, lead.score, lead.grade) for lead in found.rows], offered
    found = page_of(scores_of(spec, wanted), NEWEST, at)
    return found, [Scored(one.lead, one.score, one.grade) for one in found.rows], [NEWEST]


def lines(spec: ModelSpec, wanted: Wanted) -> Iterator[str]:
    """A CSV file line by line: each lead with its score, grade and the points of every rule; newest first."""
    yield _line(
        [
            "lead",
            "contact",
            "e-mail",
            "account",
            "topic",
            "status",
            "stage",
            "owner",
            "score",
            "grade",
            "sales ready from",
            "computed",
            *(rule.name for rule in spec.rules),
        ]
    )
    before = 2**63 - 1
    while True:
        batch = list(scores_of(spec, wanted).filter(lead_id__lt=before).order_by("-lead_id")[:BATCH])
        yield "".join(_line(_cells(score, spec)) for score in batch)
        still_sending()
        if len(batch) < BATCH:
            return
        before = batch[-1].lead_id


def _cells(score: LeadScore, spec: ModelSpec) -> list[Any]:
    lead: Lead = score.lead
    account = lead.account or (lead.contact.account if lead.contact else None)
    points = score.points if score.version_id == spec.version_id else []
    return [
        lead.pk,
        lead.contact or "",
        lead.contact.email if lead.contact else "",
        account or "",
        lead.topic,
        lead.get_status_display(),
        lead.get_stage_display(),
        lead.owner or "",
        score.score,
        score.grade,
        spec.threshold,
        timezone.localtime(score.computed_at).isoformat(timespec="seconds"),
        *points,
    ]


def _line(cells: list[Any]) -> str:
    file = StringIO()
    csv.writer(file).writerow([cell if isinstance(cell, int) else guarded(str(cell)) for cell in cells])
    return file.getvalue()
