"""What is wished of each record when a lead is qualified, and what a new one begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.utils import timezone

from contacts import normalise
from contacts.free_mail import company_domain
from contacts.models import Account
from leads.models import Lead, PurchaseTimeframe

SOON = timedelta(days=30)


class How(StrEnum):
    """Use one that is there, make one, or leave it be."""

    USE = "use"
    CREATE = "create"
    SKIP = "skip"


@dataclass(frozen=True)
class Wish:
    """`id` of the record to use, or the `values` a new one begins with, as its service takes them."""

    how: How
    id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


SKIP = Wish(How.SKIP)


def account_of(lead: Lead) -> Account | None:
    """The living account that a lead has: its contact's, or its own."""
    account: Account | None = (lead.contact.account if lead.contact else None) or lead.account
    return account if account and account.deleted_at is None else None


def account_values(lead: Lead) -> dict[str, Any]:
    """What an account made of this lead begins with."""
    contact = lead.contact
    domain = company_domain(normalise.email(contact.email)) if contact else ""
    name = domain.rpartition(".")[0].rpartition(".")[2] or domain
    return {
        "name": name.replace("-", " ").title(),
        "domain": domain,
        "city": contact.city if contact else "",
        "country": contact.country if contact else "",
    }


def opportunity_values(lead: Lead) -> dict[str, Any]:
    """What an opportunity made of this lead begins with. Notes stay on the lead; the opportunity shows them."""
    value = lead.estimated_value if lead.estimated_value is not None else lead.budget_amount
    return {
        "topic": lead.topic,
        "value": value,
        "expected_close": expected_close(lead.purchase_timeframe),
        "product_id": lead.product_id,
        "campaign_id": lead.campaign_id,
        "owner_id": lead.owner_id,
    }


def expected_close(timeframe: str) -> date | None:
    """The day on which somebody who buys in that time will have bought, at the latest."""
    today = timezone.localdate()
    if timeframe == PurchaseTimeframe.IMMEDIATE:
        return today + SOON
    quarter = (today.month - 1) // 3
    if timeframe == PurchaseTimeframe.THIS_QUARTER:
        return _last_day(today.year, quarter)
    if timeframe == PurchaseTimeframe.NEXT_QUARTER:
        return _last_day(today.year + (quarter == 3), (quarter + 1) % 4)
    return date(today.year, 12, 31) if timeframe == PurchaseTimeframe.THIS_YEAR else None


def _last_day(year: int, quarter: int) -> date:
    return (date(year + 1, 1, 1) if quarter == 3 else date(year, quarter * 3 + 4, 1)) - timedelta(days=1)
