"""Opportunities are won, lost, opened again, and change hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from contacts.models import User
from leads.errors import AlreadyTaken, InvalidValues, ReasonMissing, RecordGone
from leads.models import Competitor, LostReason, Opportunity, OpportunityClose, OpportunityEvent, Task, TaskState
from leads.opportunities import telling
from leads.opportunities.errors import OpportunityIsClosed, OpportunityIsOpen
from leads.opportunities.moves import event, locked, tell, who_closed
from leads.opportunities.stages import OpportunityStage, OpportunityStatus
from leads.services.tasks_of_leads import bring_back_of_opportunities, cancel_of_opportunities

MOST = Decimal(10) ** 13
"""Amounts are smaller than that: the columns hold thirteen digits before the point."""


def win(opportunity_id: int, *, by: User | None, revenue: Decimal, on: date, note: str = "") -> OpportunityClose:
    """Close an open opportunity as won, for `revenue`, on the day `on`, which is not ahead.

    Raises RecordGone, OpportunityIsClosed naming who was first, InvalidValues.
    """
    if not 0 <= revenue < MOST:
        raise InvalidValues({"revenue": "The revenue is an amount of zero or more."})
    record = OpportunityClose(status=OpportunityStatus.WON, actual_revenue=revenue, note=note.strip())
    return _close(opportunity_id, record, by=by, on=on)


def lose(
    opportunity_id: int,
    *,
    by: User | None,
    reason: LostReason,
    on: date,
    competitor: Competitor | None = None,
    note: str = "",
) -> OpportunityClose:
    """Close an open opportunity as lost, why, to whom if to somebody, on the day `on`, which is not ahead.

    Raises RecordGone, OpportunityIsClosed naming who was first, InvalidValues.
    """
    record = OpportunityClose(
        status=OpportunityStatus.LOST, lost_reason=reason, competitor=competitor, note=note.strip()
    )
    return _close(opportunity_id, record, by=by, on=on)


def lose_many(
    ids: Sequence[int],
    *,
    by: User | None,
    reason: LostReason,
    on: date,
    competitor: Competitor | None = None,
    note: str = "",
) -> list[int]:
    """Close those of these that are open as lost, in a handful of statements; their ids. Raises InvalidValues."""
    _must_be_past(on)
    with transaction.atomic():
        rows = [one for one in locked(ids) if one.is_open]
        records = [
            OpportunityClose(
                status=OpportunityStatus.LOST, lost_reason=reason, competitor=competitor, note=note.strip()
            )
            for _ in rows
        ]
        _write_closed(rows, records, by=by, on=on)
    return [one.pk for one in rows]


def _must_be_past(on: date) -> None:
    if on > timezone.localdate():
        raise InvalidValues({"on": "This day is still to come."})


def _close(opportunity_id: int, record: OpportunityClose, *, by: User | None, on: date) -> OpportunityClose:
    _must_be_past(on)
    with transaction.atomic():
        one = _one(opportunity_id)
        if not one.is_open:
            raise OpportunityIsClosed(one.pk, one.status, who_closed(one.pk))
        _write_closed([one], [record], by=by, on=on)
    return record


def _write_closed(
    rows: Sequence[Opportunity], records: Sequence[OpportunityClose], *, by: User | None, on: date
) -> None:
    """Close open opportunities, whose rows are locked, all in one way, each with its record."""
    if not rows:
        return
    now, events = timezone.now(), []
    won = records[0].status == OpportunityStatus.WON
    for one, record in zip(rows, records, strict=True):
        source = one.stage
        if won:
            one.win()
        else:
            one.lose()
        record.opportunity, record.from_stage = one, source
        record.closed_on, record.actor, record.recorded_at = on, by, now
        detail = ": ".join(str(word) for word in (record.lost_reason, record.note) if word)
        kind = OpportunityEvent.Kind.WON if won else OpportunityEvent.Kind.LOST
        events.append(event(one, kind, by, detail, now, source=source, target=one.stage))
    OpportunityClose.objects.bulk_create(records)
    alike = records[0]
    Opportunity.objects.filter(pk__in=[one.pk for one in rows]).update(
        status=alike.status,
        stage=rows[0].stage,
        stage_entered_at=now,
        closed_on=on,
        actual_revenue=alike.actual_revenue,
        lost_reason=alike.lost_reason,
        competitor=alike.competitor or F("competitor"),
        version=F("version") + 1,
        updated_at=now,
    )
    cancel_of_opportunities([one.pk for one in rows], by=by)
    tell(events)
    telling.were_closed(rows, by=by)


def reopen(opportunity_id: int, *, by: User | None, reason: str) -> None:
    """Open a closed opportunity again, in the stage it was closed from. How it was closed stays in its history.

    Raises ReasonMissing, RecordGone, OpportunityIsOpen.
    """
    if not reason.strip():
        raise ReasonMissing("reopen the opportunity")
    now = timezone.now()
    with transaction.atomic():
        one = _one(opportunity_id)
        if one.is_open:
            raise OpportunityIsOpen(one.pk)
        last = one.closes.order_by("-recorded_at", "-pk").first()
        source = one.stage
        one.reopen(OpportunityStage(last.from_stage) if last else OpportunityStage.CLOSE)
        Opportunity.objects.filter(pk=one.pk).update(
            status=one.status,
            stage=one.stage,
            stage_entered_at=now,
            closed_on=None,
            actual_revenue=None,
            lost_reason=None,
            version=F("version") + 1,
            updated_at=now,
        )
        bring_back_of_opportunities([one.pk])
        tell([event(one, OpportunityEvent.Kind.REOPENED, by, reason, now, source=source, target=one.stage)])


def assign_opportunities(ids: Sequence[int], *, to: User | None, by: User | None) -> list[int]:
    """Give open opportunities to `to` (None: to nobody); the ids whose owner changed. Others stay without a word."""
    others = Q(owner__isnull=False) if to is None else Q(owner__isnull=True) | ~Q(owner=to)
    with transaction.atomic():
        rows = Opportunity.objects.alive().open().filter(others, pk__in=ids)
        given = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        now = timezone.now()
        if to is not None:  # what its owner was to do for it is its new owner's to do
            theirs = Task.objects.filter(opportunity__in=given, owner=F("opportunity__owner"), state=TaskState.OPEN)
            Task.objects.filter(pk__in=list(theirs.values_list("pk", flat=True))).update(owner=to, queue="")
        Opportunity.objects.filter(pk__in=[one.pk for one in given]).update(
            owner=to, version=F("version") + 1, updated_at=now
        )
        words = f"To {to}" if to else "To nobody"
        kind = OpportunityEvent.Kind.ASSIGNED
        OpportunityEvent.objects.bulk_create([event(one, kind, by, words, now) for one in given])
        telling.changed_hands([(one, one.owner_id) for one in given], to=to, by=by)
    return [one.pk for one in given]


def take_opportunity(opportunity_id: int, *, by: User) -> None:
    """A person takes an open opportunity that nobody has.

    Raises AlreadyTaken naming whose it is, RecordGone, OpportunityIsClosed.
    """
    with transaction.atomic():
        one = _one(opportunity_id)
        if not one.is_open:
            raise OpportunityIsClosed(one.pk, one.status, who_closed(one.pk))
        if one.owner is not None:
            raise AlreadyTaken(one.pk, str(one.owner), record="opportunity")
        assign_opportunities([one.pk], to=by, by=by)


def _one(opportunity_id: int) -> Opportunity:
    found = locked([opportunity_id])
    if not found:
        raise RecordGone("opportunity", opportunity_id)
    return found[0]
