"""Telling facts to subscriptions: each in order, one at a time, at least once, side by side with the others.

One worker at a time does this, under an advisory lock of its session: whoever dies lets go of it, and what was on its
way then is sent again with the same id. Facts become deliveries in the order of the outbox; only then are they handed
on, so that a crash in between loses none.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from contacts.models import OutboxEvent
from leadcrm.webhooks.bodies import bodies_of
from leadcrm.webhooks.models import Attempt, Delivery, DeliveryState, Subscription
from leadcrm.webhooks.sending import Sent, send
from leadcrm.webhooks.signing import headers_of
from leadcrm.webhooks.subscriptions import pause_itself

log = structlog.get_logger("leadcrm.webhooks")

SENDING = 7_251_910
"""The number of the advisory lock under which one worker at a time sends."""
MOST_FACTS = 500
AT_ONCE = 8
"""So many subscriptions are told side by side."""
AGAIN_AT_ONCE = 8
PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds until the next try, after each failure in a row; then the last one again and again."""
JITTER = 0.1
PATIENCE = timedelta(days=1)
"""Failing for so long, a subscription is paused and administrators are told; what waits goes on waiting."""
LONGEST_ASKED = 3600
GONE = 410


@dataclass(frozen=True)
class Try:
    """One delivery on its way, signed."""

    delivery: Delivery
    headers: dict[str, str]
    by_hand: bool


def deliver(seconds: float) -> bool:
    """Hand on facts and send what is due, for a while; whether there may be more."""
    with _alone() as mine:
        if not mine:
            return False
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while True:
                handed = hand_on()
                sent = _send_round(threads)
                if not handed and not sent:
                    return False
                if time.monotonic() >= until:
                    return True


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDING])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDING])


def hand_on() -> int:
    """Make deliveries of the next facts in the outbox, for whoever wants them; how many facts. One transaction."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(delivered_at=None, given_up_at=None).exclude(kind="mail")
        events = list(waiting.order_by("id")[:MOST_FACTS])
        if not events:
            return 0
        subscriptions = list(Subscription.objects.order_by("pk").select_for_update(no_key=True))
        wanted = {kind for one in subscriptions for kind in one.kinds}
        bodies = bodies_of([event for event in events if event.kind in wanted])
        Delivery.objects.bulk_create(
            [
                Delivery(
                    subscription=one,
                    event_id=event.pk,
                    kind=event.kind,
                    contact_id=bodies[event.pk].contact_id,
                    body=bodies[event.pk].body,
                )
                for event in events
                for one in subscriptions
                if event.kind in one.kinds and event.created_at >= one.created_at
            ],
            ignore_conflicts=True,
        )
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(delivered_at=timezone.now())
    return len(events)


def _send_round(threads: ThreadPoolExecutor) -> int:
    """Send the first that waits of each subscription that is due, and what is to be sent again; how many."""
    now = timezone.now()
    tries = [_signed(one, now, by_hand=False) for one in _due(now)]
    tries += [_signed(one, now, by_hand=True) for one in _again()]
    if not tries:
        return 0
    answers = threads.map(partial(_send, at=now), tries)
    for one, sent in zip(tries, answers, strict=True):
        _note(one, sent, now)
    return len(tries)


def _due(now: datetime) -> Sequence[Delivery]:
    first = Delivery.objects.filter(subscription=OuterRef("pk"), state=DeliveryState.WAITING).order_by("pk")
    on = Subscription.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), paused_at=None)
    heads = on.annotate(first=Subquery(first.values("pk")[:1])).filter(first__isnull=False)
    ids = list(heads.order_by(F("told_at").asc(nulls_first=True), "pk").values_list("first", flat=True)[:AT_ONCE])
    return list(Delivery.objects.filter(pk__in=ids).select_related("subscription"))


def _again() -> Sequence[Delivery]:
    asked = Delivery.objects.filter(again_at__isnull=False).order_by("again_at", "pk")
    return list(asked.select_related("subscription")[:AGAIN_AT_ONCE])


def _signed(delivery: Delivery, now: datetime, *, by_hand: bool) -> Try:
    subscription = delivery.subscription
    both = subscription.previous_until is not None and subscription.previous_until > now
    at = int(now.timestamp())
    headers = headers_of(subscription, delivery.webhook_id, delivery.body.encode(), at=at, both=both)
    return Try(delivery, dict(headers), by_hand)


def _send(one: Try, *, at: datetime) -> Sent:
    """In a thread: no database here."""
    return send(one.delivery.subscription.url, one.delivery.body.encode(), one.headers)


def _note(one: Try, sent: Sent, now: datetime) -> None:
    """Write down what came of a try, and what follows from it."""
    delivery, subscription = one.delivery, one.delivery.subscription
    with transaction.atomic():
        still = Subscription.objects.filter(pk=subscription.pk).select_for_update(no_key=True).first()
        if still is None:
            return  # removed meanwhile, with its log
        row = Delivery.objects.filter(pk=delivery.pk)
        if row.select_for_update(no_key=True).first() is not None:  # else erased meanwhile, with its log
            Attempt.objects.create(
                delivery=delivery,
                at=now,
                milliseconds=sent.milliseconds,
                status=sent.status,
                error=sent.error[:300],
                sent_headers=one.headers,
                headers=dict(sent.headers),
                answer=sent.answer,
                by_hand=one.by_hand,
            )
        row.update(attempts=F("attempts") + 1, **({"again_at": None} if one.by_hand else {}))
        if sent.was_taken:
            row.update(state=DeliveryState.DELIVERED, delivered_at=now)
            if not one.by_hand:
                _recovered(still, now)
        elif not one.by_hand:
            _failed(still, sent, now)


def _recovered(subscription: Subscription, now: datetime) -> None:
    subscription.failing_since, subscription.failures, subscription.retry_at = None, 0, None
    subscription.told_at = now
    subscription.save(update_fields=["failing_since", "failures", "retry_at", "told_at"])


def _failed(subscription: Subscription, sent: Sent, now: datetime) -> None:
    """Later again, after longer and longer; or paused, when it has gone on for too long or is said to be gone."""
    subscription.failures += 1
    subscription.failing_since = subscription.failing_since or now
    seconds = PAUSES[min(subscription.failures, len(PAUSES)) - 1]
    seconds = max(seconds, min(sent.retry_after, LONGEST_ASKED))
    spread = 1 + random.uniform(-JITTER, JITTER)  # noqa: S311  (no secret: so that many do not come back at once)
    subscription.retry_at = now + timedelta(seconds=seconds * spread)
    subscription.save(update_fields=["failing_since", "failures", "retry_at"])
    log.info("webhook failed", subscription=subscription.pk, status=sent.status, error=sent.error)
    if sent.status == GONE:
        pause_itself(subscription, why="it answered that it is gone (410)", now=now)
    elif now - subscription.failing_since >= PATIENCE:
        pause_itself(subscription, why=f"it has taken nothing for a day ({sent.error.rstrip('.')})", now=now)
