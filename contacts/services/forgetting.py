"""What is kept for a while only: deleted records for thirty days, dedupe keys for 180, delivered outbox rows for 30,
mails that were given up and consents that nobody confirmed for 60, sessions until they expire."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from contacts.consent import asking
from contacts.models import ConsentAsked, Contact, Deletable, Entity, InteractionKey, Merge, MergedRows, OutboxEvent
from contacts.services.records import RESTORABLE

KEYS_KEPT = timedelta(days=180)
OF_IMPORTS = "import:"
"""Keys that begin so are kept: a file may be imported again after years."""
OUTBOX_KEPT = timedelta(days=30)
GIVEN_UP_KEPT = timedelta(days=60)
"""As long as what waits for an answer to such a mail: until then it is said there that none went."""
RECORDS_A_CHUNK = 200
ROWS_A_CHUNK = 5000


def forget() -> dict[str, int]:
    """Remove for good what has been kept long enough; how many of each. Chunks of one transaction each, so that it
    can be stopped and run again. Outbox rows that still wait stay, however old.
    """
    now = timezone.now()
    forgotten = {}
    for model in apps.get_models():
        # Every kind that is deleted softly, of whatever app above: rows are removed with all that hangs on them.
        if issubclass(model, Deletable):
            gone = model._default_manager.filter(deleted_at__lt=now - RESTORABLE)
            forgotten[str(model._meta.verbose_name_plural)] = in_chunks(gone, RECORDS_A_CHUNK)
    forgotten["merges"] = _forget_merges(now - RESTORABLE)
    keys = InteractionKey.objects.filter(created_at__lt=now - KEYS_KEPT).exclude(key__startswith=OF_IMPORTS)
    forgotten["interaction keys"] = in_chunks(keys, ROWS_A_CHUNK)
    delivered = OutboxEvent.objects.filter(delivered_at__lt=now - OUTBOX_KEPT)
    given_up = OutboxEvent.objects.filter(delivered_at=None, given_up_at__lt=now - GIVEN_UP_KEPT)
    forgotten["outbox events"] = in_chunks(delivered, ROWS_A_CHUNK) + in_chunks(given_up, ROWS_A_CHUNK)
    # Where the letter was held back that should have gone last, its person has as long to click as anybody.
    unconfirmed = ConsentAsked.objects.filter(asked_at__lt=now - asking.KEPT).exclude(held_at__gte=now - asking.KEPT)
    forgotten["consents nobody confirmed"] = in_chunks(unconfirmed, ROWS_A_CHUNK)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return forgotten


def _forget_merges(before: datetime) -> int:
    """What could be undone no more: who became whom stays known as long as there is somebody to lead to, and no more
    of it than that. How many merges went whole.
    """
    old = Merge.objects.filter(merged_at__lt=before)
    in_chunks(MergedRows.objects.filter(merge__in=old), RECORDS_A_CHUNK)
    old.exclude(before={}, after={}).update(before={}, after={})
    somebody = Contact.objects.filter(pk=OuterRef("survivor_id"))
    return in_chunks(old.filter(~Exists(somebody), entity=Entity.CONTACT), RECORDS_A_CHUNK)


def in_chunks(rows: QuerySet, size: int) -> int:
    """Delete rows in transactions of that many; how many there were. They are locked first: one that somebody saved
    from it just now (a restore, a confirmation on the last day) stays.
    """
    removed = 0
    while True:
        with transaction.atomic():
            locked = rows.order_by("pk").select_for_update(of=("self",))
            chunk = list(locked.values_list("pk", flat=True)[:size])
            rows.model._default_manager.filter(pk__in=chunk).delete()
        removed += len(chunk)
        if len(chunk) < size:
            return removed
