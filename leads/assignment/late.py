"""What happens when nobody answers a lead in time: those who lead the team are told, then somebody else gets it.

Each step of a lead's clock happens once: it is taken under the lock of the lead, and what is done is written with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import InteractionType, Role, TeamMember, User
from leads.access import may_see
from leads.assignment import told
from leads.assignment.deciding import Session, decide
from leads.assignment.turn import take_turn
from leads.assignment.waiting import lock
from leads.assignment.writing import write
from leads.models import AGAIN, FirstResponse, Lead, LeadEvent
from leads.services.events import event

CHUNK = 500
ANSWERS = (InteractionType.CALL, InteractionType.MEETING, InteractionType.MESSAGE)
"""What an owner does with the contact that answers a lead; who did it is in the payload."""
ANSWERED = """
SELECT clock.lead_id, min(done.occurred_at)
FROM leads_firstresponse clock
JOIN leads_lead lead ON lead.id = clock.lead_id
JOIN contacts_interaction done ON done.contact_id = lead.contact_id AND done.occurred_at >= clock.began_at
WHERE lead.status = 'open' AND lead.responded_at IS NULL AND done.type = ANY(%s)
    AND done.payload->>'by_id' = lead.owner_id::text
GROUP BY clock.lead_id ORDER BY clock.lead_id LIMIT %s
"""
# Whoever closed or deleted it has answered, or nobody need.
OVER = """
DELETE FROM leads_firstresponse clock USING leads_lead lead
WHERE lead.id = clock.lead_id AND (lead.status <> 'open' OR lead.deleted_at IS NOT NULL)
"""


def note_answers() -> int:
    """End the clocks of leads whose owner called, met or wrote to the contact, whoever wrote that down; how many."""
    with connection.cursor() as cursor:
        cursor.execute(OVER)
        cursor.execute(ANSWERED, [[str(kind) for kind in ANSWERS], CHUNK])
        moments: dict[int, datetime] = dict(cursor.fetchall())
    if not moments:
        return 0
    with transaction.atomic():
        waiting = Lead.objects.filter(pk__in=moments, responded_at=None).order_by("pk")
        locked = list(waiting.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
        for pk in locked:
            Lead.objects.filter(pk=pk).update(responded_at=moments[pk])
        FirstResponse.objects.filter(lead__in=locked).delete()
    return len(locked)


def follow_clocks() -> int:
    """Take the next step of clocks whose time has come, one chunk; how many were taken up."""
    due = FirstResponse.objects.filter(next_at__lte=timezone.now()).order_by("next_at", "lead")
    lead_ids = sorted(due.values_list("lead", flat=True)[:CHUNK])
    if not lead_ids:
        return 0
    with transaction.atomic():
        now = timezone.now()
        locked = lock(lead_ids)
        clocks = list(FirstResponse.objects.filter(lead__in=locked, next_at__lte=now).select_related("lead"))
        _escalate([each for each in clocks if _is_due(each.escalate_at, each.escalated_at, now)], now)
        _escalate_again([each for each in clocks if _is_due(each.escalate_again_at, each.escalated_again_at, now)], now)
        again = [each for each in clocks if _is_due(each.reassign_at, each.reassigned_at, now)]
        _move_clocks(clocks, again, now)
        if again:
            _reassign(again)
        over = FirstResponse.objects.filter(lead__in=set(lead_ids) - set(locked))
        over.exclude(lead__in=Lead.objects.alive().open().filter(pk__in=lead_ids)).delete()
    return len(clocks)


def _is_due(at: datetime | None, done: datetime | None, now: datetime) -> bool:
    return at is not None and done is None and at <= now


def _move_clocks(clocks: Collection[FirstResponse], again: Collection[FirstResponse], now: datetime) -> None:
    """What was due is done; what comes next is known."""
    for each in clocks:
        if _is_due(each.escalate_at, each.escalated_at, now):
            each.escalated_at = now
        if _is_due(each.escalate_again_at, each.escalated_again_at, now):
            each.escalated_again_at = now
        if each in again:
            each.reassigned_at = now
        left = [
            at
            for at, done in (
                (each.escalate_at, each.escalated_at),
                (each.escalate_again_at, each.escalated_again_at),
                (each.reassign_at, each.reassigned_at),
            )
            if at is not None and done is None
        ]
        each.next_at = min(left, default=None)
    FirstResponse.objects.bulk_update(clocks, ["escalated_at", "escalated_again_at", "reassigned_at", "next_at"])


def _escalate(clocks: Collection[FirstResponse], now: datetime) -> None:
    """Tell whoever leads the lead's team, or its owner's; where nobody does, the sales managers."""
    if not clocks:
        return
    LeadEvent.objects.bulk_create(
        event(each.lead_id, LeadEvent.Kind.ESCALATED, None, "No first response in time", now) for each in clocks
    )
    tell_late([each.lead for each in clocks])


def _escalate_again(clocks: Collection[FirstResponse], now: datetime) -> None:
    """Tell the sales managers, whoever was told before."""
    if not clocks:
        return
    words = "Still no first response, the managers are told"
    LeadEvent.objects.bulk_create(event(each.lead_id, LeadEvent.Kind.ESCALATED, None, words, now) for each in clocks)
    told.late(sorted(each.lead_id for each in clocks), to=managers_here())


def tell_late(leads: Collection[Lead]) -> None:
    """One notice a person, however many leads."""
    for user_id, ids in sorted(leaders_of(leads).items()):
        told.late(sorted(ids), to=[user_id])


def leaders_of(leads: Collection[Lead]) -> dict[int, list[int]]:
    """Whom each lead that goes wrong is told: by person, the ids of the leads. Never somebody who may not see it."""
    leaders: dict[int, set[User]] = defaultdict(set)
    teams_of: dict[int, set[int]] = defaultdict(set)
    owners = {lead.owner_id for lead in leads if lead.owner_id is not None}
    for team, user in TeamMember.objects.filter(user__in=owners).values_list("team", "user"):
        teams_of[user].add(team)
    wanted = {lead.team_id for lead in leads} | {team for teams in teams_of.values() for team in teams}
    heads = TeamMember.objects.filter(team__in=wanted, leads_team=True, user__is_active=True)
    for row in heads.select_related("user"):
        leaders[row.team_id].add(row.user)
    managers: set[int] | None = None
    by_person: dict[int, list[int]] = defaultdict(list)
    for lead in leads:
        teams = {lead.team_id} if lead.team_id else teams_of.get(lead.owner_id or 0, set())
        told_of_it = {user for team in teams for user in leaders.get(team, ()) if may_see(user, lead)}
        people = {user.pk for user in told_of_it} - {lead.owner_id}
        if not people:
            if managers is None:
                managers = set(managers_here())
            people = managers
        for user in people:
            by_person[user].append(lead.pk)
    return by_person


def managers_here() -> list[int]:
    """The sales managers, or else the administrators, who work here."""
    active = User.objects.filter(is_active=True).order_by("pk")
    return list(active.filter(role=Role.SALES_MANAGER).values_list("pk", flat=True)) or list(
        active.filter(role=Role.ADMINISTRATOR).values_list("pk", flat=True)
    )


def _reassign(clocks: Collection[FirstResponse]) -> None:
    """Somebody else gets the leads, by the same rules. Where nobody else can, they stay with whom they are."""
    take_turn()
    session = Session.begun(AGAIN, now=timezone.now())
    without = {each.lead_id: each.lead.owner_id for each in clocks}
    decisions = decide(list(without), session, without=without)
    write([each for each in decisions if each.changes_owner], session, occasion=AGAIN, reassigned=True)
