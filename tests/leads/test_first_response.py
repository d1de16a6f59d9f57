"""Somebody must answer a lead by a certain moment; who does not loses it, once, and the team's lead hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import InteractionType, User, WorkSettings
from contacts.services.interactions import log_interaction
from leads.assignment.late import follow_clocks, leaders_of, note_answers
from leads.assignment.occasions import assign
from leads.assignment.responses import stop
from leads.models import AGAIN, AssignmentRule, FirstResponse, Lead, LeadEvent, Notice
from leads.services.closing import close
from leads.services.moves import move_leads
from leads.services.readiness import accept, clear_sales_ready, return_to_marketing
from leads.stages import Stage
from tests.build import a_lead, a_reason, a_recycle_reason, a_user
from tests.leads.assignment_rules import NEVER, a_manager, a_rule_for, a_team, becomes_ready, who_sells

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def a_clock(*people: User, **more: Any) -> Lead:
    """A lead that one of these people must answer within an hour; then their head is told, an hour later it goes on."""
    a_rule_for(*people, **{"response_minutes": 60, "escalate_minutes": 0, "reassign_minutes": 60, **more})
    return becomes_ready()


def later(by: timedelta) -> None:
    """So much time passes for every clock."""
    for clock in FirstResponse.objects.all():
        for name in ("began_at", "escalate_at", "escalate_again_at", "reassign_at", "next_at"):
            if getattr(clock, name):
                setattr(clock, name, getattr(clock, name) - by)
        clock.save()


def events(kind: str) -> int:
    return LeadEvent.objects.filter(kind=kind).count()


def test_the_limit_is_counted_in_the_working_time_of_whoever_got_the_lead_or_plainly() -> None:
    ann, ben = who_sells(2)
    before = timezone.now()
    lead = a_clock(ann, position=5)
    assert lead.respond_by is not None
    assert HOUR <= lead.respond_by - before < HOUR + timedelta(minutes=1)
    tomorrow = timezone.localtime() + timedelta(days=1)
    one_day: list[list[list[int]]] = [[], [], [], [], [], [], []]
    one_day[tomorrow.weekday()] = [[600, 720]]
    WorkSettings.objects.filter(user=ben).update(hours=one_day)

    a_rule_for(ben, name="Ben", position=0, response_minutes=30)
    theirs = becomes_ready()

    assert theirs.respond_by is not None
    expected = tomorrow.replace(hour=10, minute=30, second=0, microsecond=0)
    assert timezone.localtime(theirs.respond_by) == expected


def test_high_and_urgent_leads_have_limits_of_their_own_where_the_rule_says_so() -> None:
    limits: dict[str, Any] = {"response_minutes": 60, "response_minutes_high": 30, "response_working": False}
    a_rule_for(*who_sells(1), **limits)
    now = timezone.now()
    leads = {priority: becomes_ready(priority=priority) for priority in ("low", "normal", "high", "urgent")}
    until = {priority: lead.respond_by for priority, lead in leads.items()}
    minutes = {priority: round((at - now).total_seconds() / 60) for priority, at in until.items() if at}
    assert minutes == {"low": 60, "normal": 60, "high": 30, "urgent": 30}

    AssignmentRule.objects.update(active=False)
    a_rule_for(*who_sells(1), name="Quick", position=0, response_minutes_urgent=5, priority="urgent", **limits)
    given = becomes_ready()
    assert given.respond_by is not None
    assert given.respond_by - timezone.now() <= timedelta(minutes=5)


def test_who_leads_the_team_is_told_first_and_the_managers_the_second_time_once() -> None:
    ann, mona, head = *who_sells(1), a_manager(), a_manager()
    team = a_team(ann, head=head)
    lead = a_clock(ann, team=team, escalate_minutes=0, escalate_again_minutes=30, reassign_minutes=None)
    later(HOUR + timedelta(minutes=1))
    follow_clocks()
    assert told_late(head) == [lead.pk]
    assert told_late(mona) == []

    later(timedelta(minutes=30))
    assert [follow_clocks(), follow_clocks()] == [1, 0]
    assert told_late(mona) == [lead.pk]
    assert events("escalated") == 2


def told_late(user: User) -> list[int]:
    return [pk for notice in Notice.objects.filter(to=user, kind="late") for pk in notice.lead_ids]


def test_accepting_moving_or_talking_answers_it_when_the_owner_does() -> None:
    ann, ben = who_sells(2)
    lead, moved, called = a_clock(ann), becomes_ready(), becomes_ready()
    accept(lead.pk, by=ann)
    move_leads([moved.pk], Stage.MARKETING_QUALIFICATION, cause="person", actor=ann, reason="Not yet")
    assert called.contact_id is not None
    log_interaction(contact_id=called.contact_id, type=InteractionType.CALL, by=ben)
    assert note_answers() == 0
    log_interaction(contact_id=called.contact_id, type=InteractionType.NOTE, by=ann)
    assert note_answers() == 0
    told = log_interaction(contact_id=called.contact_id, type=InteractionType.CALL, by=ann)
    assert (note_answers(), note_answers()) == (1, 0)

    assert Lead.objects.filter(responded_at__isnull=True).count() == 0
    assert Lead.objects.get(pk=called.pk).responded_at == told.occurred_at
    assert not FirstResponse.objects.exists()
    later(5 * HOUR)
    assert follow_clocks() == 0


def test_who_does_not_answer_is_told_on_and_then_loses_it_each_once() -> None:
    ann, ben = who_sells(2)
    lead = a_clock(ann, ben)
    assert lead.owner == ann and follow_clocks() == 0

    later(HOUR)
    assert (follow_clocks(), follow_clocks()) == (1, 0)
    lead.refresh_from_db()
    assert (lead.owner, events("escalated")) == (ann, 1)

    later(HOUR)
    assert (follow_clocks(), follow_clocks()) == (1, 0)
    lead.refresh_from_db()
    assert (lead.owner, events("escalated")) == (ben, 1)
    assert lead.respond_by and lead.respond_by > timezone.now()

    later(5 * HOUR)  # the next one is told on too, and keeps it
    assert (follow_clocks(), follow_clocks()) == (1, 0)
    lead.refresh_from_db()
    assert (lead.owner, events("escalated"), events("assigned")) == (ben, 2, 2)


def test_where_nobody_else_can_take_it_the_owner_keeps_it() -> None:
    ann = who_sells(1)[0]
    lead = a_clock(ann)

    later(5 * HOUR)
    follow_clocks()

    lead.refresh_from_db()
    assert (lead.owner, events("escalated")) == (ann, 1)
    assert FirstResponse.objects.get().next_at is None


def test_returning_or_clearing_a_lead_ends_its_clock_whoever_does_it() -> None:
    ann, manager = who_sells(1)[0], a_manager()
    returned, cleared, back = a_clock(ann), becomes_ready(), becomes_ready()

    return_to_marketing(returned.pk, by=ann, reason=a_recycle_reason())
    clear_sales_ready(cleared.pk, by=manager, reason="A student")
    move_leads([back.pk], Stage.MARKETING_QUALIFICATION, cause="person", actor=manager, reason="Not yet")

    assert not FirstResponse.objects.exists()
    assert Lead.objects.filter(responded_at__isnull=False).count() == 3


def test_a_clock_ends_when_a_rule_without_one_gives_the_lead_to_somebody_else() -> None:
    ann, ben = who_sells(2)
    lead = a_clock(ann)
    a_rule_for(ben, name="No limit", position=0, whose="all")
    AssignmentRule.objects.exclude(name="No limit").update(position=9)

    assign([lead.pk], AGAIN)

    lead.refresh_from_db()
    assert (lead.owner, lead.respond_by) == (ben, None)
    assert not FirstResponse.objects.exists()


def test_the_clock_of_a_team_runs_on_when_the_rules_are_asked_again() -> None:
    ann = who_sells(1)[0]
    lead = a_clock(strategy="team", team=a_team(ann))
    answered, began = becomes_ready(), FirstResponse.objects.get(lead=lead).began_at
    stop([answered.pk], timezone.now())

    assign([lead.pk, answered.pk], AGAIN)

    assert FirstResponse.objects.get().began_at == began
    assert Lead.objects.get(pk=lead.pk).respond_by == lead.respond_by
    assert Lead.objects.get(pk=answered.pk).responded_at is not None


def test_a_lead_that_was_closed_troubles_nobody() -> None:
    ann = who_sells(1)[0]
    lead = a_clock(ann)
    close(lead.pk, by=ann, status="disqualified", reason=a_reason())

    later(5 * HOUR)
    assert follow_clocks() == 0

    assert events("escalated") == 0 and not FirstResponse.objects.exists()


def test_whoever_leads_the_team_hears_of_it_else_the_sales_managers() -> None:
    ann, head, mona = who_sells(1)[0], a_user(), a_manager()
    lead = a_lead(owner=ann, sales_ready=True)
    assert leaders_of([lead]) == {mona.pk: [lead.pk]}
    team = a_team(ann, head=head)
    assert leaders_of([lead]) == {head.pk: [lead.pk]}
    other = a_lead(owner=head, team=team)
    assert leaders_of([lead, other]) == {head.pk: [lead.pk], mona.pk: [other.pk]}


def test_whoever_leads_the_team_hears_nothing_of_a_lead_they_may_not_see() -> None:
    ann, head, mona = who_sells(1)[0], a_user(), a_manager()
    a_team(ann, head=head)
    ready, hidden = a_lead(owner=ann, sales_ready=True), a_lead(owner=ann)

    assert leaders_of([ready, hidden]) == {head.pk: [ready.pk], mona.pk: [hidden.pk]}


def test_who_never_works_is_given_no_limit() -> None:
    ann = who_sells(1, hours=NEVER)[0]

    assert a_clock(ann).respond_by is None


def test_the_list_of_leads_finds_those_that_nobody_answered(client: Client) -> None:
    client.force_login(a_manager())
    ann = who_sells(1)[0]
    late, waiting = a_clock(ann), becomes_ready(topic="Vans")
    Lead.objects.filter(pk=late.pk).update(respond_by=timezone.now() - HOUR, topic="Trucks")

    def found(value: str) -> list[bool]:
        text = client.get(f"/leads/?response={value}").content.decode()
        return [f"/leads/{lead.pk}/" in text for lead in (late, waiting)]

    assert (found("late"), found("waiting")) == ([True, False], [True, True])
