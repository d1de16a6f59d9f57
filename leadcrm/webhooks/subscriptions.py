"""Subscriptions: made, edited, rotated, paused, taken up again, removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.errors import ChangedMeanwhile, InvalidValues, RecordGone
from contacts.models import User
from contacts.outbox import want
from contacts.roles import Ability, roles_with
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.webhooks.bodies import body_of
from leadcrm.webhooks.kinds import KINDS, TEST
from leadcrm.webhooks.models import Delivery, DeliveryState, Subscription, new_salt
from leadcrm.webhooks.sending import UnfitAddress, check_address
from leadcrm.webhooks.signing import secret_of
from leads.models import NoticeKind
from leads.services.notices import notify

DELIVER = "webhooks.deliver"
OVERLAP = timedelta(days=1)
"""So long after rotating, what is sent is signed with the secret before too."""
BY_HAND = "Paused by hand"


def subscribe(*, name: str, url: str, kinds: Sequence[str], by: User) -> tuple[Subscription, str]:
    """A new subscription, and its secret, which is shown this once. It hears of facts from now on.

    Raises InvalidValues naming fields.
    """
    _check(url, kinds)
    with transaction.atomic():
        made = Subscription.objects.create(name=name, url=url, kinds=sorted(kinds), created_by=by)
        _want()
    return made, secret_of(made)


def edit(subscription_id: int, *, version: int, name: str, url: str, kinds: Sequence[str]) -> None:
    """Change it, if it still has the version a person saw. A new address is tried at once.

    Raises InvalidValues, ChangedMeanwhile, RecordGone.
    """
    _check(url, kinds)
    with transaction.atomic():
        found = _locked(subscription_id)
        if found.version != version:
            raise ChangedMeanwhile("subscription", subscription_id, seen=version, current=found.version)
        moved = found.url != url
        found.name, found.url, found.kinds, found.version = name, url, sorted(kinds), version + 1
        if moved:
            found.retry_at = None
        found.save(update_fields=["name", "url", "kinds", "version", "retry_at"])
        _want()
        ring_on_commit(DELIVER)


def rotate(subscription_id: int) -> tuple[Subscription, str]:
    """A new secret, shown this once; for a day what is sent is signed with both. Raises RecordGone."""
    with transaction.atomic():
        found = _locked(subscription_id)
        found.previous_salt, found.previous_until = found.salt, timezone.now() + OVERLAP
        found.salt = new_salt()
        found.version += 1
        found.save(update_fields=["salt", "previous_salt", "previous_until", "version"])
    return found, secret_of(found)


def pause(subscription_id: int, *, why: str = BY_HAND) -> bool:
    """Send nothing more for now; what happens meanwhile waits. False when it was paused already."""
    on = Subscription.objects.filter(pk=subscription_id, paused_at=None)
    return bool(on.update(paused_at=timezone.now(), paused_why=why[:300], version=F("version") + 1))


def pause_itself(subscription: Subscription, *, why: str, now: datetime) -> None:
    """Paused because it has failed for too long: administrators are told."""
    if pause(subscription.pk, why=why):
        administrators = User.objects.filter(role__in=roles_with(Ability.ADMINISTER), is_active=True)
        words = f"Webhooks to {subscription.name} are paused: {why}."
        key = f"webhook:{subscription.pk}:{now:%Y%m%d%H%M}"
        notify(NoticeKind.WORKSPACE, lead_ids=[], to=list(administrators), by=None, words=words[:300], key=key)


def resume(subscription_id: int) -> None:
    """Go on where it stopped, at once."""
    Subscription.objects.filter(pk=subscription_id).update(
        paused_at=None, paused_why="", failing_since=None, failures=0, retry_at=None, version=F("version") + 1
    )
    ring_on_commit(DELIVER)


def unsubscribe(subscription_id: int) -> None:
    """Remove it, with its log."""
    with transaction.atomic():
        Subscription.objects.filter(pk=subscription_id).delete()
        _want()


def send_test(subscription: Subscription, *, by: User) -> Delivery:
    """Put a test behind what waits; it is sent as every fact is."""
    body = body_of(TEST, timezone.now().isoformat(), {"words": "It works.", "by": str(by)})
    made = Delivery.objects.create(subscription=subscription, kind=TEST, body=body)
    ring_on_commit(DELIVER)
    return made


def send_again(delivery_ids: Sequence[int]) -> int:
    """Have deliveries that were delivered or skipped sent once more, with the id they had; how many."""
    over = Delivery.objects.filter(pk__in=delivery_ids).exclude(state=DeliveryState.WAITING)
    number = over.update(again_at=timezone.now())
    ring_on_commit(DELIVER)
    return number


def tell_again(subscription_id: int, *, since: datetime, only_skipped: bool = False) -> int:
    """Have what happened since then wait once more: told in its order, with the ids it had, again until it is taken.
    How many facts. For a receiver that lost some, or one whose skipped ones are to come after all.
    """
    with transaction.atomic():
        over = Delivery.objects.filter(subscription=subscription_id, created_at__gte=since)
        states = [DeliveryState.SKIPPED] if only_skipped else [DeliveryState.SKIPPED, DeliveryState.DELIVERED]
        number = over.filter(state__in=states).update(state=DeliveryState.WAITING, delivered_at=None, again_at=None)
        if number:
            ring_on_commit(DELIVER)
    return number


def skip(delivery_id: int) -> bool:
    """Let what waits behind it go on without it; False when it does not wait."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.WAITING)
        subscription_id = waiting.values_list("subscription", flat=True).first()
        done = bool(waiting.update(state=DeliveryState.SKIPPED))
        if done and subscription_id is not None:
            Subscription.objects.filter(pk=subscription_id).update(retry_at=None, failing_since=None, failures=0)
            ring_on_commit(DELIVER)
    return done


def _check(url: str, kinds: Sequence[str]) -> None:
    errors = {}
    try:
        check_address(url)
    except UnfitAddress as error:
        errors["url"] = str(error)
    if not kinds or set(kinds) - KINDS.keys():
        errors["kinds"] = "Tick what it wants to hear of."
    if errors:
        raise InvalidValues(errors)


def _locked(subscription_id: int) -> Subscription:
    found: Subscription | None = Subscription.objects.filter(pk=subscription_id).select_for_update(no_key=True).first()
    if found is None:
        raise RecordGone("subscription", subscription_id)
    return found


def _want() -> None:
    """Have those kinds written to the outbox that any subscription wants, paused ones too."""
    want(kind for kinds in Subscription.objects.values_list("kinds", flat=True) for kind in kinds)
