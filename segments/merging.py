"""Lists kept by hand follow a merged contact; who is in which segment then follows from what is known, as always."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from contacts.merging.rehoming import move_rows
from contacts.merging.seam import Moved
from segments.models import Membership, MembershipChange, Pick, Segment

WHAT = "segments.Pick.contact"
TELL = "SELECT contacts_note_changes('contact', %s::bigint[])"


class PicksOfMerged:
    """As contacts.merging.seam.Mover says. Members are refreshed by the changes, and history is as it happened."""

    models: Collection[str] = frozenset(model._meta.label for model in (Pick, Membership, MembershipChange))
    moves: Collection[str] = frozenset({"segments.Pick"})

    def move(self, *, source: int, target: int, only: Moved | None = None) -> Moved:
        lists = Segment.objects.filter(picks__contact=source).order_by("pk").values("pk")
        list(Segment.objects.filter(pk__in=lists).order_by("pk").select_for_update(no_key=True))
        field = Pick._meta.get_field("contact")
        ids = move_rows(field, source, target, only=None if only is None else only.get(WHAT, ()))
        with connection.cursor() as cursor:
            cursor.execute(TELL, [[source, target]])
        return {WHAT: ids}


PICKS = PicksOfMerged()
