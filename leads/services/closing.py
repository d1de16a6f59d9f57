"""Leads change hands, close and open again, with their match keys in step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import OutboxEvent, User
from contacts.services import records
from leadcrm.lib.errors import DomainError
from leads import match_keys
from leads.access import works_in_sales
from leads.errors import (
    AlreadyTaken,
    ChangedHands,
    InvalidValues,
    LeadIsClosed,
    LeadIsOpen,
    ReasonMissing,
    RecordGone,
)
from leads.models import Lead, LeadEvent, ProcessState, Status, StatusReason
from leads.models.code_lists import CONTACTED, NEW, QUALIFIED
from leads.opportunities.errors import HasOpenOpportunity
from leads.opportunities.of_leads import open_ones_of
from leads.services import telling
from leads.services.events import event
from leads.services.giving import give
from leads.services.moves import CHUNK
from leads.services.outcome import Outcome
from leads.services.readiness import locked_lead
from leads.services.visits import begin_anew


def assign(ids: Sequence[int], *, to: User | None, by: User | None) -> list[int]:
    """Give open leads to `to` (None: to nobody); the ids whose owner changed. Others stay without a word."""
    others = Q(owner__isnull=False) if to is None else Q(owner__isnull=True) | ~Q(owner=to)
    return _give(ids, others, to=to, by=by)


def take(lead_id: int, *, by: User) -> None:
    """A person takes an open lead that nobody has.

    Raises AlreadyTaken naming whose it is, RecordGone, LeadIsClosed.
    """
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        if lead.owner is not None:
            raise AlreadyTaken(lead_id, str(lead.owner))
        take_free([lead_id], by=by)


def take_free(ids: Sequence[int], *, by: User) -> list[int]:
    """A person takes those of the open leads that nobody has; their ids. Others stay without a word, and what waits
    for sales stays for sales.
    """
    for_them = Q() if works_in_sales(by) else Q(sales_ready=False)
    return _give(ids, Q(owner__isnull=True) & for_them, to=by, by=by)


def _give(ids: Sequence[int], which: Q, *, to: User | None, by: User | None) -> list[int]:
    with transaction.atomic():
        leads = Lead.objects.alive().open().filter(which, pk__in=ids)
        locked = leads.select_for_update(no_key=True, of=("self",)).order_by("pk")
        previous = dict(locked.values_list("pk", "owner"))
        give(previous, to=to, by=by)
        facts_changed()
    return list(previous)


def close(lead_id: int, *, by: User | None, status: str, reason: StatusReason | None = None, note: str = "") -> None:
    """Close a lead as qualified or disqualified. Its keys are free: the next interest is a new lead.

    Raises ReasonMissing, RecordGone, LeadIsClosed, InvalidValues, HasOpenOpportunity when one is not to be qualified.
    """
    with transaction.atomic():
        refused = close_leads([lead_id], by=by, status=status, reason=reason, note=note).refused
        if refused:
            raise refused[lead_id]


def close_leads(
    ids: Sequence[int],
    *,
    by: User | None,
    status: str,
    reason: StatusReason | None = None,
    note: str = "",
    may: Callable[[Lead], bool] | None = None,
) -> Outcome:
    """Close many leads for one reason of `status` (qualified ones need none named), and say which were refused, and
    why: those that are gone, closed already, by `may` no longer this person's to close, or to be disqualified while an
    opportunity of theirs is open.

    A chunk is a transaction: what is closed stays closed when a later one fails. Raises ReasonMissing, InvalidValues.
    """
    because = _closing_reason(status, reason)
    words = note.replace("\x00", "").strip()[:300]
    if because.note_required and not words:
        raise InvalidValues({"note": f"“{because}” needs a note."})
    outcome = Outcome()
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        with transaction.atomic():
            outcome.refused |= (refused := _not_to_close(chunk, because.status, may))
            outcome.done += _close([pk for pk in chunk if pk not in refused], because, words, by)
    return outcome


def _closing_reason(status: str, reason: StatusReason | None) -> StatusReason:
    if status not in {Status.QUALIFIED, Status.DISQUALIFIED}:
        raise InvalidValues({"status": "A lead is closed as qualified or disqualified."})
    if reason is None and status == Status.DISQUALIFIED:
        raise ReasonMissing("close the lead")
    because = reason or StatusReason.objects.get(pk=QUALIFIED)
    if because.status != status or because.archived:
        raise InvalidValues({"reason": f"“{because}” is no reason to close a lead as {Status(status).label.lower()}."})
    return because


def _not_to_close(ids: Sequence[int], status: str, may: Callable[[Lead], bool] | None) -> dict[int, DomainError]:
    """Lock these leads; why those that stay as they are do so, by id."""
    locked = Lead.objects.alive().filter(pk__in=ids).select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = {lead.pk: lead for lead in locked}
    refused: dict[int, DomainError] = {pk: RecordGone("lead", pk) for pk in ids if pk not in found}
    promising = open_ones_of(ids) if status == Status.DISQUALIFIED else {}
    for pk, lead in found.items():
        if not lead.is_open:
            refused[pk] = LeadIsClosed(pk)
        elif may is not None and not may(lead):
            refused[pk] = ChangedHands(pk, "Close", str(lead.owner or ""))
        elif pk in promising:
            refused[pk] = HasOpenOpportunity(pk, *promising[pk])
    return refused


def _close(ids: list[int], reason: StatusReason, note: str, by: User | None) -> list[int]:
    if not ids:
        return []
    now = timezone.now()
    Lead.objects.filter(pk__in=ids).update(
        status=reason.status,
        status_reason=reason,
        closed_at=now,
        close_reason=note,
        version=F("version") + 1,
        updated_at=now,
    )
    match_keys.release(ids)
    detail = ": ".join(word for word in (str(reason), note) if word)
    LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind(reason.status), by, detail, now) for pk in ids])
    told = {"status": reason.status, "reason": str(reason), "note": note, "actor_id": by.pk if by else None}
    OutboxEvent.objects.bulk_create(
        OutboxEvent(kind="lead.closed", payload={"lead_id": pk, **told, "closed_at": now.isoformat()}) for pk in ids
    )
    telling.were_closed(ids, status=reason.status, by=by, reason=detail)
    facts_changed()
    return ids


def reopen(lead_id: int, *, by: User | None, reason: str, to: StatusReason | None = None) -> Lead:
    """Open a closed lead again, in the stage it had; it takes the keys that are free. `to` is New, Contacted or
    another reason of being open; without one, Contacted if it ever was.

    Raises ReasonMissing, RecordGone, LeadIsOpen, InvalidValues.
    """
    if not reason.strip():
        raise ReasonMissing("reopen the lead")
    done = reopen_leads([lead_id], by=by, reason=reason, to=to)
    lead: Lead = records.living(Lead, lead_id)
    if not done:
        raise LeadIsOpen(lead_id)
    return lead


def reopen_leads(
    ids: Sequence[int], *, by: User | None, reason: str, anew: bool = False, to: StatusReason | None = None
) -> list[int]:
    """Open closed leads again; the ids of those that were closed, and alive. Each takes the keys that are free.

    `anew`: the person has asked again, so the lead is new, and what sales had accepted before waits for sales once
    more. Raises InvalidValues when `to` is no reason of being open.
    """
    if to is not None and (to.status != Status.OPEN or to.archived):
        raise InvalidValues({"to": f"“{to}” is no reason of being open."})
    with transaction.atomic():
        closed = Lead.objects.alive().exclude(status=Status.OPEN).filter(pk__in=ids)
        match_keys.claim_for(list(closed))
        locked = closed.select_for_update(no_key=True, of=("self",)).order_by("pk")
        done = list(locked.values_list("pk", flat=True))
        if anew:
            Lead.objects.filter(pk__in=done).update(accepted_at=None, accepted_by=None)
        open_again(done, by=by, reason=reason, to=NEW if anew else to.pk if to else None)
        facts_changed()
    return done


def open_again(
    lead_ids: Sequence[int], *, by: User | None, reason: str, to: int | None = None, as_it_was: bool = False
) -> None:
    """Open closed leads, whose rows the caller has locked, in the stage they had, for the status reason `to`; their
    process goes on.

    Time in the stage begins anew (not where closing them is taken back, `as_it_was`), and what waited for sales when
    it was closed does so anew: it has not waited all the while.
    """
    now = timezone.now()
    if not as_it_was:
        begin_anew(lead_ids, by=by, now=now)
    closed = Lead.objects.filter(pk__in=lead_ids)
    waiting = closed.filter(sales_ready=True, accepted_at=None)
    ready = list(waiting.order_by("pk").values_list("pk", flat=True))
    waiting.update(sales_ready_at=now)
    closed.update(
        status=Status.OPEN,
        status_reason_id=to or _contacted_or_new(),
        closed_at=None,
        close_reason="",
        process_state=ProcessState.ACTIVE,
        process_ended_at=None,
        version=F("version") + 1,
        updated_at=now,
    )
    kinds = [(pk, LeadEvent.Kind.REOPENED) for pk in lead_ids] + [(pk, LeadEvent.Kind.SALES_READY) for pk in ready]
    LeadEvent.objects.bulk_create(event(pk, kind, by, reason, now) for pk, kind in kinds)
    if lead_ids:
        telling.were_opened(lead_ids, by=by, reason=reason)
    told = {"reason": reason, "actor_id": by.pk if by else None, "reopened_at": now.isoformat()}
    OutboxEvent.objects.bulk_create(
        OutboxEvent(kind="lead.reopened", payload={"lead_id": pk, **told}) for pk in lead_ids
    )


def _contacted_or_new() -> Case:
    contacted = LeadEvent.objects.counted().filter(lead=OuterRef("pk"), kind=LeadEvent.Kind.CONTACTED)
    return Case(When(Exists(contacted), then=Value(CONTACTED)), default=Value(NEW))
