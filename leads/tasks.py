"""Doorbells of leads."""

from __future__ import annotations

from celery import shared_task

from contacts.services.strategies import backfill_some
from leadcrm.lib import doorbell
from leads.models import LeadMatchingStrategy
from leads.searchable import keep_indexes as keep
from leads.services.strategies import claim_chunk

BACKFILL = "leads.backfill_strategies"
SLICE_SECONDS = 2.0


@shared_task(name=BACKFILL)
def backfill_strategies() -> None:
    """Make the keys of new lead matching strategies for open leads; rings for its successor after a while."""
    doorbell.answer(BACKFILL)
    if backfill_some(LeadMatchingStrategy, claim_chunk, seconds=SLICE_SECONDS):
        doorbell.ring(BACKFILL)


@shared_task(name="leads.keep_indexes")
def keep_indexes() -> None:
    """Build the indexes of fields newly marked searchable; remove those of fields that no longer are."""
    keep()
