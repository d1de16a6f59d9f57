"""Asking the network for the leads it told of, and for those it did not.

A lead is claimed for a while (`retry_at`), asked for without a transaction, and kept in one; whoever dies in between
only delays it. What may pass is tried again, less and less often; a token that is refused holds everything up until
there is another, and loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import User
from forms_intake.ads.access import access_of, network
from forms_intake.ads.arriving import FETCH, MOST_REASONS, take_told
from forms_intake.ads.connecting import Told, TooMany
from forms_intake.ads.keeping import keep
from forms_intake.failing import can, cannot
from forms_intake.models import AdLead, AdLeadState, AdSync, Connector, ConnectorState, FailsTo, SyncHow
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.outward import NotAnswered

log = structlog.get_logger("forms_intake.ads")

BATCH = 20
CLAIMED = timedelta(minutes=10)
"""More than a batch can take."""
BACKOFF = (60, 300, 1800, 7200, 21600, 43200, 86400)
TRIES = 12
REFUSED = (401, 403)
GONE = (404, 410)
HELD_UP = timedelta(minutes=30)
OLDEST = timedelta(days=90)
"""So long the network keeps leads."""
OVERLAP = timedelta(hours=1)
SHORTEST = timedelta(minutes=1)


def fetch_next() -> int:
    """Fetch up to BATCH leads that wait; how many were asked for."""
    claimed = _claim()
    by_connector: dict[int, list[AdLead]] = {}
    for lead in claimed:
        by_connector.setdefault(lead.connector_id, []).append(lead)
    for connector_id, leads in by_connector.items():
        _fetch(Connector.objects.get(pk=connector_id), leads)
    return len(claimed)


@transaction.atomic
def _claim() -> list[AdLead]:
    now = timezone.now()
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    waiting = AdLead.objects.filter(due, state=AdLeadState.WAITING, connector__state=ConnectorState.ON).order_by("pk")
    claimed = list(waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)[:BATCH])
    AdLead.objects.filter(pk__in=[one.pk for one in claimed]).update(retry_at=now + CLAIMED)
    return claimed


def _fetch(connector: Connector, leads: Sequence[AdLead]) -> None:
    access, asked = access_of(connector), network(connector)
    sync = AdSync(connector=connector, how=SyncHow.FETCH)
    for place, lead in enumerate(leads):
        sync.what = ", ".join(filter(None, [sync.what, lead.external_id]))[:200]
        try:
            answer = asked.fetch(access, lead.external_id)
            kept = keep(connector.pk, [answer])
        except NotAnswered as problem:
            _not_fetched(connector, lead, problem, sync)
            if problem.status in REFUSED or problem.status == 429:
                _hold_up(connector, leads[place:], problem)
                break
        except Exception as error:  # whatever an answer can hold must not stop the others
            log.exception("an ad lead could not be kept", lead=lead.pk)
            surprise = NotAnswered(f"Something unexpected is in its answer ({type(error).__name__}).")
            _not_fetched(connector, lead, surprise, sync)
        else:
            sync.new += kept.new
            sync.known += kept.known
            if kept.tests:
                sync.note = "A test lead, which made nothing."
            can(connector, FailsTo.FETCH)
    sync.save()


def _not_fetched(connector: Connector, lead: AdLead, problem: NotAnswered, sync: AdSync) -> None:
    now = timezone.now()
    is_over = not problem.passes and problem.status not in REFUSED
    attempts = lead.attempts + (0 if problem.status in REFUSED else 1)
    words = f"{problem.words} It is not there any more." if problem.status in GONE else problem.words
    if is_over or attempts >= TRIES:
        state, again = AdLeadState.FAILED, None
    else:
        seconds = max(problem.retry_after, BACKOFF[min(attempts, len(BACKOFF)) - 1] if attempts else 0)
        state, again = AdLeadState.WAITING, now + max(timedelta(seconds=seconds), timedelta(seconds=1))
    # Whoever kept it meanwhile, by a file, was right.
    mine = AdLead.objects.filter(pk=lead.pk, state=AdLeadState.WAITING)
    mine.update(state=state, attempts=attempts, retry_at=again, error=words[:300])
    if _is_outage(connector, problem):
        cannot(connector, FailsTo.FETCH, words)
    else:
        if problem.status in GONE:  # it may fetch: it was told that there is nothing
            can(connector, FailsTo.FETCH)
        alone = Connector.objects.filter(pk=connector.pk, failing_since=None)
        alone.update(last_error=words[:300], last_error_at=now)
    sync.failed += 1
    if len(sync.reasons) < MOST_REASONS:
        sync.reasons.append({"id": lead.external_id, "why": words})


def _is_outage(connector: Connector, problem: NotAnswered) -> bool:
    """Whether it is the connector that fails rather than this lead. Where it is asked what was missed, asking tells of
    all but a token that may do the one and not the other.
    """
    if problem.status in REFUSED or connector.account_id:
        return problem.status in REFUSED
    return problem.passes or problem.status not in (None, *GONE)


def _hold_up(connector: Connector, leads: Sequence[AdLead], problem: NotAnswered) -> None:
    """Ask nothing more of this network for a while: it would refuse that too."""
    wait = timedelta(seconds=problem.retry_after) if problem.retry_after else HELD_UP
    waiting = AdLead.objects.filter(connector=connector, state=AdLeadState.WAITING)
    waiting.update(retry_at=timezone.now() + wait)
    if problem.status in REFUSED:
        cannot(connector, FailsTo.FETCH, _why(problem))


def _why(problem: NotAnswered) -> str:
    """Why a connector fails, and what to do where that is known."""
    if problem.status in REFUSED:
        return f"The token is refused ({problem.status}): save a new one. What came meanwhile waits and is not lost."
    return problem.words


def let_go_on(connector_id: int) -> None:
    """Ask at once for what waits: there is another token, or somebody wants it tried."""
    AdLead.objects.filter(connector=connector_id, state=AdLeadState.WAITING).update(retry_at=None)
    ring_on_commit(FETCH)


def pull(connector: Connector, *, by: User | None) -> AdSync:
    """Ask for what was handed in and never told of; what is known stays as it is. Never raises for the network.

    Where that is more than can be listed at once, the log says up to when it was asked; the rest is asked for next.
    """
    began = timezone.now()
    start = max(connector.pulled_to or began - OLDEST, began - OLDEST)
    words = f"Since {_minute(start)}"
    try:
        told, end = _listed(connector, start, began)
    except NotAnswered as problem:
        cannot(connector, FailsTo.LIST, _why(problem))
        return AdSync.objects.create(
            connector=connector, how=SyncHow.PULL, what=words, failed=1, reasons=[{"why": problem.words}], by=by
        )
    goes_on = end < began
    note = "There are more than can be listed at once: the rest is asked for next." if goes_on else ""
    with transaction.atomic():
        sync = take_told(connector, told, how=SyncHow.PULL, what=f"{words} until {_minute(end)}" if goes_on else words)
        AdSync.objects.filter(pk=sync.pk).update(by=by, note=note)
        # An overlap is for what is listed late, which what is that old no longer is.
        now = {"pulled_to": end, "pull_at": began} if goes_on else {"pulled_to": began - OVERLAP}
        Connector.objects.filter(pk=connector.pk).update(**now)
        can(connector, FailsTo.LIST)
    return sync


def _minute(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%d.%m.%Y %H:%M}"


def _listed(connector: Connector, start: datetime, end: datetime) -> tuple[list[Told], datetime]:
    """What was handed in from `start` on, and up to when: half as far, and half again, until it can be listed whole.
    Raises NotAnswered.
    """
    asked, access = network(connector), access_of(connector)
    while True:
        try:
            return list(asked.ids_between(access, start, end)), end
        except TooMany:
            end = start + (end - start) / 2
            if end - start < SHORTEST:
                raise NotAnswered("More leads were handed in within a minute than can be listed.") from None


PULL_EVERY = timedelta(minutes=30)


def pull_due(seconds: float) -> None:
    """What a webhook may have lost: connectors that are on are asked every half hour, as long as there is time."""
    end = time.monotonic() + seconds
    due = Q(pull_at=None) | Q(pull_at__lte=timezone.now())
    on = Connector.objects.filter(due, state=ConnectorState.ON).exclude(account_id="")
    for connector in on.order_by("pk"):
        if time.monotonic() > end:
            return
        # Claimed, so that two workers do not ask at once, and one that fails is not asked again each time.
        if Connector.objects.filter(due, pk=connector.pk).update(pull_at=timezone.now() + PULL_EVERY):
            pull(connector, by=None)
