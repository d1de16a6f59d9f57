"""A lead goes on in the stage it had: the visit that had ended is kept, and the next one begins now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Least

from contacts.models import User
from leads.models import Cause, Lead, StageChange


def begin_anew(lead_ids: Sequence[int], *, by: User | None, now: datetime) -> None:
    """Leads that the caller has locked, closed or with a process that ended and about to go on: their time in the
    stage begins `now`, and until when they had been there stays on record.
    """
    ended = Least(F("closed_at"), F("process_ended_at"))
    over = Lead.objects.filter(pk__in=lead_ids).annotate(ended=ended).order_by("pk")
    StageChange.objects.bulk_create(
        StageChange(
            lead_id=pk,
            from_stage=stage,
            to_stage=stage,
            cause=Cause.BEGUN_ANEW,
            actor=by,
            entered_at=entered,
            moved_at=until,
        )
        for pk, stage, entered, until in over.values_list("pk", "stage", "stage_entered_at", "ended")
        if until is not None and until > entered
    )
    Lead.objects.filter(pk__in=lead_ids).update(stage_entered_at=now)
