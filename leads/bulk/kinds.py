"""What can be done to many leads at once: who may, which leads refuse and why, and which service does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.access import may_write
from contacts.models import User
from leadcrm.lib.errors import DomainError
from leads import match_keys
from leads.access import may_dispatch, may_move, works_in_sales
from leads.action_forms import following
from leads.editing import may_edit, may_manage
from leads.models import BulkWhat, Cause, Lead, Status, StatusReason
from leads.qualifying.access import may_turn_into_more
from leads.qualifying.bulk import hold_marketing_only, qualify_leads
from leads.services import closing, deleting
from leads.services.editing_many import claim_keys_for, edit_leads
from leads.services.gates import missing_in, processes_of
from leads.services.moves import move_leads
from leads.services.processes import switch_process
from leads.stages import Stage

Wanted = Mapping[str, Any]
CLOSED = "It is closed. Reopen it first."
NOT_YOURS = "It is not yours to change."


@dataclass
class Outcome:
    """The ids that changed, and why others stayed; what was as wanted already is in neither."""

    changed: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """`refuses` says why a record stays as it is, "" when it may be changed. `claim` takes the match keys, or locks
    the contacts, that `run` will need: both come before leads in the order of locks. `minds_edits`: a ticked record
    that somebody edited after the list was opened stays as it is.
    """

    may_start: Callable[[User], bool]
    refuses: Callable[[User, Any, Wanted], str]
    run: Callable[[Sequence[Any], User, Wanted], Outcome]
    claim: Callable[[Sequence[Lead], Wanted], object] | None = None
    minds_edits: bool = False


def _ids(leads: Sequence[Lead]) -> list[int]:
    return [lead.pk for lead in leads]


def _not_free(user: User, lead: Lead, wanted: Wanted) -> str:
    if not lead.is_open:
        return CLOSED
    if lead.owner_id == user.pk:
        return "It is yours already."
    if lead.owner is not None:
        return f"{lead.owner} has it already."
    return "It waits for sales." if lead.sales_ready and not works_in_sales(user) else ""


def _take(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    return Outcome(closing.take_free(_ids(leads), by=by))


def _not_open(user: User, lead: Lead, wanted: Wanted) -> str:
    return "" if lead.is_open else CLOSED


def _assign(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    to = None if wanted["owner"] is None else User.objects.filter(pk=wanted["owner"], is_active=True).first()
    if to is None and wanted["owner"] is not None:
        return Outcome(refused={lead.pk: "Whom it was to be given to is no longer here." for lead in leads})
    return Outcome(closing.assign(_ids(leads), to=to, by=by))


def _switch(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    return Outcome(switch_process(_ids(leads), to=wanted["process"], by=by))


def _not_to_edit(user: User, lead: Lead, wanted: Wanted) -> str:
    return (NOT_YOURS if not may_edit(user, lead) else "") if lead.is_open else CLOSED


def _edit(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    return Outcome(edit_leads(leads, changes=wanted["changes"]))


def _not_to_move(user: User, lead: Lead, wanted: Wanted) -> str:
    return (NOT_YOURS if not may_move(user, lead) else "") if lead.is_open else CLOSED


def _move_on(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    """Each to the stage that follows in its own process; gates name the fields that are missing."""
    outcome = Outcome()
    stages = processes_of(leads)
    lacking = missing_in(leads, stages)
    targets: dict[Stage, list[int]] = {}
    for lead in leads:
        target, mine = following(lead), stages[lead.process_id]
        if target is None:
            outcome.refused[lead.pk] = "It is in the last stage."
        elif target == Stage.SALES_ACCEPTANCE and not lead.sales_ready:
            outcome.refused[lead.pk] = f"It is not sales ready, so it cannot go to {mine.name_of(target)}."
        elif lead.pk in lacking:
            labels = ", ".join(one.label for one in lacking[lead.pk])
            outcome.refused[lead.pk] = f"{mine.name_of(lead.stage)} needs {labels} first."
        else:
            targets.setdefault(target, []).append(lead.pk)
    for target, ids in targets.items():
        # One alone would be told its reason as an exception; here it is one of many.
        try:
            moved = move_leads(ids, target, actor=by, cause=Cause.PERSON)
        except DomainError as error:
            moved, outcome.refused = [], outcome.refused | dict.fromkeys(ids, error.message)
        outcome.changed += moved
        stayed = set(ids) - set(moved) - outcome.refused.keys()
        outcome.refused |= dict.fromkeys(stayed, "Its process does not let it move on now.")
    return outcome


def _close(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    reason = StatusReason.objects.get(pk=wanted["reason"])
    done = closing.close_leads(_ids(leads), by=by, status=Status.DISQUALIFIED, reason=reason, note=wanted["note"])
    return Outcome(done.done, {pk: error.message for pk, error in done.refused.items()})


def _not_to_qualify(user: User, lead: Lead, wanted: Wanted) -> str:
    if not lead.is_open:
        return CLOSED
    if not may_turn_into_more(user, lead):
        return "It is not yours to qualify."
    is_about_nobody = lead.contact_id is None and lead.account_id is None
    return "An opportunity needs an account or a contact." if wanted["opportunities"] and is_about_nobody else ""


def _qualify(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    reason = StatusReason.objects.get(pk=wanted["reason"])
    begin: bool = wanted["opportunities"]
    done = qualify_leads(_ids(leads), by=by, reason=reason, note=wanted["note"], opportunities=begin)
    return Outcome(done.done, {pk: error.message for pk, error in done.refused.items()})


def _not_to_reopen(user: User, lead: Lead, wanted: Wanted) -> str:
    if lead.is_open:
        return "It is open already."
    return "" if may_move(user, lead) else NOT_YOURS


def _reopen(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    return Outcome(closing.reopen_leads(_ids(leads), by=by, reason=wanted["reason"]))


def _delete(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    return Outcome(deleting.delete_leads(_ids(leads), by=by))


def _restore(leads: Sequence[Lead], by: User, wanted: Wanted) -> Outcome:
    back = deleting.restore_leads(_ids(leads), by=by)
    stayed = set(_ids(leads)) - set(back)
    said = "It cannot come back: it is gone too long, its contact is deleted, or another lead has its external id."
    return Outcome(back, dict.fromkeys(stayed, said))


def _never(user: User, lead: Lead, wanted: Wanted) -> str:
    return ""


def _claim(leads: Sequence[Lead], wanted: Wanted) -> object:
    return match_keys.claim_for(leads)


KINDS: dict[str, Kind] = {
    BulkWhat.TAKE: Kind(may_write, _not_free, _take),
    BulkWhat.ASSIGN: Kind(may_dispatch, _not_open, _assign),
    BulkWhat.SWITCH: Kind(may_dispatch, _not_open, _switch),
    BulkWhat.EDIT: Kind(
        may_write,
        _not_to_edit,
        _edit,
        lambda leads, wanted: claim_keys_for(leads, wanted["changes"]),
        minds_edits=True,
    ),
    BulkWhat.MOVE_ON: Kind(may_write, _not_to_move, _move_on),
    BulkWhat.QUALIFY: Kind(
        works_in_sales, _not_to_qualify, _qualify, lambda leads, wanted: hold_marketing_only(_ids(leads))
    ),
    BulkWhat.CLOSE: Kind(may_write, _not_to_move, _close),
    BulkWhat.REOPEN: Kind(may_write, _not_to_reopen, _reopen, _claim),
    BulkWhat.DELETE: Kind(may_manage, _never, _delete),
    BulkWhat.RESTORE: Kind(
        may_manage, _never, _restore, lambda leads, wanted: _claim([one for one in leads if one.is_open], wanted)
    ),
}
