"""The leads of a process that was changed are looked at again: at once where they are few, else piece by piece, so that
no transaction, and no lock in it, lasts longer than a moment.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from contacts.doorbells import facts_changed
from leadcrm.lib.doorbell import ring_on_commit
from leads.models import Lead, Process, ProcessSweep

SWEEP = "leads.sweep_processes"
SPAN = 20_000
"""So many ids are gone through in one transaction, whosever leads they are; scoring's trigger has the same number."""
# What a gate or a switch may have held: scored in Inquiry, or ticked for the stage that follows.
HELD = """
SELECT contacts_note_changes('lead', ARRAY(
    SELECT id FROM leads_lead
    WHERE id >= %(first)s AND id < %(last)s AND process_id = %(process)s AND stage = ANY(%(stages)s)
        AND status = 'open' AND deleted_at IS NULL AND process_state = 'active'
        AND CASE stage WHEN 'inquiry' THEN score IS NOT NULL
            WHEN 'marketing_qualification' THEN teleprospecting_ready
            WHEN 'teleprospecting_acceptance' THEN teleprospecting_accepted END))
"""
# What scores may still make sales ready.
SCORED = """
SELECT contacts_note_changes('lead', ARRAY(
    SELECT id FROM leads_lead
    WHERE id >= %(first)s AND id < %(last)s AND process_id = %(process)s
        AND status = 'open' AND deleted_at IS NULL AND NOT sales_ready AND score IS NOT NULL))
"""


def look_again(process: Process, stages: Collection[str]) -> None:
    """Queue what may go on in these stages now, or have a worker do so. Within the transaction of the change."""
    first, beyond = _ids()
    if beyond - first <= SPAN:
        _queue(process.pk, sorted(stages), first, beyond)
        facts_changed()
    else:
        ProcessSweep.objects.create(process=process, stages=sorted(stages), next_id=first)
        ring_on_commit(SWEEP)


def sweep_some() -> int:
    """Queue the next piece of the oldest change of a process; how many ids were gone through, 0 when none is left."""
    with transaction.atomic():
        sweep = ProcessSweep.objects.order_by("pk").select_for_update(skip_locked=True, of=("self",)).first()
        if sweep is None:
            return 0
        _, beyond = _ids()
        last = sweep.next_id + SPAN
        _queue(sweep.process_id, sweep.stages, sweep.next_id, last)
        if last >= beyond:
            sweep.delete()
        else:
            sweep.next_id = last
            sweep.save(update_fields=["next_id"])
        facts_changed()
    return SPAN


def _queue(process_id: int, stages: list[str], first: int, last: int) -> None:
    """In the lane of bulk loads, so that it holds up nobody's click."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('leadcrm.bulk', 'on', true)")
        words: dict[str, Any] = {"process": process_id, "stages": stages, "first": first, "last": last}
        cursor.execute(HELD if stages else SCORED, words)
        cursor.execute("SELECT set_config('leadcrm.bulk', '', true)")


def _ids() -> tuple[int, int]:
    """The first id of a lead, and the one after the last."""
    ids = Lead.objects.order_by("pk").values_list("pk", flat=True)
    first = ids.first()
    return (0, 0) if first is None else (first, (ids.last() or first) + 1)
