"""Writing a call down, exactly once, and doing what follows from it: one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.models import InteractionType, User
from contacts.services import records
from contacts.services.interactions import log_interaction
from leads.access import may_call_lead, works_in_sales
from leads.calling.before import State, state_of
from leads.calling.claims import holder_of, must_be_callable, own_turn, release, take_in_hand, wait
from leads.errors import BeingCalled, FieldsMissing, InvalidValues, StageMoveRefused
from leads.models import Call, CallLater, Cause, Lead, Outcome, Status, StatusReason
from leads.models.calling import SPOKEN
from leads.models.code_lists import NO_LONGER_INTERESTED
from leads.orphans.linking import with_contact
from leads.services import telling
from leads.services.closing import assign, close, take_free
from leads.services.contacted import mark_contacted
from leads.services.gates import missing_in, processes_of
from leads.services.moves import move_leads
from leads.services.readiness import locked_lead, set_sales_ready
from leads.services.records import update_lead
from leads.stages import ORDER, Stage

Why = CallLater.Why
LATEST_CALL_BACK = timedelta(days=366)
NEW_NUMBER_DAYS = 30
"""When a lead with a wrong number comes back though nobody has found a better one."""
TRIES_AGAIN = frozenset({Outcome.REACHED, Outcome.VOICEMAIL, Outcome.NO_ANSWER})


@dataclass(frozen=True)
class Said:
    """What a person says came of a call. `key` is that of the page, so that sending it twice writes it down once.

    `call_back_at` goes with Call back; `pass_on`: reached and qualified, for sales now.
    """

    outcome: str
    key: str
    notes: str = ""
    call_back_at: datetime | None = None
    pass_on: bool = False
    came_in: bool = False


def record_call(
    lead_id: int, *, by: User, said: Said, version: int = 0, changes: Mapping[str, Any] | None = None
) -> Call:
    """Write down a call to the contact of a lead in hand, with what was found out (`changes` to the `version` seen).

    A lead without a contact gets one: who is known by what it says, or a new contact of that (leads/orphans/).
    The lead is given back, and waits, is passed to sales or closed as the outcome says. A repeat changes nothing and
    gives the first one's call. Raises RecordGone, LeadIsClosed, ChangedHands, BeingCalled, ChangedMeanwhile,
    FieldsMissing (to pass it on its stage requires more), InvalidValues; then nothing is saved.
    """
    check(said)
    with transaction.atomic():
        own_turn(by)
        done = recorded(lead_id, by=by, said=said)
        if done is not None:
            return done
        if with_contact(lead_id, by=by):
            version += 1  # which that took
        lead = _in_hand(lead_id, by, changes, version)
        before = state_of(lead_id, by)
        call = write_down(lead, by=by, said=said)
        follow(lead, by=by, said=said)
        keep_before(call, before, by)
        release(lead_id, by=by)
    return call


def recorded(lead_id: int, *, by: User, said: Said) -> Call | None:
    """The call that this page has written down already, if it was sent before."""
    return Call.objects.filter(key=key_of(lead_id, by, said)).first()


def save_fields(lead_id: int, *, by: User, version: int, changes: Mapping[str, Any]) -> None:
    """Save what was found out so far; the lead stays in hand. Raises as `record_call` does."""
    with transaction.atomic():
        own_turn(by)
        _in_hand(lead_id, by, changes, version)


def accept_lead(lead_id: int, *, by: User, version: int = 0, changes: Mapping[str, Any] | None = None) -> None:
    """Accept a lead for teleprospecting: it moves on to Teleprospecting qualification, is the person's, and stays in
    hand. Raises as `record_call` does, and StageMoveRefused.
    """
    with transaction.atomic():
        own_turn(by)
        found = records.living(Lead, lead_id)
        seen = version if changes else found.version
        lead = _in_hand(lead_id, by, {**(changes or {}), "teleprospecting_accepted": True}, seen)
        if lead.owner_id is None:
            take_free([lead_id], by=by)
        while lead.stage != Stage.TELEPROSPECTING_QUALIFICATION:
            move_leads([lead_id], _next_stage(lead), actor=by, cause=Cause.PERSON)
            lead.refresh_from_db()


def _next_stage(lead: Lead) -> Stage:
    """The one that follows; after the teleprospecting stages, that of which the machine says why it is not reached."""
    following = lead.stages.following(lead.stage)
    if following is None or following == Stage.SALES_ACCEPTANCE:
        return Stage.TELEPROSPECTING_QUALIFICATION
    return following


def _in_hand(lead_id: int, by: User, changes: Mapping[str, Any] | None, version: int) -> Lead:
    """Save the `changes`; the lead, its row locked, this person's to call and in their hand.

    It is looked at before too, so that who came too late hears who has it, and not only that fields differ. Match
    keys, which an edit may claim, come before leads in the order of locks.
    """
    lead = records.living(Lead, lead_id)
    must_be_callable(lead, by)
    _must_be_free(lead_id, by)
    if changes:
        update_lead(lead_id, version=version, changes=changes, by=by)
    lead = locked_lead(lead_id)
    must_be_callable(lead, by)
    take_in_hand(lead_id, by=by)
    return lead


def _must_be_free(lead_id: int, by: User) -> None:
    held = holder_of(lead_id)
    if held is not None and held.person_id != by.pk:
        raise BeingCalled(lead_id, str(held.person), held.until)


def check(said: Said) -> None:
    """Raise InvalidValues for an outcome that is none, and a call back that is not ahead."""
    if said.outcome not in Outcome.values:
        raise InvalidValues({"outcome": "Say what came of the call."})
    if said.outcome != Outcome.CALL_BACK:
        return
    now = timezone.now()
    if said.call_back_at is None:
        raise InvalidValues({"call_back_at": "Say when to call back."})
    if not now < said.call_back_at <= now + LATEST_CALL_BACK:
        raise InvalidValues({"call_back_at": "Call back at a time to come, within a year."})


def key_of(lead_id: int, by: User, said: Said) -> str:
    """Under which the call is there once: the page's key, by this person about this lead."""
    return f"{by.pk}:{lead_id}:{said.key[:40]}"


def dedupe_key_of(key: str) -> str:
    """Under which the interaction of the call with this key is there once."""
    return f"call:{key}"


def keep_before(call: Call, before: State, by: User) -> None:
    """Keep with a call how its lead was, and is now that all has followed: it can be taken back."""
    call.before = {"before": before, "after": state_of(call.lead_id, by)}
    call.save(update_fields=["before"])


def write_down(lead: Lead, *, by: User, said: Said, key: str = "") -> Call:
    """The interaction and the call. The subject is the outcome, so that scoring models count by it."""
    once = key or key_of(lead.pk, by, said)
    if lead.contact_id is None:
        raise InvalidValues({"contact": "This lead has no contact to call."})
    interaction = log_interaction(
        contact_id=lead.contact_id,
        type=InteractionType.CALL,
        subject=Outcome(said.outcome).label,
        source="calling",
        marketing_context=lead.marketing_context,
        payload={
            "outcome": str(said.outcome),
            "direction": "in" if said.came_in else "out",
            "details": said.notes.replace("\x00", "").strip(),
            "lead": lead.pk,
        },
        dedupe_key=dedupe_key_of(once),
        by=by,
    )
    return Call.objects.create(
        lead=lead,
        person=by,
        outcome=said.outcome,
        came_in=said.came_in,
        passed_on=said.pass_on,
        happened_at=interaction.occurred_at,
        interaction_id=interaction.pk,
        key=once,
    )


def follow(lead: Lead, *, by: User, said: Said) -> None:
    """What follows for the lead, whose row is locked."""
    now = timezone.now()
    CallLater.objects.filter(lead=lead, person=by).delete()
    CallLater.objects.filter(lead=lead, person=None).delete()
    if said.outcome in SPOKEN:
        mark_contacted([lead.pk], by=by, at=now)
    if said.outcome == Outcome.NOT_INTERESTED:
        reason = StatusReason.objects.get(pk=NO_LONGER_INTERESTED)
        close(lead.pk, by=by, status=Status.DISQUALIFIED, reason=reason, note=said.notes or "Said on the phone")
    elif said.pass_on:
        pass_to_sales(lead, by=by, reason=_words("Qualified on the phone", said))
    elif said.outcome == Outcome.CALL_BACK and said.call_back_at is not None:
        wait(lead.pk, why=Why.CALL_BACK, due_at=said.call_back_at, by=by, reason=said.notes)
    elif said.outcome == Outcome.WRONG_NUMBER:
        number = lead.contact.phone_e164 if lead.contact else ""
        due = now + timedelta(days=NEW_NUMBER_DAYS)
        wait(lead.pk, why=Why.WRONG_NUMBER, due_at=due, by=by, number=number)
    elif said.outcome in TRIES_AGAIN:
        due = now + timedelta(minutes=settings.CALL_AGAIN_MINUTES)
        wait(lead.pk, why=Why.TRY_AGAIN, due_at=due, by=by)
        if said.outcome == Outcome.REACHED and lead.owner_id is None:
            take_free([lead.pk], by=by)


def pass_to_sales(lead: Lead, *, by: User, reason: str) -> None:
    """Reached and qualified: sales ready, and nobody's where a teleprospector had it, so that sales finds it.

    Sales ready by hand goes past the stages between; what the present stage requires was found out on the phone.
    Raises FieldsMissing naming it.
    """
    nobodys = lead.accepted_at is None and lead.owner is not None and not works_in_sales(lead.owner)
    if lead.sales_ready:  # by its score, meanwhile
        if nobodys:
            assign([lead.pk], to=None, by=by)
            telling.became_ready([lead.pk], by=by)
        return
    lacking = missing_in([lead], processes_of([lead])).get(lead.pk, [])
    fields = [(field.name, field.label) for field in lacking if field.name != "sales_ready"]
    if fields:
        raise FieldsMissing(lead.pk, Stage.SALES_ACCEPTANCE, lead.stages.name_of(lead.stage), fields)
    if nobodys:
        assign([lead.pk], to=None, by=by)
    set_sales_ready(lead.pk, by=by, reason=reason)


def bring_to_teleprospecting(lead: Lead, *, by: User) -> None:
    """Move an early lead on to the first teleprospecting stage that its process uses, as far as gates let it."""
    first = ORDER.index(Stage.TELEPROSPECTING_ACCEPTANCE)
    while ORDER.index(Stage(lead.stage)) < first:
        following = lead.stages.following(lead.stage)
        if following is None or following == Stage.SALES_ACCEPTANCE:
            return
        try:
            with transaction.atomic():
                move_leads([lead.pk], following, actor=by, cause=Cause.PERSON)
        except StageMoveRefused:
            return
        lead.refresh_from_db()


def may_follow(user: User, lead: Lead) -> bool:
    """Whether what this person says of a call changes the lead, and not only its story."""
    return lead.is_open and may_call_lead(user, lead)


def _words(what: str, said: Said) -> str:
    notes = said.notes.strip()
    return f"{what}: {notes}" if notes else what
