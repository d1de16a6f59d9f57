"""What each role sees first: the figures that matter to it, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from contacts.models import Change, MarketingContext, Role, User
from forms_intake.models import IntakeForm, LandingPage, PageState, Submission, SubmissionState
from forms_intake.outages import failing_connectors, failing_mailboxes
from leadcrm.lib.charts import Bar, every_day
from leadcrm.lib.durations import duration_words
from leadcrm.lib.facts import Fact, honest_count
from leadcrm.lib.lately import lately
from leadcrm.lib.links import url_of
from leads.models import Lead, LeadEvent, LeadQuerySet
from leads.stages import ORDER, Stage
from scoring.models import ScoringModel, State
from scoring.ready_facts import inflow
from scoring.ready_rows import COUNTED, Tab, waiting
from scoring.views.queue import next_rows

DAYS = 30
BEST = 12
REASONS = 2
CALLING = (Stage.TELEPROSPECTING_ACCEPTANCE, Stage.TELEPROSPECTING_QUALIFICATION)


@dataclass(frozen=True)
class Home:
    """`template` draws the page of a role from `context`."""

    template: str
    context: dict[str, Any]


def home_of(user: User) -> Home:
    """The home of this person, by role."""
    return HOMES[Role(user.role)](user)


def _open() -> LeadQuerySet:
    leads: LeadQuerySet = Lead.objects.alive().open()
    return leads


def _stages() -> list[Bar]:
    """How many leads stand in each stage, in the order of the process."""
    rows = _open().order_by().values("stage").annotate(number=Count("pk"))
    numbers = {row["stage"]: row["number"] for row in rows}
    listed = url_of("leads:list")
    return [Bar(stage.label, numbers.get(stage, 0), url=f"{listed}?stage={stage}") for stage in ORDER]


@dataclass(frozen=True)
class Step:
    """One of the things a new workspace needs before leads come in and are scored."""

    title: str
    words: str
    url: str
    done: bool


def _begin() -> list[Step]:
    """What is still to be set up, with what is done; nothing once it all is."""
    steps = [
        Step("Make a form", "What people fill in.", url_of("forms_intake:forms"), IntakeForm.objects.exists()),
        Step(
            "Publish a landing page",
            "Where they find the form; or put it on a page of yours.",
            url_of("forms_intake:pages"),
            LandingPage.objects.filter(state=PageState.LIVE).exists(),
        ),
        Step(
            "Let a scoring model go live",
            "Rules say what counts, and from which score on sales is called.",
            url_of("scoring:models"),
            ScoringModel.objects.filter(state=State.LIVE).exists(),
        ),
    ]
    return [] if all(step.done for step in steps) else steps


def _created() -> list[tuple[date, int]]:
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
    days = Lead.objects.alive().filter(created_at__gte=since).annotate(day=TruncDate("created_at")).values("day")
    numbers = {row["day"]: row["number"] for row in days.annotate(number=Count("pk"))}
    return every_day(numbers, days=DAYS, until=timezone.localdate())


def _sources() -> list[dict[str, Any]]:
    """Where the leads of the last days came from, and how many of each have been sales ready, returned ones too."""
    since = timezone.now() - timedelta(days=DAYS)
    leads = Lead.objects.alive().filter(created_at__gte=since, marketing_context__isnull=False)
    ever = LeadEvent.objects.counted().filter(kind=LeadEvent.Kind.SALES_READY, happened_at__gte=since).values("lead")
    counted = (
        leads.order_by()
        .values("marketing_context")
        .annotate(number=Count("pk"), ready=Count("pk", filter=Q(sales_ready=True) | Q(pk__in=ever)))
    )
    rows = list(counted.order_by("-number", "marketing_context")[:8])
    names = MarketingContext.objects.select_related("campaign").in_bulk([row["marketing_context"] for row in rows])
    return [row | {"context": names[row["marketing_context"]]} for row in rows]


def _failed() -> QuerySet[Submission]:
    return Submission.objects.filter(state=SubmissionState.FAILED).select_related("form").order_by("-id")


def _marketer(user: User) -> Home:
    created, ready, failed = lately("created", _created), inflow(), honest_count(_failed())
    facts = [
        Fact("New leads", f"{sum(number for _, number in created):,}", f"in {DAYS} days"),
        Fact("Became sales ready", f"{sum(number for _, number in ready):,}", f"in {DAYS} days"),
        Fact(
            "Failed submissions",
            str(failed),
            "none lost" if not failed else "to mend",
            url_of("forms_intake:submissions") + "?state=failed" if failed else "",
            "late" if failed else "",
        ),
        Fact("Models live", str(ScoringModel.objects.filter(state=State.LIVE).count()), url=url_of("scoring:models")),
    ]
    facts += _broken_inflow()
    context = {"facts": facts, "created": created, "stages": lately("stages", _stages)}
    context |= {"sources": lately("sources", _sources), "begin": _begin()}
    return Home("home/marketer.html", context | {"failed": _failed()[:5] if failed else []})


def _best(leads: LeadQuerySet) -> LeadQuerySet:
    best: LeadQuerySet = leads.drawn().order_by(F("score").desc(nulls_last=True), "-id")
    return best


def _teleprospector(user: User) -> Home:
    calling = _open().filter(stage__in=CALLING)
    mine = calling.filter(owner=user)
    facts = [
        Fact("Yours", str(honest_count(mine))),
        Fact("Nobody's yet", str(honest_count(calling.filter(owner=None)))),
        Fact("In teleprospecting", lately("calling", lambda: str(honest_count(calling)))),
    ]
    calls = [(row.lead, row.reasons) for row in next_rows(user, most=BEST)]
    return Home("home/teleprospector.html", {"facts": facts, "calls": calls})


def _manager(user: User) -> Home:
    ready = waiting(Tab.TEAM, user)
    now = timezone.now()
    longest = ready.order_by("sales_ready_at", "id")
    ageing = list(longest.drawn()[:8])
    facts = [
        Fact("Waiting", str(honest_count(ready, COUNTED)), "sales ready", url_of("leads:ready") + "?tab=team"),
        Fact(
            "Unassigned",
            str(honest_count(ready.filter(owner=None), COUNTED)),
            "",
            url_of("leads:ready") + "?tab=unassigned",
        ),
        Fact("Longest wait", lead_age(ageing[0]) if ageing else "–"),
        Fact(
            "Older than a day", str(honest_count(longest.filter(sales_ready_at__lt=now - timedelta(days=1)), COUNTED))
        ),
    ]
    context = {
        "facts": facts,
        "inflow": inflow(),
        "workload": lately("workload", _workload),
        "unassigned": waiting(Tab.UNASSIGNED, user).drawn()[:5],
    }
    return Home("home/sales_manager.html", context | {"ageing": ageing})


def lead_age(lead: Lead) -> str:
    """How long a sales-ready lead has waited, in words."""
    return duration_words(timezone.now() - lead.sales_ready_at) if lead.sales_ready_at else "–"


def _workload() -> list[dict[str, Any]]:
    """For each owner of leads in Sales acceptance: how many wait, how many are accepted and still open."""
    week = timezone.now() - timedelta(days=7)
    rows = _open().filter(owner__isnull=False, stage=Stage.SALES_ACCEPTANCE).order_by().values("owner")
    counted = rows.annotate(
        waiting=Count("pk", filter=Q(sales_ready=True, accepted_at=None)),
        accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
        oldest=Min("sales_ready_at", filter=Q(sales_ready=True, accepted_at=None)),
    )
    done = LeadEvent.objects.filter(kind=LeadEvent.Kind.ACCEPTED, happened_at__gte=week).values("actor")
    weekly = {row["actor"]: row["number"] for row in done.annotate(number=Count("pk"))}
    people = User.objects.in_bulk([row["owner"] for row in counted])
    loads = [row | {"owner": people[row["owner"]], "week": weekly.get(row["owner"], 0)} for row in counted]
    return sorted(loads, key=lambda row: (-row["waiting"], str(row["owner"])))


def _administrator(user: User) -> Home:
    pending = Submission.objects.filter(state=SubmissionState.PENDING)
    facts = [
        _queue("Submissions waiting", pending, "received_at"),
        _queue("Changes to score", Change.objects.filter(bulk=False), "queued_at"),
        Fact(
            "Failed submissions",
            str(honest_count(_failed())),
            url=url_of("forms_intake:submissions") + "?state=failed",
            tone="late",
        ),
        Fact("People", str(User.objects.filter(is_active=True).count())),
        *_broken_inflow(),
    ]
    return Home(
        "home/administrator.html",
        {
            "facts": facts,
            "begin": _begin(),
            "health_url": "/readyz",
            "failed": _failed()[:8],
            "stages": lately("stages", _stages),
        },
    )


def _broken_inflow() -> list[Fact]:
    """Mailboxes and connectors of ads that have failed for a while; nothing when none has."""
    kinds = [
        ("Mailboxes failing", failing_mailboxes().count(), "forms_intake:mailboxes"),
        ("Connectors failing", failing_connectors().count(), "forms_intake:ads"),
    ]
    return [Fact(label, str(number), "to mend", url_of(name), "late") for label, number, name in kinds if number]


def _queue(label: str, rows: QuerySet, moment: str) -> Fact:
    oldest = rows.order_by("id").values_list(moment, flat=True).first()
    waits = timezone.now() - oldest if oldest else None
    note = f"oldest {duration_words(waits)}" if waits is not None else "nothing waits"
    return Fact(label, str(honest_count(rows)), note, tone="late" if waits and waits > timedelta(minutes=1) else "")


HOMES: dict[Role, Callable[[User], Home]] = {
    Role.MARKETER: _marketer,
    Role.TELEPROSPECTOR: _teleprospector,
    Role.SALES_MANAGER: _manager,
    Role.ADMINISTRATOR: _administrator,
    Role.READER: _manager,
}
