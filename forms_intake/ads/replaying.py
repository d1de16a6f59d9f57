"""Having what arrived processed once more, without a second of anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from contacts.models import User
from forms_intake.ads.arriving import FETCH
from forms_intake.failing import works
from forms_intake.models import (
    AdLead,
    AdLeadState,
    AdSync,
    Connector,
    Deed,
    Submission,
    SubmissionEvent,
    SubmissionState,
    SyncHow,
)
from forms_intake.services.receiving import PROCESS
from leadcrm.lib.doorbell import ring_on_commit

CHUNK = 1000
REPLAYED = "Replayed with its connector"
AGAIN = (SubmissionState.DONE, SubmissionState.FAILED)


def replay(connector: Connector, *, by: User, leads: Sequence[int] | None = None) -> AdSync:
    """Process answers again under today's mapping and strategy: all of the connector, or those of some AdLeads.

    What was made of them stays theirs: the same lead, the same interaction; what is filled now and was not then is
    added as the mapping allows. Leads that could not be fetched are asked for again.
    """
    rows = AdLead.objects.filter(connector=connector)
    if leads is not None:
        rows = rows.filter(pk__in=leads)
    number = 0
    for ids in _chunks(list(rows.exclude(submission=None).order_by("pk").values_list("submission_id", flat=True))):
        with transaction.atomic():
            again = Submission.objects.filter(pk__in=ids, state__in=AGAIN, emptied_at=None).order_by("pk")
            locked = list(again.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
            number += Submission.objects.filter(pk__in=locked).update(state=SubmissionState.PENDING, error="")
            SubmissionEvent.objects.bulk_create(
                SubmissionEvent(submission_id=pk, deed=Deed.RETRIED, by=by, reason=REPLAYED) for pk in locked
            )
            ring_on_commit(PROCESS)
    asked = fetch_again(connector, leads=leads)
    note = f"{asked} to be fetched again." if asked else ""
    what = "All leads" if leads is None else ", ".join(rows.values_list("external_id", flat=True)[:5])[:200]
    return AdSync.objects.create(connector=connector, how=SyncHow.REPLAY, what=what, known=number, note=note, by=by)


def fetch_again(connector: Connector, *, leads: Sequence[int] | None = None) -> int:
    """Ask for those that could not be fetched; how many."""
    rows = AdLead.objects.filter(connector=connector, state=AdLeadState.FAILED, submission=None)
    if leads is not None:
        rows = rows.filter(pk__in=leads)
    with transaction.atomic():
        number = rows.update(state=AdLeadState.WAITING, attempts=0, retry_at=None, error="")
        ring_on_commit(FETCH)
    return number


@transaction.atomic
def reset(connector: Connector, *, by: User) -> AdSync:
    """Forget how far it was asked: everything the network still has is asked for once more, from ninety days ago on.
    What is known stays known, so that nothing doubles.
    """
    number = fetch_again(connector)
    Connector.objects.filter(pk=connector.pk).update(pulled_to=None, pull_at=None)
    works(connector)
    note = f"{number} that could not be fetched wait again." if number else ""
    return AdSync.objects.create(connector=connector, how=SyncHow.RESET, what="From the beginning", note=note, by=by)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
