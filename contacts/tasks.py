"""Doorbells of the ground."""

from __future__ import annotations

import structlog
from celery import shared_task

from contacts.services.forgetting import forget as forget_old

log = structlog.get_logger("contacts.forget")


@shared_task(name="contacts.forget")
def forget() -> None:
    """Hourly: remove for good what has been kept long enough."""
    log.info("forgotten", **forget_old())
