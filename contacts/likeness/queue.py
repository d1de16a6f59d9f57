"""The pairs that wait for somebody to say whether they are one."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.errors import RecordGone
from contacts.models import Contact, DuplicatePair, Likeness, User
from leadcrm.lib.paging import ID, Column, Sort

MOST_ALIKE = Sort("alike", "Most alike", (Column("likeness", int), ID), descending=True)
LAST_DISMISSED = Sort("dismissed", "Last", (Column("dismissed_at", datetime), ID), descending=True)
FEW = 5


def pairs_for(user: User, *, dismissed: bool = False) -> QuerySet[DuplicatePair]:
    """The pairs of which this person may see both, as the sort they are read by has its index."""
    rows = DuplicatePair.objects.filter(
        dismissed_at__isnull=not dismissed, first__deleted_at=None, second__deleted_at=None
    )
    if not user.sees_marketing_only:
        rows = rows.filter(first__marketing_only=False, second__marketing_only=False)
    return rows.select_related("first__account", "second__account", "dismissed_by")


def pairs_of(contact: Contact, user: User) -> list[tuple[Contact, DuplicatePair]]:
    """Who else a contact may be, the likeliest first, a few."""
    rows = pairs_for(user).filter(Q(first=contact) | Q(second=contact)).order_by("-likeness", "-pk")[:FEW]
    return [(pair.second if pair.first_id == contact.pk else pair.first, pair) for pair in rows]


def reasons_in_words(pair: DuplicatePair) -> list[str]:
    """Why, each in a few words."""
    return [str(Likeness(reason).label) for reason in pair.reasons]


def dismiss(pair_id: int, *, by: User) -> DuplicatePair:
    """These two are not the same, and nobody is asked again; said twice, the first one stays. Raises RecordGone."""
    DuplicatePair.objects.filter(pk=pair_id, dismissed_at=None).update(dismissed_at=timezone.now(), dismissed_by=by)
    return _pair(pair_id)


def ask_again(pair_id: int) -> DuplicatePair:
    """Put a dismissed pair back into the queue. Raises RecordGone."""
    DuplicatePair.objects.filter(pk=pair_id).update(dismissed_at=None, dismissed_by=None)
    return _pair(pair_id)


def _pair(pair_id: int) -> DuplicatePair:
    pair = DuplicatePair.objects.select_related("first", "second", "dismissed_by").filter(pk=pair_id).first()
    if pair is None:
        raise RecordGone("pair", pair_id)
    return pair
