"""Claims: two people never get the same lead. They run out, are held while the page is open, and are given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import User
from leads.access import may_call_lead
from leads.calling.covering import keeps_promise
from leads.calling.queue import is_free_for, next_leads
from leads.errors import BeingCalled, ChangedHands, LeadIsClosed, NotToBeCalled
from leads.models import CallClaim, CallLater, Lead
from leads.orphans.linking import may_be_rung
from leads.services.readiness import locked_lead

TRIED = 60
"""How many of the next leads are looked at in one round: more than people claim in the same moment."""
LOCK_FIRST = """
SELECT lead.id FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, place) JOIN leads_lead lead USING (id)
ORDER BY wanted.place LIMIT 1 FOR NO KEY UPDATE OF lead"""
LOCK_FIRST_FREE = f"{LOCK_FIRST} SKIP LOCKED"
TURN = "SELECT pg_advisory_xact_lock(hashtext('calling'), %s)"


def claim_next(*, by: User) -> int | None:
    """Claim the next lead for a person; the one they have in hand already, if they do. None when none is left.

    Rows that others are claiming are passed over (SKIP LOCKED); when all that is left is locked, by others or because
    a score is being written, it waits for the first. The claim's unique key decides.
    """
    tried: set[int] = set()
    while True:
        with transaction.atomic():
            own_turn(by)
            held = claim_of(by)
            if held is not None:
                return held.lead_id
            wanted = [pk for pk in next_leads(by, most=TRIED + len(tried)) if pk not in tried]
            if not wanted:
                return None
            lead_id = _locked(LOCK_FIRST_FREE, wanted) or _locked(LOCK_FIRST, wanted[:1]) or wanted[0]
            tried.add(lead_id)
            # Asked by a statement of its own, which sees what others committed while this one waited for the row.
            if is_free_for(by, lead_id) and not _asked_not_to_be(lead_id) and _put(lead_id, by):
                return lead_id


def claim(lead_id: int, *, by: User) -> CallClaim:
    """Claim this lead for a call, giving back any other that the person has in hand.

    Raises RecordGone, LeadIsClosed, ChangedHands when it is somebody else's, BeingCalled when somebody has it in hand,
    NotToBeCalled.
    """
    with transaction.atomic():
        own_turn(by)
        lead = locked_lead(lead_id)
        must_be_callable(lead, by)
        if (lead.contact is not None and lead.contact.do_not_call) or _asked_not_to_be(lead_id):
            raise NotToBeCalled(lead_id, lead.whom)
        take_in_hand(lead_id, by=by)
        return CallClaim.objects.get(person=by)


def take_in_hand(lead_id: int, *, by: User) -> None:
    """Within a transaction that has the person's turn: the lead is theirs to call, whatever they had before.

    Raises BeingCalled.
    """
    CallClaim.objects.filter(person=by).exclude(lead=lead_id).delete()
    if not hold(lead_id, by=by) and not _put(lead_id, by):
        other = CallClaim.objects.select_related("person").get(lead=lead_id)
        raise BeingCalled(lead_id, str(other.person), other.until)


def hold(lead_id: int, *, by: User) -> bool:
    """Keep a lead in hand for another while, as its open page asks; False when it is no longer theirs."""
    until = timezone.now() + minutes()
    return bool(CallClaim.objects.filter(lead=lead_id, person=by).update(until=until))


def release(lead_id: int, *, by: User) -> bool:
    """Give a lead back for others to call; whether the person had it in hand."""
    return bool(CallClaim.objects.filter(lead=lead_id, person=by).delete()[0])


def skip(lead_id: int, *, by: User, reason: str = "") -> None:
    """Give a lead back, and see it again only after a while. Others may get it at once."""
    due = timezone.now() + timedelta(minutes=settings.CALL_SKIP_MINUTES)
    with transaction.atomic():
        own_turn(by)
        if release(lead_id, by=by):
            wait(lead_id, person=by, why=CallLater.Why.SKIPPED, due_at=due, by=by, reason=reason)


def wait(
    lead_id: int,
    *,
    why: str,
    due_at: datetime,
    by: User,
    person: User | None = None,
    reason: str = "",
    number: str = "",
) -> None:
    """That a lead is not to be called before `due_at`, by anybody or by `person`; in place of what was said before."""
    said = {"why": why, "due_at": due_at, "reason": reason.strip()[:300], "number": number, "said_by": by}
    CallLater.objects.bulk_create(
        [CallLater(lead_id=lead_id, person=person, **said)],
        update_conflicts=True,
        unique_fields=["lead", "person"],
        update_fields=["why", "due_at", "reason", "number", "said_by"],
    )


def claim_of(user: User) -> CallClaim | None:
    """What a person has in hand: their claim, unless it has run out or its lead is closed or gone."""
    claims = CallClaim.objects.filter(person=user, until__gt=timezone.now())
    return claims.filter(lead__in=Lead.objects.alive().open()).select_related("lead__contact").first()


def holder_of(lead_id: int) -> CallClaim | None:
    """Who has this lead in hand now."""
    return CallClaim.objects.filter(lead=lead_id, until__gt=timezone.now()).select_related("person").first()


def must_be_callable(lead: Lead, user: User) -> None:
    """Raise LeadIsClosed or ChangedHands unless this person may call this lead."""
    if not lead.is_open:
        raise LeadIsClosed(lead.pk)
    if not may_call_lead(user, lead) and not keeps_promise(user, lead, timezone.now()):
        raise ChangedHands(lead.pk, "Call", str(lead.owner or ""))


def _asked_not_to_be(lead_id: int) -> bool:
    """Whether a lead without a contact is about somebody who is known, and asked not to be called."""
    lead = Lead.objects.filter(pk=lead_id, contact=None).first()
    return lead is not None and not may_be_rung(lead)


def own_turn(user: User) -> None:
    """What one person does at the same moment in two windows is done one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(TURN, [user.pk])


def minutes() -> timedelta:
    """How long a claim lasts."""
    return timedelta(minutes=settings.CALL_CLAIM_MINUTES)


def _locked(sql: str, ids: Sequence[int]) -> int | None:
    """The first of these leads, in their order, its row locked."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids)])
        row = cursor.fetchone()
    return row[0] if row else None


def _put(lead_id: int, user: User) -> bool:
    """Write the claim; False when somebody else has one that has not run out."""
    now = timezone.now()
    CallClaim.objects.filter(lead=lead_id, until__lte=now).delete()
    CallClaim.objects.filter(person=user).delete()
    CallClaim.objects.bulk_create(
        [CallClaim(lead_id=lead_id, person=user, claimed_at=now, until=now + minutes())], ignore_conflicts=True
    )
    return CallClaim.objects.filter(lead=lead_id, person=user).exists()
