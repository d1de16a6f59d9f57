"""move_leads: the machine, the lock and the CHECK guard every move; every move leaves a StageChange."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import OutboxEvent
from leads.errors import ReasonMissing, RecordGone, StageMoveRefused
from leads.models import Cause, Lead, Process, StageChange, Status
from leads.services.moves import move_leads
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user
from tests.threads import at_once


def stage_of(lead: Lead) -> str:
    return str(Lead.objects.values_list("stage", flat=True).get(pk=lead.pk))


@pytest.mark.django_db
def test_a_move_leaves_history_and_an_outbox_event():
    lead, anna = a_lead(), a_user(username="anna")
    entered = lead.stage_entered_at

    moved = move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, actor=anna, cause=Cause.PERSON, reason="Good fit")

    lead.refresh_from_db()
    assert moved == [lead.pk]
    assert lead.stage == Stage.MARKETING_QUALIFICATION
    change = StageChange.objects.get()
    assert (change.lead_id, change.from_stage, change.to_stage) == (lead.pk, "inquiry", "marketing_qualification")
    assert (change.actor, change.cause, change.reason) == (anna, Cause.PERSON, "Good fit")
    assert change.entered_at == entered
    assert change.moved_at == lead.stage_entered_at > entered
    event = OutboxEvent.objects.get()
    assert event.kind == "lead.moved"
    assert event.payload["lead_id"] == lead.pk
    assert event.payload["to"] == "marketing_qualification"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "to", "more", "reason"),
    [
        (Stage.INQUIRY, Stage.TELEPROSPECTING_ACCEPTANCE, {}, "after Inquiry comes"),
        (Stage.INQUIRY, Stage.SALES_ACCEPTANCE, {}, "not sales ready"),
        (Stage.INQUIRY, Stage.INQUIRY, {}, "there already"),
        (Stage.INQUIRY, Stage.MARKETING_QUALIFICATION, {"status": Status.QUALIFIED}, "closed"),
        (Stage.SALES_ACCEPTANCE, Stage.INQUIRY, {"status": Status.DISQUALIFIED}, "closed"),
    ],
)
def test_a_person_is_told_why_a_lead_cannot_move(at, to, more, reason):
    lead = a_lead(stage=at, **more)

    with pytest.raises(StageMoveRefused, match=reason) as refused:
        move_leads([lead.pk], to, actor=a_user(), cause=Cause.PERSON, reason="Because")

    assert (refused.value.lead_id, refused.value.target) == (lead.pk, to)
    assert stage_of(lead) == at
    assert not StageChange.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_a_person_sends_a_lead_back_with_a_reason():
    lead = a_lead(stage=Stage.TELEPROSPECTING_QUALIFICATION)

    with pytest.raises(ReasonMissing):
        move_leads([lead.pk], Stage.INQUIRY, actor=a_user(), cause=Cause.PERSON, reason=" ")
    assert stage_of(lead) == Stage.TELEPROSPECTING_QUALIFICATION

    assert move_leads([lead.pk], Stage.INQUIRY, actor=a_user(), cause=Cause.PERSON, reason="Too early") == [lead.pk]
    assert stage_of(lead) == Stage.INQUIRY


@pytest.mark.django_db
def test_a_deleted_lead_or_one_of_a_deleted_contact_does_not_move():
    lead = a_lead(deleted_at=timezone.now())
    other = a_lead(a_contact(deleted_at=timezone.now()))

    for gone in (lead, other):
        with pytest.raises(RecordGone):
            move_leads([gone.pk], Stage.MARKETING_QUALIFICATION, actor=a_user(), cause=Cause.PERSON)
    assert move_leads([lead.pk, other.pk], Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE) == []


@pytest.mark.django_db
def test_automation_skips_what_cannot_move_and_never_goes_back_or_touches_a_closed_lead():
    contact = a_contact()
    new, later = a_lead(contact), a_lead(contact, stage=Stage.SALES_ACCEPTANCE)
    closed = a_lead(contact, status=Status.DISQUALIFIED)

    moved = move_leads(
        [later.pk, closed.pk, new.pk, 10**9], Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE, reason="Scored"
    )

    assert moved == [new.pk]
    assert stage_of(later) == Stage.SALES_ACCEPTANCE
    assert stage_of(closed) == Stage.INQUIRY
    assert [change.lead_id for change in StageChange.objects.all()] == [new.pk]


@pytest.mark.django_db
def test_sales_ready_skips_to_sales_acceptance():
    lead = a_lead(sales_ready=True)

    move_leads([lead.pk], Stage.SALES_ACCEPTANCE, cause=Cause.SALES_READY_BY_SCORE)

    assert stage_of(lead) == Stage.SALES_ACCEPTANCE


@pytest.mark.django_db
def test_a_thousand_leads_cost_as_many_statements_as_one(django_assert_num_queries):
    contact, process = a_contact(), Process.objects.get(is_default=True)
    leads = Lead.objects.bulk_create([Lead(contact=contact, topic="Many", process=process) for _ in range(1000)])

    for ids in ([leads[0].pk], [lead.pk for lead in leads[1:]]):
        with django_assert_num_queries(8):  # savepoint, lock, processes, update, history, outbox, rules, release
            move_leads(ids, Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE)

    assert StageChange.objects.count() == 1000


@pytest.mark.django_db
def test_the_database_refuses_a_stage_that_is_none():
    lead = a_lead()

    with pytest.raises(IntegrityError, match="stage_is_known"), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(stage="winning")


@pytest.mark.django_db(transaction=True)
def test_of_two_people_moving_one_lead_at_once_one_wins_and_the_other_is_told():
    lead, anna, ben = a_lead(), a_user(), a_user()

    results = at_once(
        *(
            lambda person=person: move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, actor=person, cause=Cause.PERSON)
            for person in (anna, ben)
        )
    )

    won = [result for result in results if result == [lead.pk]]
    told = [result for result in results if isinstance(result, StageMoveRefused)]
    assert (len(won), len(told)) == (1, 1)
    assert StageChange.objects.count() == 1
    assert OutboxEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_movers_of_many_leads_in_any_order_do_not_deadlock():
    contact = a_contact()
    ids = [a_lead(contact).pk for _ in range(30)]

    results = at_once(
        *(
            lambda turn=turn: move_leads(
                ids[turn:] + ids[:turn], Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE
            )
            for turn in range(6)
        )
    )

    assert sorted(len(result) for result in results) == [0, 0, 0, 0, 0, 30]  # type: ignore[arg-type]
    assert StageChange.objects.count() == 30
