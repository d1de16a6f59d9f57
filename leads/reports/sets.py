"""The sets of leads that figures count. A figure and the list behind it ask the same condition, so they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Least
from django.utils import timezone

from leads.models import Lead, LeadEvent, LeadQuerySet, Opportunity, ProcessState, StageChange, Status
from leads.opportunities.stages import OpportunityStatus
from leads.reports.asked import EACH_REASON, Asked, Report
from leads.reports.grouping import in_group
from leads.reports.waits import STEPS, became_ready, took
from leads.stages import ORDER, Stage

RETURNS = "returns"
"""The one figure that counts not leads but what happened to them."""


@dataclass(frozen=True)
class Measure:
    """One thing that is counted: its word in addresses, how it is called, and which leads of the report it counts."""

    name: str
    label: str
    condition: Q


def living(asked: Asked) -> LeadQuerySet:
    """The leads that a report is narrowed to, whenever anything happened to them."""
    leads: LeadQuerySet = Lead.objects.alive().filter(**dict(asked.narrowed))
    return leads


def leads_of(asked: Asked) -> LeadQuerySet:
    """The leads that a report is about, before any measure."""
    leads = living(asked)
    if asked.report == Report.FUNNEL:
        return leads.filter(asked.during("created_at"))
    if asked.report == Report.RESPONSE:
        return leads.filter(became_ready(asked))
    if asked.report == Report.RETURNED:
        return leads.filter(Exists(_events(LeadEvent.Kind.RETURNED).filter(asked.during("happened_at"))))
    return leads


def returns_of(asked: Asked) -> QuerySet[LeadEvent]:
    """Every return in the period, of the leads that the report is narrowed to."""
    returns: QuerySet[LeadEvent] = LeadEvent.objects.filter(
        asked.during("happened_at"), kind=LeadEvent.Kind.RETURNED, lead__in=living(asked).order_by()
    )
    return returns


def measures_of(asked: Asked) -> list[Measure]:
    """What a report counts of its leads, in order; the first is all of them."""
    if asked.report == Report.FUNNEL:
        return _funnel()
    if asked.report == Report.RESPONSE:
        return _response(asked)
    if asked.report == Report.RETURNED:
        return _returned()
    return []


def _events(kind: str) -> Any:
    return LeadEvent.objects.counted().filter(lead=OuterRef("pk"), kind=kind)


def reached(stage: Stage) -> Q:
    """That a lead stands or ever stood in this stage or a later one."""
    there = [one.value for one in ORDER[ORDER.index(stage) :]]
    moves = StageChange.objects.counted().filter(Q(to_stage__in=there) | Q(from_stage__in=there), lead=OuterRef("pk"))
    return Q(stage__in=there) | Q(Exists(moves))


def _funnel() -> list[Measure]:
    won = Opportunity.objects.alive().filter(lead=OuterRef("pk"), status=OpportunityStatus.WON)
    ready = Q(sales_ready=True) | Q(Exists(_events(LeadEvent.Kind.SALES_READY)))
    accepted = Q(accepted_at__isnull=False) | Q(Exists(_events(LeadEvent.Kind.ACCEPTED)))
    stages = [Measure(stage.value, stage.label, reached(stage)) for stage in ORDER[1:]]
    return [
        Measure("created", "Created", Q()),
        *stages[:-1],
        Measure("sales_ready", "Sales ready", ready),
        stages[-1],
        Measure("accepted", "Accepted by sales", accepted),
        Measure("qualified", "Qualified", Q(status=Status.QUALIFIED)),
        Measure("won", "Won", Q(Exists(won))),
        Measure("disqualified", "Disqualified", Q(status=Status.DISQUALIFIED)),
    ]


def is_late() -> Q:
    """That the first response came late, or should have come by now."""
    return Q(respond_by__isnull=False) & (
        Q(responded_at__gt=F("respond_by")) | Q(responded_at=None, respond_by__lt=timezone.now())
    )


def _response(asked: Asked) -> list[Measure]:
    """Leads that became sales ready by how long it took until sales accepted them."""
    found = [Measure("ready", "Became sales ready", Q())]
    at_least: timedelta | None = None
    for words, most in STEPS:
        found.append(
            Measure(f"within_{int(most.total_seconds())}", f"Accepted within {words}", took(asked, at_least, most))
        )
        at_least = most
    never = took(asked, None, None)
    return [
        *found,
        Measure("later", "Accepted later", took(asked, STEPS[-1][1], None)),
        Measure("not_yet", "Not accepted yet", never & Q(status=Status.OPEN, sales_ready=True)),
        Measure("given_back", "Given back without", never & Q(status=Status.OPEN, sales_ready=False)),
        Measure("closed", "Closed without", never & ~Q(status=Status.OPEN)),
        Measure("late", "First response late", is_late()),
    ]


def _returned() -> list[Measure]:
    return [
        Measure(RETURNS, "Returns", Q()),
        Measure("returned", "Leads returned", Q()),
        Measure("ready_again", "Sales ready again", Q(sales_ready=True)),
        Measure("qualified", "Qualified since", Q(status=Status.QUALIFIED)),
        Measure("disqualified", "Disqualified since", Q(status=Status.DISQUALIFIED)),
        Measure("open", "Open, not ready", Q(status=Status.OPEN, sales_ready=False)),
    ]


def leads_behind(asked: Asked, figure: str, given: Mapping[str, str]) -> LeadQuerySet | None:
    """The leads that a figure counts: `figure` names a measure or, for time, a stage; `given` says of which group, and
    for stuck ones longer than what as of when. None for no such figure.
    """
    leads = leads_of(asked)
    if asked.report == Report.TIME:
        return _behind_time(leads, asked, figure, given)
    measure = next((one for one in measures_of(asked) if one.name == figure), None)
    if measure is None:
        return None
    found = leads.filter(measure.condition)
    group = given.get("group", "")
    if asked.by == EACH_REASON:
        returns = _events(LeadEvent.Kind.RETURNED).filter(asked.during("happened_at"))
        return found.filter(Exists(returns.filter(in_group(asked, "recycle_reason", group)))) if group else found
    return found.filter(in_group(asked, asked.by, group))


def returns_behind(asked: Asked, given: Mapping[str, str]) -> QuerySet[LeadEvent]:
    """The returns that a figure counts, each of them."""
    field = "recycle_reason" if asked.by == EACH_REASON else f"lead__{asked.by}"
    return returns_of(asked).filter(in_group(asked, field, given.get("group", "")))


def left_during(asked: Asked, stage: str) -> Q:
    """That a lead (of `with_end`) left a stage within the period, or came to its end there."""
    moves = StageChange.objects.counted().filter(asked.during("moved_at"), lead=OuterRef("pk"), from_stage=stage)
    return Q(Exists(moves)) | (ended_during(asked) & Q(stage=stage))


def ended_during(asked: Asked) -> Q:
    """That a lead (of `with_end`) came to its end in the period. Imported ones that were put into a stage and closed in
    the same moment have not been there for any time, and would make every median nothing.
    """
    return asked.during("ended") & Q(ended__gt=F("stage_entered_at"))


def with_end(leads: LeadQuerySet) -> LeadQuerySet:
    """With when their stay in their stage `ended`: closed, or their process over; None for those on their way."""
    return leads.annotate(ended=Least("closed_at", "process_ended_at"))


def leads_there(stage: str) -> Q:
    """That an open lead is in a stage now, and its process runs."""
    return Q(status=Status.OPEN, process_state=ProcessState.ACTIVE, stage=stage)


def _behind_time(leads: LeadQuerySet, asked: Asked, figure: str, given: Mapping[str, str]) -> LeadQuerySet | None:
    kind, _, stage = figure.partition(":")
    if stage not in Stage.values:
        return None
    if kind == "left":
        return with_end(leads).filter(left_during(asked, stage))
    if kind == "there":
        return leads.filter(leads_there(stage))
    seconds = given.get("over", "")
    moment = _moment(given.get("asof", ""))
    if kind != "stuck" or not seconds.isdecimal() or len(seconds) > 10:
        return None
    return leads.filter(leads_there(stage) & stuck(stage, moment, timedelta(seconds=int(seconds))))


def stuck(stage: str, now: datetime, usual: timedelta) -> Q:
    """That a lead has been in a stage longer than its process allows or, without a limit, than is usual."""
    limits = _limits(stage)
    of_none = Q(stage_entered_at__lt=now - usual) & ~Q(process__in=list(limits))
    late = Q(of_none) | Q(stage_entered_at__lt=now - usual, process=None)
    for process, limit in limits.items():
        late |= Q(process=process, stage_entered_at__lt=now - limit)
    return Q(stage=stage) & late


def _limits(stage: str) -> dict[int, timedelta]:
    limits = {}
    for process in Lead._meta.get_field("process").related_model.objects.all():
        limit = process.stages.of(stage).limit
        if limit is not None:
            limits[process.pk] = limit
    return limits


def _moment(word: str) -> datetime:
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return timezone.now()
    return moment if moment.tzinfo else timezone.now()
