"""Doorbells of leads."""

from __future__ import annotations

import time
from collections.abc import Callable

from celery import shared_task

from contacts.services.strategies import backfill_some
from leadcrm.lib import doorbell
from leads.assignment.hearing import hear, hear_some
from leads.assignment.late import follow_clocks, note_answers
from leads.assignment.leaving import give_on
from leads.assignment.occasions import ASSIGN
from leads.assignment.runs import RUN, advance
from leads.assignment.waiting import assign_due
from leads.attachments.store import sweep
from leads.bulk import jobs
from leads.bulk.jobs import DO_BULK
from leads.calling.tidying import tidy
from leads.mail.delivering import deliver_some
from leads.mail.due import MOST, digest_some, remind_some
from leads.models import LeadMatchingStrategy
from leads.reports.keeping import COMPUTE, compute_one, forget_reports
from leads.searchable import keep_indexes as keep
from leads.services.notices import DELIVER_MAIL, forget_notices
from leads.services.process_sweeps import SWEEP, sweep_some
from leads.services.strategies import claim_chunk
from leads.stage_limits import tell_of_overstayed

BACKFILL = "leads.backfill_strategies"
SLICE_SECONDS = 2.0
GIVE_ON = "leads.give_on"


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


@shared_task(name=ASSIGN)
def assign_leads() -> None:
    """Hear which contacts and accounts were edited, and ask the rules about leads that are due; rings for its successor
    after a while.
    """
    doorbell.answer(ASSIGN)
    if _for_a_while(hear_some):
        doorbell.ring(ASSIGN)
    if _for_a_while(assign_due):
        doorbell.ring(ASSIGN)


@shared_task(name=GIVE_ON)
def give_on_leads() -> None:
    """Give on the leads of whoever no longer works here; rings for its successor after a while."""
    doorbell.answer(GIVE_ON)
    if _for_a_while(give_on):
        doorbell.ring(GIVE_ON)


@shared_task(name=RUN)
def run_assignment() -> None:
    """Ask the rules again, as somebody wanted; rings for its successor after a while."""
    doorbell.answer(RUN)
    if _for_a_while(advance):
        doorbell.ring(RUN)


@shared_task(name="leads.follow_clocks")
def follow_first_responses() -> None:
    """Note first responses, then do what is due where there was none."""
    _for_a_while(note_answers)
    _for_a_while(follow_clocks)


def _for_a_while(work: Callable[[], int]) -> bool:
    """Chunk after chunk until nothing is left; whether there may be more after the time of one slice."""
    until = time.monotonic() + SLICE_SECONDS
    while work():
        if time.monotonic() >= until:
            return True
    return False


@shared_task(name=SWEEP)
def sweep_processes() -> None:
    """Queue the leads of processes that were changed, piece by piece; rings for its successor after a while."""
    doorbell.answer(SWEEP)
    if _for_a_while(sweep_some):
        doorbell.ring(SWEEP)


@shared_task(name="leads.stage_limits")
def keep_stage_limits() -> None:
    """Tell of leads that are too long in their stage."""
    tell_of_overstayed()


@shared_task(name="leads.tidy_calls")
def tidy_calls() -> None:
    """Delete what is no longer to be called later."""
    tidy()


@shared_task(name=DELIVER_MAIL)
def deliver_mail() -> None:
    """Send the mails that are due."""
    doorbell.answer(DELIVER_MAIL)
    while deliver_some():
        pass


@shared_task(name="leads.remind")
def remind() -> None:
    """Tell of tasks that fell due, and in the morning send the digests."""
    while remind_some() == MOST:
        pass
    while digest_some():
        pass


@shared_task(name="leads.forget")
def forget() -> None:
    """Hourly: remove notices and figures of reports that are old, and files that nothing leads to; and see to it that
    edits are heard as rules ask, whoever wrote them.
    """
    hear()
    forget_notices()
    forget_reports()
    sweep()


@shared_task(name=DO_BULK)
def do_bulk() -> None:
    """Take changes of many leads further; after some seconds it rings for its successor, so that scoring goes on."""
    doorbell.answer(DO_BULK)
    if _for_a_while(jobs.advance):
        doorbell.ring(DO_BULK)


@shared_task(name="leads.forget_bulk")
def forget_bulk() -> None:
    """Hourly: forget what was done to many leads long ago."""
    jobs.forget_jobs()


@shared_task(name=COMPUTE)
def compute_reports() -> None:
    """Compute one of the reports that were asked for, and ring for the next, so that scoring goes on in between."""
    doorbell.answer(COMPUTE)
    if compute_one():
        doorbell.ring(COMPUTE)
