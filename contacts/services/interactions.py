"""Interactions are added, once each, and never changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues, RecordGone
from contacts.hanging import hangers
from contacts.models import Contact, Interaction, InteractionKey, InteractionType, MarketingContext, User
from contacts.robots import is_robot

YEARS = range(1970, 9001)
"""In which things happen; any other year is a slip of the pen."""
NEXT_ID = "SELECT nextval(pg_get_serial_sequence('contacts_interaction', 'id'))"


def problem_of_moment(moment: datetime | None) -> str:
    """Why an interaction cannot have happened at `moment`; "" when it can."""
    if moment is None or moment.year in YEARS:
        return ""
    return f"Things happen in the years {YEARS[0]} to {YEARS[-1]}, not in {moment.year}."


def log_interaction(
    *,
    contact_id: int,
    type: str,
    subject: str = "",
    occurred_at: datetime | None = None,
    source: str = "",
    marketing_context: MarketingContext | None = None,
    payload: dict[str, Any] | None = None,
    dedupe_key: str | None = None,
    user_agent: str = "",
    by: User | None = None,
) -> Interaction:
    """Add what a contact did; campaign and product are those its marketing context has now.

    With a `dedupe_key` (up to 200 characters) a repeat adds nothing and gives the first one back, however many
    deliver it at once. What a known robot did, by `user_agent` or that of the payload, is kept and never counts.
    `by`: who works here and did it; the payload names them ("by", "by_id").
    Raises RecordGone (no such contact, or the first one was erased), InvalidValues.
    """
    if type not in InteractionType.values:
        raise InvalidValues({"type": f"There is no interaction type {type}."})
    if problem := problem_of_moment(occurred_at):
        raise InvalidValues({"occurred_at": problem})
    with transaction.atomic():
        if not Contact.objects.alive().filter(pk=contact_id).exists():
            raise RecordGone("contact", contact_id)
        with connection.cursor() as cursor:
            cursor.execute(NEXT_ID)
            interaction_id = cursor.fetchone()[0]
        if dedupe_key is not None:
            first = _first_with(dedupe_key, interaction_id)
            if first != interaction_id:
                return _stored(first)
        interaction = Interaction.objects.create(
            pk=interaction_id,
            contact_id=contact_id,
            type=type,
            subject=subject.replace("\x00", "").strip()[:300],
            occurred_at=occurred_at or timezone.now(),
            source=source,
            marketing_context=marketing_context,
            campaign_id=marketing_context.campaign_id if marketing_context else None,
            product_id=marketing_context.product_id if marketing_context else None,
            payload=(payload or {}) | ({"by": str(by), "by_id": by.pk} if by else {}),
            robot=is_robot(user_agent or (payload or {}).get("user_agent")),
        )
        facts_changed()
    return interaction


def take_back(interaction_ids: Collection[int], *, dedupe_keys: Collection[str]) -> None:
    """Remove what never happened, and its dedupe keys: somebody wrote it down by mistake, and the caller keeps a record
    of that. Conditions and scores follow. Keys of other interactions stay.
    """
    with transaction.atomic():
        InteractionKey.objects.filter(key__in=dedupe_keys, interaction_id__in=interaction_ids).delete()
        Interaction.objects.filter(pk__in=interaction_ids).delete()
        facts_changed()


REACHED = frozenset({InteractionType.CALL, InteractionType.MEETING, InteractionType.MESSAGE})
"""What a person writes down by hand once they have talked or written to somebody."""


def log_by_hand(
    *, contact_id: int, by: User, type: str, subject: str, details: str = "", occurred_at: datetime | None = None
) -> Interaction:
    """Add what a person did with a contact; what hangs on it hears that it was reached. Raises as log_interaction."""
    with transaction.atomic():
        interaction = log_interaction(
            contact_id=contact_id,
            type=type,
            subject=subject,
            occurred_at=occurred_at,
            source="by hand",
            payload={"details": details},
            by=by,
        )
        if type in REACHED:
            for hanger in hangers():
                hanger.was_reached(contact_id, by=by, at=interaction.occurred_at)
    return interaction


def _first_with(key: str, interaction_id: int) -> int:
    """Claim a dedupe key; the id of the interaction that has it now."""
    InteractionKey.objects.bulk_create([InteractionKey(key=key, interaction_id=interaction_id)], ignore_conflicts=True)
    return InteractionKey.objects.values_list("interaction_id", flat=True).get(key=key)


def _stored(interaction_id: int) -> Interaction:
    found = Interaction.objects.filter(pk=interaction_id).first()
    if found is None:
        raise RecordGone("interaction", interaction_id)
    return found
