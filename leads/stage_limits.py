"""Leads that stay longer in a stage than their process allows: whoever has them is told, once a visit of the stage.

What is still there after twice that time is told to those who lead its owner's team, or else the managers, once too,
and not before its owner has had as long again: leads that were there before there was a limit are found by the first
sweep, which tells each person once of all of theirs, however many.
A lead whose process has ended, or that is closed or deleted, is not waited for. That it was told stands in the lead's
story, as events since the lead came into the stage: there a sweep sees what another one has done.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from leads.assignment.late import leaders_of, managers_here
from leads.models import Lead, LeadEvent, NoticeKind, Process
from leads.process_stages import StageSettings
from leads.services.events import event
from leads.services.notices import News, notify_each

CHUNK = 1000
FIRST, SECOND = 0, 1
"""How often a lead has been told of in this visit before."""
SWEEPING = 7_251_903
"""The number of the advisory lock under which one at a time sweeps: its statement sees what the one before told."""
TOO_LONG = """
SELECT lead.id FROM leads_lead lead
JOIN jsonb_to_recordset(%(limits)s::jsonb) AS allowed
        (process_id bigint, stage text, since timestamptz, told_before timestamptz)
    ON allowed.process_id = lead.process_id AND allowed.stage = lead.stage AND lead.stage_entered_at < allowed.since
WHERE lead.id > %(after)s AND lead.status = 'open' AND lead.process_state = 'active' AND lead.deleted_at IS NULL
    AND %(step)s = (
        SELECT count(*) FROM leads_leadevent told
        WHERE told.lead_id = lead.id AND told.kind = 'overstayed' AND told.happened_at >= lead.stage_entered_at
    ) AND NOT EXISTS (
        SELECT FROM leads_leadevent told
        WHERE told.lead_id = lead.id AND told.kind = 'overstayed' AND told.happened_at >= lead.stage_entered_at
            AND told.happened_at > allowed.told_before
    )
ORDER BY lead.id LIMIT %(most)s FOR NO KEY UPDATE OF lead SKIP LOCKED
"""


def tell_of_overstayed() -> int:
    """Tell of every lead that is too long in its stage now, a chunk a transaction; how many. Those that somebody works
    on in this moment are told of next time.
    """
    limits = _limits()
    if not limits:
        return 0
    told, began = 0, timezone.now()
    for step in (SECOND, FIRST):
        after = 0
        while some := _tell_some(limits, after, step, began):
            told, after = told + len(some), some[-1]
    return told


def _limits() -> dict[tuple[int, str], StageSettings]:
    """The stages with a limit, by process and stage."""
    return {
        (process.pk, str(one.stage)): one
        for process in Process.objects.all()
        for one in process.stages.all()
        if one.used and one.limit
    }


def _tell_some(limits: Mapping[tuple[int, str], StageSettings], after: int, step: int, began: datetime) -> list[int]:
    """The next leads after this id, in order, once told of."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEPING])
        if not cursor.fetchone()[0]:
            return []
        now = timezone.now()
        rows = [
            {
                "process_id": process,
                "stage": stage,
                "since": (now - one.limit * (step + 1)).isoformat(),
                "told_before": (now - one.limit).isoformat(),
            }
            for (process, stage), one in limits.items()
            if one.limit
        ]
        cursor.execute(TOO_LONG, {"limits": json.dumps(rows), "after": after, "most": CHUNK, "step": step})
        ids = [pk for (pk,) in cursor.fetchall()]
        if ids:
            leads = Lead.objects.filter(pk__in=ids).select_related("owner", "process").order_by("pk")
            _tell(list(leads), now, step, began)
        return ids


def _tell(leads: Sequence[Lead], now: datetime, step: int, began: datetime) -> None:
    """Owners of theirs, the managers of what nobody has, or somebody who left; the second time those who lead. Each in
    one notice a sweep, which began then.
    """
    words = " again, told to those who lead" if step == SECOND else ""
    LeadEvent.objects.bulk_create(
        event(lead.pk, LeadEvent.Kind.OVERSTAYED, None, f"{lead.stages.name_of(lead.stage)}{words}", now)
        for lead in leads
    )
    if step == SECOND:
        above = leaders_of(leads)
        notify_each(NoticeKind.OVERSTAYED, {pk: News(sorted(ids)) for pk, ids in above.items()}, by=None, since=began)
        return
    whose: dict[int, list[int]] = defaultdict(list)
    nobodys = []
    for lead in leads:
        if lead.owner is not None and lead.owner.is_active:
            whose[lead.owner.pk].append(lead.pk)
        else:
            nobodys.append(lead.pk)
    if nobodys:
        for pk in managers_here():
            whose[pk] += nobodys
    notify_each(NoticeKind.OVERSTAYED, {pk: News(sorted(ids)) for pk, ids in whose.items()}, by=None, since=began)
