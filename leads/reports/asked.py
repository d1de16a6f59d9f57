"""What a report is asked for: which one, over which days of the workspace, about which leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from leads.due import start_of


class Report(StrEnum):
    FUNNEL = "funnel"
    TIME = "time"
    RESPONSE = "response"
    RETURNED = "returned"


TITLES = {
    Report.FUNNEL: "Funnel",
    Report.TIME: "Time in stage",
    Report.RESPONSE: "Response",
    Report.RETURNED: "Returned",
}
PRESETS: Mapping[str, str] = {
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "quarter": "This quarter",
    "year": "This year",
    "all": "All time",
}
GROUPS: Mapping[str, str] = {
    "marketing_context": "Where from",
    "source": "Source",
    "campaign": "Campaign",
    "marketing_context__medium": "Medium",
    "marketing_context__advertisement": "Advertisement",
    "marketing_context__job": "Job",
    "marketing_context__event": "Event",
    "marketing_context__source_code": "Source code",
    "product": "Product",
    "team": "Team",
    "process": "Process",
    "recycle_reason": "Latest reason of return",
}
EACH_REASON = "events__recycle_reason"
"""Rows of returns, each by its own reason: only for the report of them."""
GROUPS_OF_RETURNS: Mapping[str, str] = {EACH_REASON: "Reason of return", **GROUPS}
NARROWED_BY = ("process", "source", "campaign", "team")
FIRST_DAY = date(2000, 1, 1)
AHEAD = timedelta(days=366)
"""How far after today a period may end: nothing has happened then."""


@dataclass(frozen=True)
class Asked:
    """One question. `first` and `last` are days of the workspace, both included; `narrowed`: pairs of field and id."""

    report: Report
    first: date
    last: date
    period: str = "30"
    by: str = "marketing_context"
    narrowed: tuple[tuple[str, int], ...] = ()

    @property
    def begins(self) -> datetime:
        return start_of(self.first)

    @property
    def ends(self) -> datetime:
        """The midnight after the last day."""
        return start_of(self.last + timedelta(days=1))

    def during(self, field: str) -> Q:
        """That a moment lies within the period."""
        return Q(**{f"{field}__gte": self.begins, f"{field}__lt": self.ends})

    @property
    def before(self) -> Asked | None:
        """The same of as many days before; none before all time, and none that would begin before the first day."""
        days = (self.last - self.first).days + 1
        if self.period == "all" or (self.first - FIRST_DAY).days < days:
            return None
        return replace(self, first=self.first - timedelta(days=days), last=self.first - timedelta(days=1), period="")

    @property
    def query(self) -> str:
        """As an address says it, days and all: what it names is the same question tomorrow."""
        words = {"report": str(self.report), "from": str(self.first), "to": str(self.last), "by": self.by}
        return urlencode(words | {name: str(pk) for name, pk in self.narrowed})

    def link(self, **changes: object) -> str:
        """The query string of this question with some words changed; "" leaves one out."""
        words: dict[str, object] = {"report": self.report, "by": self.by} | dict(self.narrowed)
        words |= {"period": self.period} if self.period in PRESETS else {"from": self.first, "to": self.last}
        return "?" + urlencode({name: value for name, value in (words | changes).items() if value not in ("", None)})


def asked_by(query: Mapping[str, str]) -> Asked:
    """What an address asks for; whatever cannot be read is as usual."""
    report = next((one for one in Report if one == query.get("report")), Report.FUNNEL)
    usual = EACH_REASON if report == Report.RETURNED else "marketing_context"
    # Time in stage has no such rows: one question, so that it is computed once.
    by = query.get("by", "") if query.get("by") in groups_of(report) else usual
    narrowed = tuple((name, int(query[name])) for name in NARROWED_BY if _is_id(query.get(name, "")))
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    if first and last:
        last = min(last, timezone.localdate() + AHEAD)
        if FIRST_DAY <= first <= last:
            return Asked(report, first, last, "", by, narrowed)
    period = query.get("period", "") if query.get("period") in PRESETS else "30"
    return Asked(report, *_days_of(period), period, by, narrowed)


def groups_of(report: Report) -> Mapping[str, str]:
    """In which rows a report may be asked for: the words of addresses, and how they are called."""
    if report == Report.TIME:
        return {}
    return GROUPS_OF_RETURNS if report == Report.RETURNED else GROUPS


def _days_of(period: str) -> tuple[date, date]:
    today = timezone.localdate()
    if period == "all":
        return FIRST_DAY, today
    if period == "year":
        return today.replace(month=1, day=1), today
    if period == "quarter":
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1), today
    return today - timedelta(days=int(period) - 1), today


def _is_id(word: str) -> bool:
    return word.isdecimal() and len(word) < 19


def _day(word: str) -> date | None:
    try:
        return parse_date(word)
    except ValueError:
        return None
