"""What the API does in the background."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from contacts.services.forgetting import in_chunks
from leadcrm.api.models import KeptAnswer

KEPT = timedelta(days=1)


@shared_task(name="api.forget")
def forget() -> None:
    """Hourly: forget answers that no repeat will ask for any more."""
    in_chunks(KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT), 1000)
