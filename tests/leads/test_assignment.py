"""Rules give leads to people: which rule, which person, and what is kept of why."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Role, Territory, User, WorkSettings
from leads.assignment.deciding import Session
from leads.assignment.occasions import AT_ONCE, left_to_the_worker
from leads.assignment.waiting import assign_due
from leads.models import (
    AssignmentDue,
    AssignmentLog,
    AtWork,
    Lead,
    LeadEvent,
    Notice,
    NoticeKind,
    Occasion,
    Strategy,
    Whose,
)
from leads.models.code_lists import CONTACTED, NEW
from leads.services.moves import move_leads
from leads.services.readiness import mark_sales_ready, set_sales_ready
from leads.services.records import NewLead, open_leads
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user, an_account
from tests.leads.assignment_rules import (
    ALWAYS,
    NEVER,
    a_manager,
    a_rule_for,
    a_team,
    away,
    becomes_ready,
    who_sells,
)

pytestmark = pytest.mark.django_db
ABOUT_TRUCKS = {"field": "topic", "op": "contains", "value": "truck"}


def owners(number: int, **more: Any) -> list[User | None]:
    return [becomes_ready(**more).owner for _ in range(number)]


def why(lead: Lead) -> AssignmentLog:
    return lead.assignments.latest("pk")


def codes(lead: Lead) -> list[tuple[int, str]]:
    return [(one[0], one[1]) for one in why(lead).considered]


def test_without_rules_a_ready_lead_waits_for_whoever_takes_it() -> None:
    lead = becomes_ready()

    assert lead.owner is None
    assert not AssignmentLog.objects.exists() and not AssignmentDue.objects.exists()


def test_the_first_rule_that_a_lead_meets_decides() -> None:
    ann, ben, cid = who_sells()
    a_rule_for(ann, name="Paused", active=False)
    a_rule_for(ben, name="Trucks", condition=ABOUT_TRUCKS)
    a_rule_for(cid, name="Rest")

    trucks, rest = becomes_ready(topic="Ten trucks"), becomes_ready(topic="A van")

    assert (trucks.owner, why(trucks).rule_name) == (ben, "Trucks")
    assert (rest.owner, why(rest).rule_name) == (cid, "Rest")
    assert LeadEvent.objects.get(lead=rest, kind="assigned").detail == "To Cid Seller by the rule “Rest”"


def test_in_turn_means_whoever_had_it_longest_ago_and_who_joins_comes_next() -> None:
    ann, ben, cid = who_sells()
    rule = a_rule_for(ann, ben)

    assert owners(3) == [ann, ben, ann]
    rule.people.add(cid)
    assert owners(4) == [cid, ben, ann, cid]


def test_who_has_fewest_open_leads_comes_first_and_nobody_gets_more_than_they_can_take() -> None:
    ann, ben = who_sells(2, capacity=3)
    for _ in range(2):
        a_lead(owner=ann)
    a_rule_for(ann, ben, strategy=Strategy.LOAD)

    assert owners(4) == [ben, ben, ann, ben]
    last = becomes_ready()
    assert (last.owner, why(last).outcome) == (None, "waits")
    assert codes(last) == [(ann.pk, "full"), (ben.pk, "full")]
    assert AssignmentDue.objects.get().lead == last


def test_leads_are_counted_only_of_people_of_whom_a_rule_wants_to_know() -> None:
    ann, ben, cid = who_sells()
    WorkSettings.objects.filter(user=ben).update(capacity=5)
    for one in (ann, ben, cid):
        a_lead(owner=one)
    a_rule_for(ann, ben)

    crew = Session.begun(Occasion.SALES_READY, now=timezone.now()).crew
    assert [crew.people[one.pk].load for one in (ann, ben)] == [0, 1]

    a_rule_for(cid, name="Load", strategy=Strategy.LOAD)
    crew = Session.begun(Occasion.SALES_READY, now=timezone.now()).crew
    assert [crew.people[one.pk].load for one in (ann, ben, cid)] == [0, 1, 1]


def test_the_accounts_owner_comes_first_wherever_they_work_and_else_the_turn() -> None:
    ann, ben, cid = who_sells()
    theirs = an_account(owner=cid)
    a_rule_for(ann, ben, strategy=Strategy.ACCOUNT_OWNER)

    known = becomes_ready(contact=a_contact(account=theirs))
    assert (known.owner, codes(known)) == (cid, [(cid.pk, "account")])
    assert owners(2) == [ann, ben]
    away(cid)
    assert becomes_ready(contact=a_contact(account=theirs)).owner == ann


def test_one_person_gets_it_or_who_stands_in_for_them() -> None:
    ann, ben, _ = who_sells()
    a_rule_for(strategy=Strategy.NAMED, user=ann)
    assert owners(2) == [ann, ann]

    away(ann, substitute=ben)
    lead = becomes_ready()

    assert (lead.owner, codes(lead)) == (ben, [(ann.pk, "away"), (ben.pk, "stands_in"), (ben.pk, "named")])


def test_who_is_away_without_a_substitute_or_no_longer_works_here_is_passed_over() -> None:
    ann, ben, cid = who_sells()
    away(ann)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    a_rule_for(ann, ben, cid)

    lead = becomes_ready()

    assert (lead.owner, codes(lead)) == (cid, [(ann.pk, "away"), (ben.pk, "left"), (cid.pk, "turn")])


def test_whoever_is_at_work_comes_first_or_is_waited_for_or_it_does_not_matter() -> None:
    ann, ben = who_sells(2)
    WorkSettings.objects.filter(user=ann).update(hours=NEVER)
    rule = a_rule_for(ann, ben)

    assert owners(2) == [ben, ben]  # ann's turn all the while, but she is not at work
    WorkSettings.objects.filter(user=ben).update(hours=NEVER)
    assert owners(1) == [ann]
    rule.at_work = AtWork.WAIT
    rule.save()
    waiting = becomes_ready()
    assert (waiting.owner, codes(waiting)) == (None, [(ben.pk, "off"), (ann.pk, "off")])
    WorkSettings.objects.filter(user=ann).update(hours=ALWAYS)
    assert assign_due() == 0  # not yet due
    AssignmentDue.objects.update(due_at=timezone.now())
    assert assign_due() == 1
    waiting.refresh_from_db()
    assert waiting.owner == ann
    assert [each.outcome for each in waiting.assignments.order_by("pk")] == ["waits", "assigned"]
    assert not AssignmentDue.objects.exists()


@pytest.mark.parametrize(
    ("whose", "goes_on"),
    [(Whose.FREE, [False, False]), (Whose.HAND_OVER, [True, False]), (Whose.ALL, [True, True])],
)
def test_leads_that_somebody_has_go_on_as_the_rule_says(whose: Whose, goes_on: list[bool]) -> None:
    ann, caller, seller = who_sells(1)[0], a_user(Role.TELEPROSPECTOR), a_user()
    a_rule_for(ann, whose=whose)

    leads = [becomes_ready(owner=caller), becomes_ready(owner=seller)]

    assert [lead.owner == ann for lead in leads] == goes_on
    assert [why(lead).outcome for lead in leads] == ["assigned" if went else "kept" for went in goes_on]


def test_of_many_at_once_too_those_that_no_rule_hands_over_are_nobodys_and_sales_is_told() -> None:
    ann, caller = who_sells(1)[0], a_user(Role.TELEPROSPECTOR)
    a_rule_for(ann, condition=ABOUT_TRUCKS)
    ids = [a_lead(contact=a_contact(), owner=caller).pk for _ in range(2)]
    ids += [pk.pk for pk in Lead.objects.bulk_create(Lead(topic="truck", process_id=1) for _ in range(AT_ONCE))]
    mark_sales_ready(ids, cause="sales_ready_score", detail="")
    Notice.objects.all().delete()
    Lead.objects.filter(pk=ids[1]).update(topic="A truck")

    while assign_due():
        pass

    assert [Lead.objects.get(pk=pk).owner for pk in ids[:2]] == [None, ann]
    assert Notice.objects.get(to=ann, kind=NoticeKind.IN_QUEUE).lead_ids == [ids[0]]


def test_a_rule_sets_team_territory_priority_and_rating_and_a_team_takes_for_itself() -> None:
    ann = who_sells(1)[0]
    team, south = a_team(ann), Territory.objects.create(name="South")
    a_rule_for(strategy=Strategy.TEAM, team=team, territory=south, priority="high", rating="hot", status_reason_id=2)

    lead = becomes_ready()

    assert (lead.owner, lead.team, lead.territory, lead.priority, lead.rating) == (None, team, south, "high", "hot")
    assert (lead.status_reason_id, why(lead).outcome) == (2, "team")


def test_what_people_said_stays_where_a_rule_gives_a_lead_to_nobody_else() -> None:
    ann, ben = who_sells(2)
    south, north = a_team(ann, name="South"), a_team(ann)
    a_rule_for(ann, team=south, priority="high", rating="hot", status_reason_id=NEW)
    said = a_lead(owner=ben, team=north, priority="low", rating="cold", status_reason_id=CONTACTED)
    silent = a_lead(owner=ben, rating="cold")

    after = [becomes_ready(said), becomes_ready(silent)]

    assert [why(lead).outcome for lead in after] == ["kept", "kept"]
    assert [(one.team, one.priority, one.rating) for one in after] == [(north, "low", "cold"), (south, "high", "cold")]
    assert [one.version - 1 for one in after] == [0, 1]
    assert after[0].status_reason_id == CONTACTED


def test_a_lead_that_waits_is_as_it_was_however_often_it_is_tried_and_who_was_contacted_is_not_new_again() -> None:
    ann = who_sells(1, hours=NEVER)[0]
    a_rule_for(ann, at_work=AtWork.WAIT, team=a_team(ann), rating="hot", status_reason_id=NEW)

    lead = becomes_ready(status_reason_id=CONTACTED)
    assert (why(lead).outcome, lead.version, lead.team, lead.rating) == ("waits", 1, None, "")

    WorkSettings.objects.filter(user=ann).update(hours=ALWAYS)
    AssignmentDue.objects.update(due_at=timezone.now())
    assign_due()
    lead.refresh_from_db()
    assert (lead.owner, lead.rating, lead.status_reason_id) == (ann, "hot", CONTACTED)


def test_members_of_the_team_are_its_people_when_none_are_named() -> None:
    ann, ben = who_sells(2)
    a_rule_for(team=a_team(ann, ben))

    assert owners(2) == [ann, ben]


def test_rules_are_asked_when_a_lead_enters_a_stage_or_is_created() -> None:
    caller, marketer = a_user(Role.TELEPROSPECTOR), a_user(Role.MARKETER)
    a_rule_for(caller, name="To call", occasion=Occasion.STAGE, stage=Stage.TELEPROSPECTING_ACCEPTANCE)
    a_rule_for(marketer, name="New", occasion=Occasion.CREATED)

    new = open_leads([NewLead("Vans", a_contact().pk)])[0]
    assert Lead.objects.get(pk=new.pk).owner is None  # the rest of what came with it may not be written yet
    assert assign_due() == 1
    new.refresh_from_db()
    assert new.owner == marketer
    move_leads([new.pk], Stage.MARKETING_QUALIFICATION, cause="first_score")
    move_leads([new.pk], Stage.TELEPROSPECTING_ACCEPTANCE, cause="person", actor=marketer)
    new.refresh_from_db()
    assert new.owner == caller


def test_a_rule_whose_condition_makes_no_sense_any_more_is_passed_over() -> None:
    ann, ben = who_sells(2)
    a_rule_for(ann, name="Broken", condition={"field": "custom.gone", "op": "is", "value": 1})
    a_rule_for(ben, name="Rest")

    assert owners(1) == [ben]


def test_many_at_once_are_left_to_the_worker_and_shared_out_exactly() -> None:
    people = who_sells(3)
    a_rule_for(*people)
    ids = [a_lead(contact=a_contact()).pk for _ in range(3)]
    ids += [lead.pk for lead in Lead.objects.bulk_create(Lead(topic="x", process_id=1) for _ in range(117))]
    mark_sales_ready(ids, cause="sales_ready_score", detail="")

    assert not Lead.objects.filter(owner__isnull=False).exists()
    while assign_due():
        pass
    assert [Lead.objects.filter(owner=one).count() for one in people] == [40, 40, 40]
    assert AssignmentLog.objects.count() == 120


def test_a_transaction_that_goes_on_to_lock_leads_does_not_take_the_turn() -> None:
    ann = who_sells(1)[0]
    a_rule_for(ann)
    with left_to_the_worker():
        left = becomes_ready()

    assert left.owner is None
    assert becomes_ready().owner == ann
    assign_due()
    left.refresh_from_db()
    assert left.owner == ann


def test_a_person_who_sets_a_lead_ready_finds_it_assigned() -> None:
    ann = who_sells(1)[0]
    a_rule_for(ann)
    lead = a_lead()

    set_sales_ready(lead.pk, by=a_manager(), reason="Asked me")

    lead.refresh_from_db()
    assert (lead.owner, lead.stage) == (ann, Stage.SALES_ACCEPTANCE)
