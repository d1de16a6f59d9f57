"""What segments tell of a contact: which it joined and left, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.urls import reverse

from contacts.models import Contact, User
from contacts.telling import ALL
from contacts.timeline import Entry, Rank, Source, older
from leadcrm.lib.paging import Cursor
from segments.models import MembershipChange

SEGMENTS = "segments"


class TellsOfSegments:
    """As contacts.telling.Teller says. For those who see segments."""

    def kinds(self, user: User) -> Sequence[tuple[str, str]]:
        return [(SEGMENTS, "Segments")] if user.has_perm("segments.view_segment") else []

    def sources(self, contact: Contact, show: str, user: User) -> list[Source]:
        if show not in {ALL, SEGMENTS} or not user.has_perm("segments.view_segment"):
            return []
        return [partial(_changes, contact.pk)]


def _changes(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = MembershipChange.objects.filter(contact=contact_id, segment__deleted_at=None).select_related("segment")
    for row in older(rows, "changed_at", Rank.SEGMENT, cursor)[:size]:
        yield Entry(
            row.changed_at,
            Rank.SEGMENT,
            row.pk,
            "Joined the segment" if row.joined else "Left the segment",
            about=str(row.segment),
            detail=row.get_cause_display(),
            url=reverse("segments:detail", args=[row.segment_id]),
        )


TELLS_OF_SEGMENTS = TellsOfSegments()
