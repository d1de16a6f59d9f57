"""What the open opportunities may bring, month by month, and by whom; in the workspace's days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMonth

from contacts.models import TeamMember, User
from leadcrm.lib.stacks import Stack
from leads.opportunities import months
from leads.opportunities.chances import Settings, category, weighted
from leads.opportunities.pipeline import list_url
from leads.opportunities.stages import Forecast, OpportunityStatus

COUNTED = (Forecast.COMMITTED, Forecast.BEST_CASE, Forecast.PIPELINE)
"""The categories that count, the surest first."""
NOBODY = "nobody"


@dataclass(frozen=True)
class Cell:
    """One figure, how many opportunities it adds up, and the list behind it."""

    amount: Decimal
    count: int
    url: str


@dataclass(frozen=True)
class Row:
    """A month, or what is before, later or without a day: the value in each category, all of it weighted, and won."""

    label: str
    categories: list[Cell]
    weighted: Cell
    won: Cell | None


@dataclass(frozen=True)
class Whose:
    """The weighted value that one person or team may bring, column by column, and in all."""

    label: str
    cells: list[Cell]
    total: Cell


@dataclass(frozen=True)
class Part:
    """Opportunities of one owner that close in one bucket and are of one category, added up."""

    bucket: str
    category: str
    owner_id: int | None
    value: Decimal
    weighted: Decimal
    count: int


@dataclass(frozen=True)
class Outlook:
    """All parts of a forecast of some months, with the columns they fall into."""

    shown: list[date]
    parts: list[Part]
    won: dict[str, Cell]
    kept: dict[str, str]
    omitted: Cell

    @property
    def buckets(self) -> list[tuple[str, str]]:
        """The columns in order of time: (word in the address, label)."""
        named = [(months.name_of(month), months.label_of(month)) for month in self.shown]
        edges = [(months.LATER, "Later"), (months.UNDATED, "No day")]
        return [(months.BEFORE, "Before"), *named, *edges]

    def rows(self) -> list[Row]:
        """The forecast month by month."""
        return [self._row(bucket, label) for bucket, label in self.buckets]

    def _row(self, bucket: str, label: str) -> Row:
        within = [part for part in self.parts if part.bucket == bucket]
        return Row(
            label,
            [self._cell(within, one, closing=bucket, forecast=one) for one in COUNTED],
            self._cell(within, None, closing=bucket, forecast="counted"),
            self.won.get(bucket),
        )

    def _cell(self, parts: Iterable[Part], only: str | None, **asked: str) -> Cell:
        """The value of one category, or, of all that count, the weighted value."""
        counted = [part for part in parts if part.category == (only or part.category)]
        size = sum((part.value if only else part.weighted for part in counted), Decimal(0))
        return Cell(whole(size), sum(part.count for part in counted), list_url(self.kept, **asked))

    def by_owner(self, people: Mapping[int, User]) -> list[Whose]:
        """The weighted value by owner, the largest first."""

        def asked(owner: int | None) -> dict[str, str]:
            return {"owner": str(owner) if owner else NOBODY}

        labels = {pk: str(person) for pk, person in people.items()}
        owners = {part.owner_id for part in self.parts}
        groups: dict[int | None, set[int | None]] = {owner: {owner} for owner in owners}
        return self._by(groups, lambda key: labels.get(key, "Nobody") if key else "Nobody", asked)

    def by_team(self, teams: Mapping[int, str], members: Mapping[int, set[int | None]]) -> list[Whose]:
        """The weighted value by team of the owner. Who is in two teams counts in both."""
        groups: dict[int | None, set[int | None]] = {team: members.get(team, set()) for team in teams}
        return self._by(groups, lambda key: teams[key or 0], lambda key: {"team": str(key)})

    def _by(
        self,
        groups: Mapping[int | None, set[int | None]],
        label: Callable[[int | None], str],
        asked: Callable[[int | None], dict[str, str]],
    ) -> list[Whose]:
        found = []
        for key, owners in groups.items():
            own = [part for part in self.parts if part.owner_id in owners]
            cells = [
                self._cell(
                    (part for part in own if part.bucket == bucket),
                    None,
                    closing=bucket,
                    forecast="counted",
                    **asked(key),
                )
                for bucket, _ in self.buckets
            ]
            found.append(Whose(label(key), cells, self._cell(own, None, forecast="counted", **asked(key))))
        return sorted(found, key=lambda one: (-one.total.amount, one.label))

    def stacks(self) -> list[Stack]:
        """What the months may bring, drawn: what is won, and the weighted value of each category."""
        drawn = []
        for month in self.shown:
            name = months.name_of(month)
            sizes: dict[str, Decimal] = defaultdict(Decimal)
            for part in self.parts:
                if part.bucket == name:
                    sizes[part.category] += part.weighted
            won = self.won[name].amount if name in self.won else Decimal(0)
            layers = [(one.label, one.value, whole(sizes[one])) for one in COUNTED]
            drawn.append(Stack(f"{month:%b}", [("Won", "won", won), *layers]))
        return drawn


def outlook(rows: QuerySet, settings: Settings, kept: dict[str, str]) -> Outlook:
    """The forecast of `rows`, from the present month on. Two queries."""
    now = months.this_month()
    shown = [months.plus(now, step) for step in range(months.SHOWN)]
    names = {month: months.name_of(month) for month in shown}
    found = []
    omitted = Cell(Decimal(0), 0, list_url(kept, forecast=Forecast.OMITTED))
    for row in _open(rows, settings):
        part = Part(
            _bucket(row["month"], names, now), row["sure"], row["owner"], row["worth"], row["likely"], row["count"]
        )
        if part.category == Forecast.OMITTED:
            omitted = Cell(omitted.amount + part.value, omitted.count + part.count, omitted.url)
        else:
            found.append(part)
    return Outlook(shown, found, _won(rows, names, kept), kept, omitted)


def _open(rows: QuerySet, settings: Settings) -> Iterable[dict[str, Any]]:
    opened = rows.filter(status=OpportunityStatus.OPEN).order_by()
    grouped = opened.annotate(month=TruncMonth("expected_close"), sure=category(settings)).values(
        "month", "sure", "owner"
    )
    result: Iterable[dict[str, Any]] = grouped.annotate(
        worth=Sum("value", default=Decimal(0)), likely=Sum(weighted(settings), default=Decimal(0)), count=Count("pk")
    )
    return result


def _won(rows: QuerySet, names: Mapping[date, str], kept: dict[str, str]) -> dict[str, Cell]:
    first = min(names)
    won = rows.filter(status=OpportunityStatus.WON, closed_on__gte=first).order_by()
    grouped = won.annotate(month=TruncMonth("closed_on")).values("month")
    added = grouped.annotate(brought=Sum("actual_revenue", default=Decimal(0)), count=Count("pk"))
    return {
        names[row["month"]]: Cell(
            whole(row["brought"]), row["count"], list_url(kept, status="won", closing=names[row["month"]])
        )
        for row in added.order_by(F("month"))
        if row["month"] in names
    }


def _bucket(month: date | None, names: Mapping[date, str], now: date) -> str:
    if month is None:
        return months.UNDATED
    return months.BEFORE if month < now else names.get(month, months.LATER)


def members_of_teams() -> dict[int, set[int | None]]:
    """Who is in which team. One query."""
    found: dict[int, set[int | None]] = defaultdict(set)
    for team_id, user_id in TeamMember.objects.values_list("team", "user"):
        found[team_id].add(user_id)
    return found


def whole(size: Decimal) -> Decimal:
    """Without cents: a forecast is no account."""
    return size.quantize(Decimal(1))
