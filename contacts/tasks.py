"""Doorbells of the ground."""

from __future__ import annotations

import structlog
from celery import shared_task

from contacts.consent.asking import send_held_back
from contacts.likeness.accounts import look_on_at_accounts
from contacts.likeness.search import look_on
from contacts.merging.accounts import fetch_account_stragglers
from contacts.merging.stragglers import fetch_stragglers
from contacts.models import ContactMatchingStrategy
from contacts.services.changes import note_what_is_due
from contacts.services.forgetting import forget as forget_old
from contacts.services.strategies import backfill_some, claim_chunk
from leadcrm.lib import doorbell

log = structlog.get_logger("contacts.forget")

BACKFILL = "contacts.backfill_strategies"
SLICE_SECONDS = 2.0
MOMENT_SECONDS = 0.3


@shared_task(name="contacts.forget")
def forget() -> None:
    """Hourly: have letters about consent sent that were held back, and remove for good what was kept long enough."""
    log.info("letters about consent that were held back", sent=send_held_back())
    log.info("forgotten", **forget_old())


@shared_task(name="contacts.note_what_is_due")
def note_due() -> None:
    """What was dated ahead and counts by now is a change like any other."""
    while note_what_is_due():
        pass


@shared_task(name="contacts.fetch_stragglers")
def stragglers() -> None:
    """What was written to contacts and accounts while they were merged away follows them."""
    fetch_account_stragglers()
    fetch_stragglers()


@shared_task(name="contacts.look_for_duplicates")
def look_for_duplicates() -> None:
    """Compare contacts and accounts that were changed lately with all others, for a moment: nobody waits for it."""
    look_on(seconds=MOMENT_SECONDS)
    look_on_at_accounts(seconds=MOMENT_SECONDS)


@shared_task(name=BACKFILL)
def backfill_strategies() -> None:
    """Make the keys of new contact matching strategies; rings for its successor after a while."""
    doorbell.answer(BACKFILL)
    if backfill_some(ContactMatchingStrategy, claim_chunk, seconds=SLICE_SECONDS):
        doorbell.ring(BACKFILL)
