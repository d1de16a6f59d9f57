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

from contacts.models import PARTS, Campaign, Consent, Contact, Interaction, Product
from forms_intake.models import Submission
from leads.conditions import Vocabulary
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Related
from leads.models import Lead
from segments.models import Membership

NEGATIVE = {"is_not": "is", "is_none_of": "is_one_of", "is_empty": "is_filled", "contains_none": "contains_any"}
NEGATIVE |= {f"not_{op}": op for op in ("in_last_days", "in_next_days", "on", "between")}
NEGATIVE |= {f"not_{op}": op for op in ("contains", "begins_with", "ends_with")}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass
class Oracle:
    """`zone` is the workspace's."""

    vocabulary: Vocabulary
    now: datetime
    zone: ZoneInfo

    def holds(self, node: Node, row: AnyType) -> bool:
        if isinstance(node, Everything):
            return True
        if isinstance(node, All):
            return all(self.holds(child, row) for child in node.nodes)
        if isinstance(node, Any):
            return any(self.holds(child, row) for child in node.nodes)
        if isinstance(node, Not):
            return not self.holds(node.node, row)
        if isinstance(node, Did):
            return self.did(node, row)
        if isinstance(node, Related):
            of = Oracle(self.vocabulary.relations[node.relation].vocabulary, self.now, self.zone)
            count = sum(node.where is None or of.holds(node.where, one) for one in related(node.relation, row))
            return in_range(count, node)
        if node.op in NEGATIVE:
            return not self.holds(Compare(node.field, NEGATIVE[node.op], node.value), row)
        value = self.value(node.field, row)
        return value is not None and self.compare(self.type(node.field), node.op, value, node.value)

    def type(self, name: str) -> str:
        return self.vocabulary.fields[name].type.value

    def value(self, name: str, row: AnyType) -> AnyType:
        *group, column = name.split(".")
        if name == "contact.email_domain":
            contact = contact_of(row)
            return None if contact is None else contact.email.partition("@")[2]
        if name == "outcome" and isinstance(row, Interaction):
            said = row.payload.get("outcome") if isinstance(row.payload, dict) else None
            return said if isinstance(said, str) else None
        if name == "form" and isinstance(row, Interaction):
            found = Submission.objects.filter(interaction=row).first()
            return found.form_id if found else None
        if name in CODE_LISTS and isinstance(row, Lead):
            return getattr(row, f"{name}_id")
        if name in REFERENCES:
            return row.pk if isinstance(row, REFERENCES[name] or ()) else getattr(row, f"{name}_id")
        records = {"contact": contact_of, "account": account_of, "campaign": campaign_of, "product": product_of}
        records["marketing_context"] = lambda row: row.marketing_context
        record = records[group[0]](row) if group and group[0] in records else row
        if record is None:
            return None
        if name.startswith("marketing_context.") and column in PARTS:
            return getattr(record, f"{column}_id")
        return self.custom(name, record.custom.get(column)) if "custom" in group else getattr(record, column)

    def custom(self, name: str, value: AnyType) -> AnyType:
        kind = self.type(name)
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
        if isinstance(value, date):
            return value
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
        if isinstance(value, date):
            value = self.day(value).isoformat()
        for day in (today + timedelta(days=each) for each in around):
            leap = monthrange(day.year, 2)[1] == 29
            begun = "02-28" if value[5:] == "02-29" and not leap else value[5:]
            if day.isoformat()[5:] == begun:
                return True
        return False

    def did(self, node: Did, row: AnyType) -> bool:
        count, latest = 0, None
        today = self.now.astimezone(self.zone).date()
        contact = contact_of(row)
        of = Oracle(self.vocabulary.interaction, self.now, self.zone) if self.vocabulary.interaction else self
        for each in Interaction.objects.filter(contact=contact) if contact else ():
            day = each.occurred_at.astimezone(self.zone).date()
            if (
                each.type == node.behaviour
                and each.occurred_at <= self.now
                and (node.within_days is None or (today - day).days <= node.within_days)
                and folded(node.subject_contains) in folded(each.subject)
                and (node.where is None or of.holds(node.where, each))
            ):
                count += 1
                latest = max(latest or day, day)
        if node.not_in_last_days is not None and latest and (today - latest).days <= node.not_in_last_days:
            return False
        return in_range(count, node)


def in_range(count: int, node: Did | Related) -> bool:
    return node.at_least <= count and (node.at_most is None or count <= node.at_most)


REFERENCES = {
    "product": Product,
    "campaign": Campaign,
    "marketing_context": None,
    "owner": None,
    "team": None,
    "territory": None,
}
REFERENCES |= {"form": None, "page": None, "segment": None}
CODE_LISTS = {"source", "status_reason", "recycle_reason"}
"""References of leads; the source of an interaction or consent is a text."""


def contact_of(row: AnyType) -> AnyType:
    return row if isinstance(row, Contact) else row.contact


def account_of(row: AnyType) -> AnyType:
    contact = contact_of(row)
    own = row.account if isinstance(row, Lead) else None
    for account in (own, contact.account if contact else None):
        if account is not None and account.deleted_at is None:
            return account
    return None


def campaign_of(row: AnyType) -> AnyType:
    return row if isinstance(row, Campaign) else row.campaign


def product_of(row: AnyType) -> AnyType:
    return row if isinstance(row, Product) else row.product


def related(relation: str, row: AnyType) -> list[AnyType]:
    """Every record of a relation, in Python."""
    contact, account = contact_of(row), account_of(row)
    leads = [lead for lead in Lead.objects.all() if contact and lead.contact_id == contact.pk and not lead.deleted_at]
    if contact and contact.deleted_at:
        leads = []
    touched = [*leads, *(Interaction.objects.filter(contact=contact) if contact else ())]
    found: dict[str, Callable[[], list[AnyType]]] = {
        "leads": lambda: leads,
        "other_leads": lambda: [lead for lead in leads if lead.pk != row.pk],
        "account.contacts": lambda: [
            each for each in Contact.objects.all() if account and each.account_id == account.pk and not each.deleted_at
        ],
        "contact.consents": lambda: list(Consent.objects.filter(contact=contact)) if contact else [],
        "campaigns": lambda: list({each.campaign for each in touched if each.campaign_id}),
        "products": lambda: list({each.product for each in touched if each.product_id}),
        "contact.segments": lambda: list(Membership.objects.filter(contact=contact)) if contact else [],
        "segments": lambda: list(Membership.objects.filter(lead=row)),
        "submissions": lambda: list(Submission.objects.filter(contact=contact)) if contact else [],
    }
    return found[relation]()


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
