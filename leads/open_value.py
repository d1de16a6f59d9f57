"""What the open leads and opportunities of an account are worth, as far as somebody said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from contacts.models import User
from leadcrm.lib.patience import TooSlow, within
from leads.models import Lead, Opportunity

MILLISECONDS = 300
"""For both sums together; an account of a hundred thousand people is not added up while somebody waits."""


@dataclass(frozen=True)
class Worth:
    """How many leads (or opportunities) are open, how many of them have a value, and what it comes to."""

    leads: int
    valued: int
    value: Decimal


def open_value_of_account(account_id: int, user: User) -> Worth | None:
    """Of its own leads and those of its contacts that `user` may see; None when that takes too long. Two queries."""
    leads = Lead.objects.visible_to(user).open()
    try:
        with within(MILLISECONDS):
            theirs = _sum(leads.filter(contact__account=account_id))
            own = _sum(leads.filter(account=account_id).exclude(contact__account=account_id))
    except TooSlow:
        return None
    return Worth(theirs.leads + own.leads, theirs.valued + own.valued, theirs.value + own.value)


def _sum(leads: QuerySet[Lead]) -> Worth:
    found = leads.order_by().aggregate(
        number=Count("pk"), with_value=Count("estimated_value"), total=Sum("estimated_value")
    )
    return Worth(found["number"], found["with_value"], found["total"] or Decimal())


def open_value_of_opportunities(account_id: int, user: User) -> Worth:
    """Of the open opportunities of an account that `user` may see. One query, in the index of the account's."""
    rows = Opportunity.objects.visible_to(user).open().filter(account=account_id)
    found = rows.order_by().aggregate(number=Count("pk"), with_value=Count("value"), total=Sum("value"))
    return Worth(found["number"], found["with_value"], found["total"] or Decimal())
