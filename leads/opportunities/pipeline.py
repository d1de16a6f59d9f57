"""The pipeline as it stands: what is in each stage, how likely, and what lately came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from leadcrm.lib.facts import Fact
from leadcrm.lib.numbers import amount
from leads.opportunities import months
from leads.opportunities.chances import Settings, weighted
from leads.opportunities.stages import PIPELINE, OpportunityStage, OpportunityStatus

KEPT = ("owner", "team", "product", "campaign")
"""What the pipeline and the forecast are narrowed by; the lists behind their figures are, too."""
DAYS = 90


@dataclass(frozen=True)
class InStage:
    """The open opportunities of one stage, added up; `age` is how long they have been there on average."""

    stage: OpportunityStage
    count: int
    value: Decimal
    weighted: Decimal
    unvalued: int
    probability: int
    age: timedelta | None
    url: str


def kept_of(query: QueryDict) -> dict[str, str]:
    """What of an address narrows pipeline and forecast."""
    return {name: str(query[name]) for name in KEPT if query.get(name)}


def list_url(kept: dict[str, str], **more: str) -> str:
    """The list behind a figure."""
    return f"{reverse('opportunities:list')}?{urlencode(kept | more)}"


def stages_of(rows: QuerySet, settings: Settings, kept: dict[str, str]) -> list[InStage]:
    """Every stage in its order, of the open ones among `rows`. One query."""
    added = rows.filter(status=OpportunityStatus.OPEN).order_by().values("stage")
    found: dict[str, dict[str, Any]] = {
        row["stage"]: row
        for row in added.annotate(
            count=Count("pk"),
            worth=Sum("value", default=Decimal(0)),
            likely=Sum(weighted(settings), default=Decimal(0)),
            unvalued=Count("pk", filter=Q(value=None)),
            age=Avg(Now() - F("stage_entered_at")),
        )
    }
    empty: dict[str, Any] = {"count": 0, "worth": Decimal(0), "likely": Decimal(0), "unvalued": 0, "age": None}
    result = []
    for stage in PIPELINE:
        row = found.get(stage, empty)
        url = list_url(kept, stage=stage)
        chance = settings[stage].probability
        result.append(
            InStage(stage, row["count"], row["worth"], _cents(row["likely"]), row["unvalued"], chance, row["age"], url)
        )
    return result


def facts_of(rows: QuerySet, stages: list[InStage], kept: dict[str, str]) -> list[Fact]:
    """What stands above the pipeline: all of it, what is late, what this month brought, how much of it all is won."""
    month, today = months.this_month(), timezone.localdate()
    since = today - timedelta(days=DAYS)
    won, lost = Q(status=OpportunityStatus.WON), Q(status=OpportunityStatus.LOST)
    figures = rows.aggregate(
        late=Count("pk", filter=months.closing_in(months.LATE)),
        won=Sum("actual_revenue", filter=won & Q(closed_on__gte=month), default=Decimal(0)),
        number=Count("pk", filter=won & Q(closed_on__gte=month)),
        wins=Count("pk", filter=won & Q(closed_on__gte=since)),
        losses=Count("pk", filter=lost & Q(closed_on__gte=since)),
    )
    ended = figures["wins"] + figures["losses"]
    likely = sum((one.weighted for one in stages), Decimal(0)).quantize(Decimal(1))
    count = sum(one.count for one in stages)
    rate = f"{round(100 * figures['wins'] / ended)} %" if ended else "–"
    late = str(figures["late"])
    name = months.name_of(month)
    return [
        Fact("Open", amount(sum((one.value for one in stages), Decimal(0))), f"in {count}", list_url(kept)),
        Fact("Weighted", amount(likely), "value × chance"),
        Fact("Late", late, "to close", list_url(kept, closing=months.LATE), "late" if figures["late"] else ""),
        Fact(
            "Won this month",
            amount(figures["won"]),
            f"in {figures['number']}",
            list_url(kept, status="won", closing=name),
        ),
        Fact("Won of what ended", rate, f"{figures['wins']} of {ended} in {DAYS} days"),
    ]


def _cents(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"))
