"""The doorbell of the door: the work is rows."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from contacts.services.forgetting import in_chunks
from forms_intake import outages
from forms_intake.ads import fetching
from forms_intake.ads.arriving import FETCH
from forms_intake.confirming import never_confirmed
from forms_intake.events.clock import sweep as sweep_events
from forms_intake.held_back import send_held_back
from forms_intake.imports import jobs, keeping
from forms_intake.imports.searching import SEARCH, search_files
from forms_intake.imports.slices import DO_IMPORTS
from forms_intake.inbox import retention
from forms_intake.landing import counting
from forms_intake.mailbox import reading
from forms_intake.mailbox.reading import READ
from forms_intake.models import AdSync, MailMessage, SubmissionKey
from forms_intake.outages import OUTAGES
from forms_intake.processing.work import process_next
from forms_intake.services.receiving import PROCESS
from forms_intake.tracking.receiving import TRACK
from forms_intake.tracking.sweeping import sweep as sweep_visits
from forms_intake.tracking.work import track_next
from leadcrm.lib import doorbell

log = structlog.get_logger("forms_intake.forget")

KEYS_A_CHUNK = 5000
SYNCS_KEPT = timedelta(days=180)
SLICE_SECONDS = 1.0
"""After this long the task ends and rings for its successor, so that scoring gets its turn with one worker process."""


@shared_task(name=PROCESS)
def process_submissions() -> None:
    """Process what waits; another worker may do the same at the same time."""
    doorbell.answer(PROCESS)
    end = time.monotonic() + SLICE_SECONDS
    while process_next():
        if time.monotonic() > end:
            doorbell.ring(PROCESS)
            return


@shared_task(name=TRACK)
def track() -> None:
    """Make visits of what browsers sent; another worker may do the same at the same time."""
    doorbell.answer(TRACK)
    end = time.monotonic() + SLICE_SECONDS
    while track_next():
        if time.monotonic() > end:
            doorbell.ring(TRACK)
            return


@shared_task(name=DO_IMPORTS)
def do_imports() -> None:
    """Take one import further for some seconds; rings for whoever goes on, so that other work gets its turn."""
    doorbell.answer(DO_IMPORTS)
    if jobs.advance():
        doorbell.ring(DO_IMPORTS)


@shared_task(name=SEARCH)
def search_import_files() -> None:
    """Delete kept files of imports that name who was erased; rings for whoever goes on where this one stops."""
    doorbell.answer(SEARCH)
    end = time.monotonic() + SLICE_SECONDS
    for is_deleted in search_files():
        if is_deleted:
            log.info("forgotten", import_files_of_erased=1)
        if time.monotonic() > end:
            doorbell.ring(SEARCH)
            return


@shared_task(name=FETCH)
def fetch_ad_leads() -> None:
    """Fetch leads of ads that were told of, then ask for those that were not; rings for whoever goes on."""
    doorbell.answer(FETCH)
    end = time.monotonic() + SLICE_SECONDS
    while fetching.fetch_next():
        if time.monotonic() > end:
            doorbell.ring(FETCH)
            return
    fetching.pull_due(SLICE_SECONDS)


@shared_task(name=READ)
def read_mailboxes() -> None:
    """Read the mailboxes that are due; rings for whoever goes on."""
    doorbell.answer(READ)
    if reading.read_due(SLICE_SECONDS):
        doorbell.ring(READ)


@shared_task(name=OUTAGES)
def tell_of_outages() -> None:
    """Connectors and mailboxes that have failed for a while, and tokens that end soon."""
    outages.tell()


@shared_task(name="forms_intake.events")
def events() -> None:
    """Invitations that run out, and events that are over."""
    sweep_events()


@shared_task(name="forms_intake.forget")
def forget() -> None:
    """Hourly: have letters sent that were held back. Remove the keys by which repeated posts are known, once they have
    expired, posts that nobody ever confirmed, what has been kept long enough (inbox/retention.py), old files of
    imports, old visits, and what connectors and mailboxes were told long ago; and make one row of each past day's
    visits of a page. Ring for whoever searches the other files of imports.
    """
    doorbell.ring(SEARCH)
    log.info("letters that were held back", sent=send_held_back())
    expired = SubmissionKey.objects.filter(expires_at__lt=timezone.now())
    unconfirmed = in_chunks(never_confirmed(), KEYS_A_CHUNK)
    forgotten = in_chunks(expired, KEYS_A_CHUNK)
    kept_long_enough = retention.sweep()
    log.info(
        "forgotten",
        submissions=kept_long_enough,
        submission_keys=forgotten,
        unconfirmed=unconfirmed,
        import_files=keeping.sweep(),
    )
    in_chunks(AdSync.objects.filter(at__lt=timezone.now() - SYNCS_KEPT), KEYS_A_CHUNK)
    in_chunks(MailMessage.objects.filter(read_at__lt=timezone.now() - SYNCS_KEPT), KEYS_A_CHUNK)
    log.info("forgotten visits", **sweep_visits())
    counting.gather()
