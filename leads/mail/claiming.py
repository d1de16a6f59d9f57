"""Which mails are sent next, by whom, and what became of them.

A mail is one or more rows of the outbox for one person, given the same `batch` when they are first claimed. Claiming
commits before anything is sent and holds the rows for `LEASE`: whoever dies in the middle leaves them to a later try,
which sends the very same message under the same Message-ID, so that mail servers can tell that it is a repeat.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from contacts.letters import LETTER
from contacts.models import OutboxEvent

MOST_ROWS = 500
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
SLOWEST_RETRY = timedelta(minutes=15)
PAUSE = timedelta(seconds=8)
"""So long nothing more must be told a person before they are mailed: a change of many leads, made chunk by chunk, is
one mail.
"""
LONGEST_GATHERING = timedelta(minutes=5)
PATIENCE = timedelta(days=3)
"""After so long a mail is given up: by then what it says is no news."""
NO_ANSWER = "No answer: "
"""How errors begin that are the server's, not this mail's."""
ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
CLAIMING = 7_251_901
"""The number of the advisory lock under which one at a time claims."""


@dataclass(frozen=True)
class Batch:
    """One mail: the rows it is made of, oldest first."""

    id: uuid.UUID
    events: Sequence[OutboxEvent]

    @property
    def is_letter(self) -> bool:
        """Whether it goes to one of the people we keep, not to somebody who works here (contacts/letters.py)."""
        return LETTER in self.events[0].payload

    @property
    def to(self) -> int:
        """Whose it is, by user id; 0, which nobody has, for a letter."""
        return int(self.events[0].payload.get("to") or 0)

    @property
    def attempts(self) -> int:
        """How often it has been tried, this time included."""
        return max(event.attempts for event in self.events)


def waiting() -> QuerySet[OutboxEvent]:
    """Mails that are neither delivered nor given up."""
    return OutboxEvent.objects.filter(kind="mail", delivered_at=None, given_up_at=None)


def claim() -> list[Batch]:
    """The mails that are due, ours for `LEASE`; none while the server has not answered and is not due to be tried."""
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CLAIMING])
            if not cursor.fetchone()[0]:
                return []
        mails = waiting()
        if mails.filter(due_at__gt=now, error__startswith=NO_ANSWER).exists():
            return []
        locked = mails.select_for_update(skip_locked=True)
        due = list(locked.filter(due_at__lte=now).order_by("due_at", "id")[:MOST_ROWS])
        if not due:
            return []
        again = {event.batch for event in due if event.batch is not None}
        people = {event.payload.get("to") for event in due if event.batch is None} - _still_gathering(now)
        # A second try is all of the first; what has gathered for a person, due or not, goes together.
        more = [
            *locked.filter(batch__in=again),
            *locked.filter(batch=None, payload__to__in=list(people)).order_by("id")[:MOST_ROWS],
        ]
        rows = sorted(more, key=lambda event: event.pk)
        return [_held(events, now) for events in _grouped(rows)]


def _still_gathering(now: datetime) -> set[int]:
    """Whose mails wait for a pause: something was told them a moment ago, and nothing has waited too long."""
    fresh = waiting().filter(batch=None, created_at__gt=now - PAUSE).values_list("payload__to", flat=True)
    long = waiting().filter(batch=None, created_at__lte=now - LONGEST_GATHERING).values_list("payload__to", flat=True)
    people = set(fresh)
    return people - set(long.filter(payload__to__in=list(people))) if people else people


def _grouped(rows: Sequence[OutboxEvent]) -> list[list[OutboxEvent]]:
    groups: dict[tuple[object, object], list[OutboxEvent]] = defaultdict(list)
    for event in rows:
        groups[event.batch, None if event.batch else event.payload.get("to")].append(event)
    return list(groups.values())


def _held(events: list[OutboxEvent], now: datetime) -> Batch:
    batch = events[0].batch or uuid.uuid4()
    OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(
        batch=batch, attempts=F("attempts") + 1, due_at=now + LEASE
    )
    for event in events:
        event.attempts += 1
    return Batch(batch, events)


def delivered(batch: Batch) -> None:
    """It was taken by the mail server."""
    _rows(batch).update(delivered_at=timezone.now(), error="")


def failed(batch: Batch, error: str, *, for_good: bool = False) -> None:
    """It was not: it is tried again, later each time, unless no further try would help or it is too old. Of the error
    no address is kept: it would be there still when its person is erased.
    """
    error, now = ADDRESS.sub("(e-mail)", error), timezone.now()
    if for_good or batch.events[0].created_at < now - PATIENCE:
        _rows(batch).update(given_up_at=now, error=error[:300])
        return
    pause = min(FIRST_RETRY * 2 ** min(batch.attempts - 1, 10), SLOWEST_RETRY)
    _rows(batch).update(due_at=now + pause, error=error[:300])


def _rows(batch: Batch) -> QuerySet[OutboxEvent]:
    return OutboxEvent.objects.filter(pk__in=[event.pk for event in batch.events], delivered_at=None)
