"""Facts that leave the house: written in the transaction that made them true, if anybody outside wants to hear them.

The database writes what many writers do (contacts made and changed, leads made: triggers in migrations); services tell
the rest here. What nobody wants costs one look at an empty table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from contacts.models import OutboxWish

TELL = """
INSERT INTO contacts_outboxevent (kind, payload)
SELECT %(kind)s, fact FROM unnest(%(facts)s::text[]::jsonb[]) AS fact
WHERE EXISTS (SELECT FROM contacts_outboxwish WHERE kind = %(kind)s)
"""


def tell(kind: str, facts: Sequence[Mapping[str, Any]]) -> None:
    """Write these facts of one kind to the outbox, if anybody wants that kind. One statement."""
    if not facts:
        return
    words = [json.dumps(fact, cls=DjangoJSONEncoder) for fact in facts]
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"kind": kind, "facts": words})


def want(kinds: Iterable[str]) -> None:
    """From now on these kinds are wanted, and no others."""
    wanted = set(kinds)
    with transaction.atomic():
        OutboxWish.objects.exclude(kind__in=wanted).delete()
        OutboxWish.objects.bulk_create([OutboxWish(kind=kind) for kind in sorted(wanted)], ignore_conflicts=True)
