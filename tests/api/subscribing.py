"""Subscriptions of a consumer, and what is told to it."""

from __future__ import annotations

from contacts.models import Role
from leadcrm.webhooks import subscriptions as services
from leadcrm.webhooks.delivering import deliver
from leadcrm.webhooks.models import Subscription
from tests.api.consumer import Consumer
from tests.build import a_user

LEADS = ("lead.created", "lead.sales_ready", "lead.moved", "lead.accepted", "lead.closed")


def a_subscription(consumer: Consumer, *kinds: str) -> tuple[Subscription, str]:
    """One of these facts, or of what becomes of leads, and its secret."""
    ada = a_user(Role.ADMINISTRATOR)
    return services.subscribe(name="Other CRM", url=consumer.url, kinds=kinds or LEADS, by=ada)


def deliver_all() -> None:
    """All that can be delivered by now."""
    while deliver(5):
        pass
