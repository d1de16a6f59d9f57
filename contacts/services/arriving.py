"""Interactions that other systems deliver, many at once, each once however often it is delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts import match_keys
from contacts.doorbells import facts_changed
from contacts.hanging import hangers
from contacts.models import Contact, Interaction, InteractionKey, MarketingContext, User
from contacts.robots import is_robot
from contacts.services.interactions import REACHED

NEXT_IDS = "SELECT nextval(pg_get_serial_sequence('contacts_interaction', 'id')) FROM generate_series(1, %s)"


@dataclass(frozen=True)
class Delivered:
    """One interaction as it was delivered: whose (by id, e-mail address or external id), what, when.

    With a `dedupe_key` (up to 200 characters) a repeat adds nothing.
    """

    type: str
    contact_id: int | None = None
    email: str = ""
    external_id: str = ""
    subject: str = ""
    occurred_at: datetime | None = None
    marketing_context_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    dedupe_key: str = ""
    user_agent: str = ""


@dataclass
class Taken:
    """What became of one: `interaction_id` and whether it was there before, or why it was refused (`field`, `why`)."""

    interaction_id: int | None = None
    repeated: bool = False
    field: str = ""
    why: str = ""


def take_delivered(items: Sequence[Delivered], *, source: str, by: User | None, seen_by: User) -> list[Taken]:
    """Add those that can be, in one transaction and a constant number of statements; what became of each, in order.

    Contacts that `seen_by` may not see are as good as none. Of a person (`by`), calls, meetings and messages count as
    reaching the contact.
    """
    taken = [Taken() for _ in items]
    if not items:
        return taken
    with transaction.atomic():
        people, contexts = _people(items, seen_by), _contexts(items)
        now = timezone.now()
        new: list[tuple[int, Interaction]] = []
        for at, (item, pk) in enumerate(zip(items, _allocated(len(items)), strict=True)):
            contact_id, context = people[at], contexts.get(item.marketing_context_id or 0)
            if contact_id is None:
                taken[at].field, taken[at].why = _named(item), "There is no such contact."
            elif item.marketing_context_id is not None and context is None:
                taken[at].field, taken[at].why = "marketing_context_id", "There is no such marketing context."
            else:
                new.append((at, _interaction(pk, item, contact_id, context, source, by, now)))
        firsts = _claimed([(items[at].dedupe_key, one.pk) for at, one in new if items[at].dedupe_key])
        fresh = []
        for at, one in new:
            key = items[at].dedupe_key
            first = firsts.get(key, one.pk)
            taken[at].interaction_id, taken[at].repeated = first, first != one.pk
            if first == one.pk:
                fresh.append(one)
        Interaction.objects.bulk_create(fresh)
        if by is not None:
            for one in fresh:
                if one.type in REACHED:
                    for hanger in hangers():
                        hanger.was_reached(one.contact_id, by=by, at=one.occurred_at)
        facts_changed()
    return taken


def _named(item: Delivered) -> str:
    return "contact_id" if item.contact_id else "email" if item.email else "external_id"


def _people(items: Sequence[Delivered], seen_by: User) -> list[int | None]:
    """Whose each is. Two queries."""
    asked = [_key(item) for item in items]
    owners = match_keys.owners_of([key for key in asked if key is not None])
    ids = [item.contact_id or owners.get(key or ("", "")) for item, key in zip(items, asked, strict=True)]
    wanted = {pk for pk in ids if pk is not None}
    there = set(Contact.objects.visible_to(seen_by).filter(pk__in=wanted).values_list("pk", flat=True))
    return [pk if pk in there else None for pk in ids]


def _key(item: Delivered) -> tuple[str, str] | None:
    for name in ("email", "external_id"):
        if not item.contact_id and (value := getattr(item, name)):
            return next(iter(match_keys.keys_of({name: value}, [(name,)])), None)
    return None


def _contexts(items: Sequence[Delivered]) -> dict[int, MarketingContext]:
    return MarketingContext.objects.in_bulk({item.marketing_context_id for item in items if item.marketing_context_id})


def _allocated(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_IDS, [count])
        return [row[0] for row in cursor.fetchall()]


def _interaction(
    pk: int,
    item: Delivered,
    contact_id: int,
    context: MarketingContext | None,
    source: str,
    by: User | None,
    now: datetime,
) -> Interaction:
    return Interaction(
        pk=pk,
        contact_id=contact_id,
        type=item.type,
        subject=item.subject.strip()[:300],
        occurred_at=item.occurred_at or now,
        source=source[:30],
        marketing_context=context,
        campaign_id=context.campaign_id if context else None,
        product_id=context.product_id if context else None,
        payload=dict(item.payload) | ({"by": str(by), "by_id": by.pk} if by else {}),
        robot=is_robot(item.user_agent or item.payload.get("user_agent")),
    )


def _claimed(wanted: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Claim dedupe keys, in key order so that two deliverers wait in one direction; who has each now, by key."""
    if not wanted:
        return {}
    ordered: dict[str, int] = {}
    for key, pk in wanted:
        ordered.setdefault(key, pk)
    rows = [InteractionKey(key=key, interaction_id=ordered[key]) for key in sorted(ordered)]
    InteractionKey.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(InteractionKey.objects.filter(key__in=ordered).values_list("key", "interaction_id"))
