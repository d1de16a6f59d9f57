"""Other systems that the demo is connected to: a webshop that brings leads, and a CRM that was told of ready ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from contacts.models import OutboxEvent, Role, User
from contacts.outbox import want
from leadcrm.api.models import ApiToken
from leadcrm.api.tokens import make_token, revoke_token
from leadcrm.webhooks.bodies import bodies_of
from leadcrm.webhooks.models import Attempt, Delivery, DeliveryState, Subscription
from leads.models import Lead

TOLD = 8
KINDS = ["lead.accepted", "lead.closed", "lead.sales_ready"]


def make_connections(staff: Mapping[str, User], now: datetime) -> None:
    """Tokens whose words nobody knows, and a webhook that is paused: a demo calls nobody."""
    ada = staff["ada"]
    shop, _ = make_token(
        name="Webshop",
        scopes=["leads:write", "interactions:write", "contacts:read"],
        role=Role.MARKETER,
        expires_at=now + timedelta(days=300),
        by=ada,
    )
    ApiToken.objects.filter(pk=shop.pk).update(
        created_at=now - timedelta(days=65), last_used_at=now - timedelta(minutes=4)
    )
    dialer, _ = make_token(
        name="Old dialer", scopes=["contacts:read", "interactions:write"], user=staff["theo"], by=ada
    )
    revoke_token(dialer.pk, by=ada)
    crm = Subscription.objects.create(
        name="Partner CRM",
        url="https://crm.example.com/hooks/leads",
        kinds=KINDS,
        created_by=ada,
        paused_at=now - timedelta(hours=20),
        paused_why="Paused by hand",
        told_at=now - timedelta(hours=21),
    )
    Subscription.objects.filter(pk=crm.pk).update(created_at=now - timedelta(days=40))
    want(KINDS)
    _tell(crm, now)


def _tell(crm: Subscription, now: datetime) -> None:
    """What it was told before it was paused."""
    ready = Lead.objects.sales_ready().filter(sales_ready_at__lt=now - timedelta(hours=22)).order_by("-sales_ready_at")
    leads = sorted(ready[:TOLD], key=lambda lead: lead.sales_ready_at)
    # Events that are never stored: only what was said of them is.
    events = [
        OutboxEvent(pk=lead.pk, kind="lead.sales_ready", payload={"lead_id": lead.pk}, created_at=lead.sales_ready_at)
        for lead in leads
    ]
    bodies = bodies_of(events)
    for number, event in enumerate(events):
        made = Delivery.objects.create(
            subscription=crm,
            kind=event.kind,
            contact_id=bodies[event.pk].contact_id,
            body=bodies[event.pk].body,
            state=DeliveryState.DELIVERED,
            attempts=2 if number == 3 else 1,
            created_at=event.created_at,
            delivered_at=event.created_at + timedelta(seconds=2),
        )
        headers = {"webhook-id": made.webhook_id, "webhook-timestamp": str(int(event.created_at.timestamp()))}
        if number == 3:
            Attempt.objects.create(
                delivery=made,
                at=event.created_at,
                milliseconds=10_004,
                error="It did not answer in time.",
                sent_headers=headers,
            )
        Attempt.objects.create(
            delivery=made,
            at=event.created_at + timedelta(seconds=2),
            milliseconds=38 + number * 7 % 30,
            status=204,
            sent_headers=headers,
            headers={"Server": "nginx", "Date": f"{event.created_at:%a, %d %b %Y %H:%M:%S} GMT"},
        )
