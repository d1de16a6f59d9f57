"""A naive evaluator of conditions, one row at a time: what the SQL must agree with. Never used by the product."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any as AnyType
from zoneinfo import ZoneInfo

from contacts.models import Interaction
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not
from leads.models import Lead

NEGATIVE = {"is_not": "is", "is_none_of": "is_one_of", "is_empty": "is_filled", "contains_none": "contains_any"}
NEGATIVE |= {f"not_{op}": op for op in ("in_last_days", "in_next_days", "on", "between")}
NEGATIVE |= {f"not_{op}": op for op in ("contains", "begins_with", "ends_with")}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Oracle:
    """`types` are the fields' types by public name; `zone` is the workspace's."""

    types: dict[str, str]
    now: datetime
    zone: ZoneInfo

    def holds(self, node: Node, lead: Lead) -> bool:
        if isinstance(node, Everything):
            return True
        if isinstance(node, All):
            return all(self.holds(child, lead) for child in node.nodes)
        if isinstance(node, Any):
            return any(self.holds(child, lead) for child in node.nodes)
        if isinstance(node, Not):
            return not self.holds(node.node, lead)
        if isinstance(node, Did):
            return self.did(node, lead)
        if node.op in NEGATIVE:
            return not self.holds(Compare(node.field, NEGATIVE[node.op], node.value), lead)
        value = self.value(node.field, lead)
        return value is not None and self.compare(self.types[node.field], node.op, value, node.value)

    def value(self, name: str, lead: Lead) -> AnyType:
        *group, column = name.split(".")
        if name == "marketing_context.kind":
            return lead.marketing_context.kind if lead.marketing_context else None
        if name == "contact.email_domain":
            return None if lead.contact is None else lead.contact.email.partition("@")[2]
        if name in {"product", "campaign", "marketing_context", "owner"}:
            return getattr(lead, f"{name}_id")
        record: AnyType = lead
        if group[:1] == ["contact"]:
            record = lead.contact
        elif group[:1] == ["account"]:
            record = self.account(lead)
        if record is None:
            return None
        return self.custom(name, record.custom.get(column)) if "custom" in group else getattr(record, column)

    def account(self, lead: Lead) -> AnyType:
        for account in (lead.account, lead.contact.account if lead.contact else None):
            if account is not None and account.deleted_at is None:
                return account
        return None

    def custom(self, name: str, value: AnyType) -> AnyType:
        kind = self.types[name]
        if kind == "number":
            return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if kind == "yes_no":
            return value if isinstance(value, bool) else None
        if kind == "multi_choice":
            return value if isinstance(value, list) else None
        if not isinstance(value, str) or (kind == "date" and not DAY.fullmatch(value)):
            return None
        return value

    def compare(self, kind: str, op: str, value: AnyType, wanted: AnyType) -> bool:
        if op == "is_filled":
            return value not in ("", [])
        if kind in {"date", "datetime"}:
            today = self.now.astimezone(self.zone).date()
            if op.startswith("anniversary"):
                return self.has_anniversary(op, value, wanted, today)
            return DAY_TESTS[op](self.day(value), wanted, today)
        if kind == "text":
            value, wanted = folded(value), folded(wanted)
        if op == "contains_any":
            return any(each in value for each in wanted)
        if op == "contains_all":
            return all(each in value for each in wanted)
        return TESTS[op](value, wanted)

    def day(self, value: AnyType) -> date:
        """A stored date may be no day at all ("2026-02-31") and still has its place: that of the last day before."""
        if isinstance(value, datetime):
            return value.astimezone(self.zone).date()
        year, month, number = (int(part) for part in value.split("-"))
        if year == 0 or month == 0:
            return date.fromisoformat(f"{max(year - 1, 1):04}-12-31")
        if month > 12:
            return date(year, 12, 31)
        if number == 0:
            return date(year, month, 1) - timedelta(days=1)
        return date(year, month, min(number, monthrange(year, month)[1]))

    def has_anniversary(self, op: str, value: AnyType, wanted: int | None, today: date) -> bool:
        """Whether one of the days asked for is it. 29 February is the 28th where there is none."""
        days = {"anniversary_today": range(1), "anniversary_in_next_days": range((wanted or 0) + 1)}
        around = days.get(op, range(-(wanted or 0), 1))
        if isinstance(value, datetime):
            value = self.day(value).isoformat()
        for day in (today + timedelta(days=each) for each in around):
            leap = monthrange(day.year, 2)[1] == 29
            begun = "02-28" if value[5:] == "02-29" and not leap else value[5:]
            if day.isoformat()[5:] == begun:
                return True
        return False

    def did(self, node: Did, lead: Lead) -> bool:
        count, latest = 0, None
        today = self.now.astimezone(self.zone).date()
        for each in Interaction.objects.filter(contact=lead.contact) if lead.contact else ():
            day = each.occurred_at.astimezone(self.zone).date()
            if (
                each.type == node.behaviour
                and each.occurred_at <= self.now
                and (node.within_days is None or (today - day).days <= node.within_days)
                and folded(node.subject_contains) in folded(each.subject)
            ):
                count += 1
                latest = max(latest or day, day)
        if node.not_in_last_days is not None and latest and (today - latest).days <= node.not_in_last_days:
            return False
        return node.at_least <= count and (node.at_most is None or count <= node.at_most)


def folded(value: AnyType) -> AnyType:
    """Upper case letter by letter, as the database does it: no letter becomes two."""
    if isinstance(value, tuple):
        return tuple(folded(each) for each in value)
    if not isinstance(value, str):
        return value
    return "".join(each.upper() if len(each.upper()) == 1 else each for each in value)


TESTS: dict[str, Callable[[AnyType, AnyType], bool]] = {
    "is_one_of": lambda value, wanted: value in wanted,
    "is": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "begins_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    "greater": lambda value, wanted: value > wanted,
    "greater_or_equal": lambda value, wanted: value >= wanted,
    "less": lambda value, wanted: value < wanted,
    "less_or_equal": lambda value, wanted: value <= wanted,
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
}
DAY_TESTS: dict[str, Callable[[date, AnyType, date], bool]] = {
    "on": lambda day, wanted, _: day == wanted,
    "before": lambda day, wanted, _: day < wanted,
    "after": lambda day, wanted, _: day > wanted,
    "on_or_before": lambda day, wanted, _: day <= wanted,
    "on_or_after": lambda day, wanted, _: day >= wanted,
    "between": lambda day, wanted, _: wanted[0] <= day <= wanted[1],
    "in_last_days": lambda day, wanted, today: 0 <= (today - day).days <= wanted,
    "in_next_days": lambda day, wanted, today: 0 <= (day - today).days <= wanted,
    "over_days_ago": lambda day, wanted, today: (today - day).days > wanted,
    "over_days_ahead": lambda day, wanted, today: (day - today).days > wanted,
    "in_this": lambda day, wanted, today: period_number(day, wanted) == period_number(today, wanted),
    "in_previous": lambda day, wanted, today: period_number(day, wanted) == period_number(today, wanted) - 1,
    "in_next": lambda day, wanted, today: period_number(day, wanted) == period_number(today, wanted) + 1,
}


def period_number(day: date, name: str) -> int:
    """Weeks are counted from a Monday."""
    if name == "week":
        return (day - date(1, 1, 1)).days // 7
    months = day.year * 12 + day.month - 1
    return months // {"month": 1, "quarter": 3, "year": 12}[name]
