"""A naive evaluator of conditions, one row at a time: what the SQL must agree with. Never used by the product."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any as AnyType
from zoneinfo import ZoneInfo

from contacts.models import Interaction
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not
from leads.models import Lead

NEGATIVE = {"is_not": "is", "is_none_of": "is_one_of", "is_empty": "is_filled", "not_in_last_days": "in_last_days"}
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
            return DAY_TESTS[op](self.day(value), self.wanted_days(op, wanted))
        if kind == "text":
            value, wanted = folded(value), folded(wanted)
        if op == "contains_any":
            return any(each in value for each in wanted)
        if op == "contains_all":
            return all(each in value for each in wanted)
        return TESTS[op](value, wanted)

    def day(self, value: AnyType) -> str:
        """Days as text: a stored date may be no day at all ("2026-02-31") and still has its place in the order."""
        return value.astimezone(self.zone).date().isoformat() if isinstance(value, datetime) else str(value)

    def wanted_days(self, op: str, wanted: AnyType) -> list[str]:
        today = self.now.astimezone(self.zone).date()
        if op == "in_last_days":
            return [(today - timedelta(days=wanted)).isoformat(), today.isoformat()]
        if op == "in_next_days":
            return [today.isoformat(), (today + timedelta(days=wanted)).isoformat()]
        return [each.isoformat() for each in (wanted if isinstance(wanted, tuple) else (wanted,))]

    def did(self, node: Did, lead: Lead) -> bool:
        count = 0
        for each in Interaction.objects.filter(contact=lead.contact) if lead.contact else ():
            moment = each.occurred_at
            age = self.now.astimezone(self.zone).date() - moment.astimezone(self.zone).date()
            count += (
                each.type == node.behaviour
                and moment <= self.now
                and (node.within_days is None or age.days <= node.within_days)
                and folded(node.subject_contains) in folded(each.subject)
            )
        return count >= node.at_least if node.at_least else count == 0


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
DAY_TESTS: dict[str, Callable[[str, list[str]], bool]] = {
    "on": lambda value, wanted: value == wanted[0],
    "before": lambda value, wanted: value < wanted[0],
    "after": lambda value, wanted: value > wanted[0],
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "in_last_days": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "in_next_days": lambda value, wanted: wanted[0] <= value <= wanted[1],
}
