"""What webhooks do in the background."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from contacts.services.forgetting import in_chunks
from leadcrm.lib import doorbell
from leadcrm.webhooks.delivering import deliver
from leadcrm.webhooks.models import Delivery
from leadcrm.webhooks.subscriptions import DELIVER

SLICE_SECONDS = 3.0
KEPT = timedelta(days=30)
"""So long what was told, and to whom, is kept; what still waits by then is no news."""


@shared_task(name=DELIVER)
def deliver_facts() -> None:
    """Tell other systems what happened; rings for its successor after a while."""
    doorbell.answer(DELIVER)
    if deliver(SLICE_SECONDS):
        doorbell.ring(DELIVER)


@shared_task(name="webhooks.forget")
def forget() -> None:
    """Hourly: forget what was told long ago."""
    in_chunks(Delivery.objects.filter(created_at__lt=timezone.now() - KEPT), 1000)
