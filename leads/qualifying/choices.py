"""Which accounts, contacts and opportunities a lead may become: what it has, and what may be the same, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contacts.duplicates import Suggestion, likely_duplicate_accounts, likely_duplicates
from contacts.models import Record, User
from leads.models import Lead, Opportunity
from leads.qualifying.wishes import account_of, account_values

FEW = 5
CONTACT_VALUES = ("first_name", "last_name", "email", "phone", "external_id", "account_id")


@dataclass(frozen=True)
class Choice:
    """One record that can be used: how it is named, what tells it from namesakes, and why it is offered."""

    record: Record
    remark: str
    reason: str
    has: bool = False
    """Whether the lead has it already."""

    @property
    def value(self) -> str:
        return f"use:{self.record.pk}"


def account_choices(lead: Lead, user: User, typed: Mapping[str, Any] | None = None) -> list[Choice]:
    """The lead's account, and accounts that may be the same, or the same as what was `typed`."""
    own = account_of(lead)
    if own is not None:
        values: Mapping[str, Any] = {"name": own.name, "domain": own.domain}
    else:
        values = account_values(lead)
    found = likely_duplicate_accounts(typed or values, user, exclude_id=own.pk if own else None)
    first = [Choice(own, own.domain or own.city, "The lead’s account", has=True)] if own else []
    return first + _offered(found, lambda one: one.domain or one.city)


def contact_choices(lead: Lead, user: User, typed: Mapping[str, Any] | None = None) -> list[Choice]:
    """The lead's contact, and contacts that may be the same, or the same as what was `typed`."""
    own = lead.contact
    values = typed or ({name: getattr(own, name) for name in CONTACT_VALUES} if own else {})
    found = likely_duplicates(values, user, exclude_id=own.pk if own else None)
    first = [Choice(own, own.email or own.phone, "The lead’s contact", has=True)] if own else []
    return first + _offered(found, lambda one: one.email or str(one.account or ""))


def opportunity_choices(lead: Lead, user: User) -> list[Choice]:
    """Open opportunities that began with this lead, or of the same account or contact."""
    rows = Opportunity.objects.visible_to(user).open().select_related("account").order_by("-pk")
    account = account_of(lead)
    ways: list[tuple[Any, str]] = [(rows.filter(lead=lead), "Began with this lead")]
    if lead.contact_id:
        ways.append((rows.filter(contact=lead.contact_id), "Open with the same contact"))
    if account:
        ways.append((rows.filter(account=account), "Open at the same account"))
    found: dict[int, Choice] = {}
    for some, reason in ways:
        for one in some[:FEW]:
            found.setdefault(one.pk, Choice(one, one.get_stage_display(), reason, has=one.lead_id == lead.pk))
    return list(found.values())[:FEW]


def _offered(found: Sequence[Suggestion], remark: Any) -> list[Choice]:
    return [Choice(one.record, remark(one.record), one.reason) for one in found]
