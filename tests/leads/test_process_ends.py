"""A process is finished, abandoned and reactivated while its lead is open; what is held by a gate goes on by itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Change, OutboxEvent, Role, User
from leads.errors import (
    FinishRefused,
    LeadIsClosed,
    ProcessHasEnded,
    ProcessRuns,
    ReasonMissing,
    StageIsFull,
    StageMoveRefused,
)
from leads.models import Cause, Lead, LeadEvent, Process, ProcessState, Status
from leads.process_bar import boxes, menus, needs, steps
from leads.services.closing import close, reopen
from leads.services.ending import abandon, finish, reactivate
from leads.services.moves import move_leads
from leads.services.readiness import mark_sales_ready, return_to_marketing, set_sales_ready
from leads.services.records import update_lead
from leads.stages import ORDER, Stage
from tests.build import a_contact, a_lead, a_reason, a_recycle_reason, a_user
from tests.threads import at_once

INQUIRY, MARKETING, ACCEPTANCE, CALLING, SALES = ORDER


def a_process(name: str = "Other", **stages: Any) -> Process:
    return Process.objects.create(name=name, stages_stored=stages)


def requiring(*names: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "required": True} for name in names]}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_a_process_is_finished_in_the_last_stage_and_goes_on_when_it_is_reactivated():
    anna, lead = a_user(), a_lead(stage=SALES, sales_ready=True)

    finish(lead.pk, by=anna)

    lead.refresh_from_db()
    assert (lead.process_state, lead.is_open, lead.process_runs) == (ProcessState.FINISHED, True, False)
    assert steps(lead)[4].state == "closed"
    with pytest.raises(ProcessHasEnded, match="finished"):
        abandon(lead.pk, by=anna, reason="No")
    with pytest.raises(StageMoveRefused, match="its process is finished; reactivate it first"):
        move_leads([lead.pk], MARKETING, actor=anna, cause=Cause.PERSON, reason="Back")

    reactivate(lead.pk, by=anna)

    assert Lead.objects.get().process_runs
    assert [event.kind for event in LeadEvent.objects.order_by("pk")] == ["finished", "reactivated"]
    assert [one.kind for one in OutboxEvent.objects.order_by("pk")] == [
        "lead.process_ended",
        "lead.process_reactivated",
    ]
    with pytest.raises(ProcessRuns):
        reactivate(lead.pk, by=anna)


@pytest.mark.django_db
def test_a_process_is_not_finished_before_its_last_stage_nor_without_what_that_requires():
    process = a_process(sales_acceptance={"name": "Handover", **requiring("budget_amount", "owner")})
    early, lacking = a_lead(process=process), a_lead(process=process, stage=SALES, budget_amount=1)

    with pytest.raises(FinishRefused, match="it is finished in Handover"):
        finish(early.pk, by=a_user())
    with pytest.raises(FinishRefused, match="Handover needs Owner first") as told:
        finish(lacking.pk, by=a_user())

    assert told.value.fields == [("owner", "Owner")]
    assert not Lead.objects.exclude(process_state=ProcessState.ACTIVE).exists()


@pytest.mark.django_db
def test_what_is_abandoned_is_moved_by_nothing_until_it_is_reactivated():
    anna, lead = a_user(), a_lead(stage=MARKETING)
    with pytest.raises(ReasonMissing):
        abandon(lead.pk, by=anna, reason=" ")
    abandon(lead.pk, by=anna, reason="Wrong country")

    assert mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand") == []
    with pytest.raises(ProcessHasEnded):
        set_sales_ready(lead.pk, by=anna, reason="Met")
    update_lead(lead.pk, version=Lead.objects.get().version, changes={"teleprospecting_ready": True}, by=anna)

    assert (Lead.objects.get().stage, Lead.objects.get().sales_ready) == (MARKETING, False)
    reactivate(lead.pk, by=anna)
    assert mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand") == [lead.pk]


@pytest.mark.django_db
def test_a_closed_lead_has_no_process_to_end_and_reopening_reactivates_it():
    anna, lead = a_user(), a_lead(stage=SALES)
    abandon(lead.pk, by=anna, reason="Later")
    close(lead.pk, by=anna, status=Status.DISQUALIFIED, reason=a_reason())

    for act in (lambda: finish(lead.pk, by=anna), lambda: reactivate(lead.pk, by=anna)):
        with pytest.raises(LeadIsClosed):
            act()
    reopen(lead.pk, by=anna, reason="They called")

    assert (Lead.objects.get().process_runs, Lead.objects.get().process_ended_at) == (True, None)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_ending_one_process_at_once_the_second_is_told():
    lead, anna, ben = a_lead(stage=SALES), a_user(), a_user()

    results = at_once(lambda: finish(lead.pk, by=anna), lambda: abandon(lead.pk, by=ben, reason="No"))

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "ProcessHasEnded"]
    assert LeadEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_page_finishes_with_a_click_and_names_what_is_missing():
    process = a_process(sales_acceptance=requiring("budget_amount"))
    lead, client = a_lead(process=process, stage=SALES), signed_in(a_user(Role.SALES_MANAGER))

    told = client.post(f"/leads/{lead.pk}/finish/", follow=True)
    assert "Sales acceptance needs Budget first" in told.content.decode()
    Lead.objects.update(budget_amount=5)
    page = client.post(f"/leads/{lead.pk}/finish/", follow=True).content.decode()

    assert "Process finished" in page
    assert "/reactivate/" in page
    assert Lead.objects.get().process_state == ProcessState.FINISHED


@pytest.mark.django_db
@pytest.mark.parametrize("tick", ["ready", "accepted"])
def test_a_box_on_the_bar_is_ticked_and_unticked(tick):
    at, arrives = {"ready": (MARKETING, ACCEPTANCE), "accepted": (ACCEPTANCE, CALLING)}[tick]
    lead, client = a_lead(stage=at), signed_in(a_user(Role.TELEPROSPECTOR))

    client.post(f"/leads/{lead.pk}/teleprospecting-{tick}/")
    assert (Lead.objects.get().stage, getattr(Lead.objects.get(), f"teleprospecting_{tick}")) == (arrives, True)
    client.post(f"/leads/{lead.pk}/teleprospecting-{tick}-not/")

    assert (Lead.objects.get().stage, getattr(Lead.objects.get(), f"teleprospecting_{tick}")) == (arrives, False)


@pytest.mark.django_db
def test_boxes_say_what_is_ticked_and_who_may_turn_them():
    process = a_process(teleprospecting_acceptance={"used": False})
    lead, other = a_lead(process=process, stage=SALES, sales_ready=True), a_user()

    told = boxes(lead, a_user())
    assert [(box.label, box.is_ticked, box.action and box.action.name) for box in told] == [
        ("Teleprospecting accepted", False, "teleprospecting-accepted"),
        ("Sales ready", True, None),  # what is sales ready is cleared by those who qualify
        ("Sales accepted", False, "accept"),
    ]
    lead.owner = other
    assert {box.action for box in boxes(lead, a_user(Role.TELEPROSPECTOR))} == {None}


@pytest.mark.django_db
def test_a_tick_held_by_a_gate_moves_the_lead_when_the_missing_field_is_filled_in():
    lead = a_lead(stage=MARKETING, process=a_process(marketing_qualification=requiring("budget_amount")))
    held = update_lead(lead.pk, version=lead.version, changes={"teleprospecting_ready": True}, by=a_user())
    assert held.stage == MARKETING

    gone_on = update_lead(lead.pk, version=held.version, changes={"budget_amount": 10}, by=a_user())

    assert gone_on.stage == ACCEPTANCE


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"budget_amount": 5}, {"purchase_need": "yes"}, {"decision_maker": "yes"}])
def test_what_people_find_out_is_a_fact_that_scoring_hears_of(change):
    lead = a_lead()
    Change.objects.all().delete()

    Lead.objects.update(**change)
    Lead.objects.update(score=5)

    assert set(Change.objects.values_list("consumer", "subject_id")) >= {("scoring", lead.pk)}
    assert Change.objects.filter(consumer="scoring").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("back_to", "kept"),
    [(INQUIRY, (False, False)), (MARKETING, (False, False)), (ACCEPTANCE, (True, False)), (CALLING, (True, True))],
)
def test_going_back_takes_away_the_ticks_that_would_send_the_lead_on_again(back_to, kept):
    lead = a_lead(stage=SALES, teleprospecting_ready=True, teleprospecting_accepted=True)

    move_leads([lead.pk], back_to, actor=a_user(), cause=Cause.PERSON, reason="Too early")

    stored = Lead.objects.get()
    assert (stored.teleprospecting_ready, stored.teleprospecting_accepted) == kept
    assert update_lead(lead.pk, version=stored.version, changes={"topic": "Fleet"}, by=a_user()).stage == back_to


@pytest.mark.django_db
def test_what_sales_returned_waits_for_a_new_tick():
    lead = a_lead(stage=SALES, sales_ready=True, teleprospecting_ready=True)

    return_to_marketing(lead.pk, by=a_user(), reason=a_recycle_reason())

    assert (Lead.objects.get().stage, Lead.objects.get().teleprospecting_ready) == (MARKETING, False)


@pytest.mark.django_db
def test_a_field_that_is_emptied_later_warns_and_moves_nothing():
    process = a_process(inquiry={"name": "Asked", **requiring("budget_amount")})
    lead = a_lead(process=process, budget_amount=5, stage=MARKETING)

    emptied = update_lead(lead.pk, version=lead.version, changes={"budget_amount": None}, by=a_user())

    assert emptied.stage == MARKETING
    page = signed_in(a_user(Role.SALES_MANAGER)).get(f"/leads/{lead.pk}/").content.decode()
    assert "Asked required what is empty now" in page


@pytest.mark.django_db
def test_what_was_typed_is_saved_though_the_lead_changed_its_process_meanwhile():
    lead, client = a_lead(stage=CALLING), signed_in(a_user(Role.SALES_MANAGER))
    address = f"/leads/{lead.pk}/stage/{CALLING}/"
    form = client.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    update_lead(lead.pk, version=lead.version, changes={"process_id": a_process().pk}, by=a_user())

    answer = client.post(address, sent | {"budget_amount": "900", "purchase_need": "yes"})

    assert answer.status_code == 302
    assert (Lead.objects.get().budget_amount, Lead.objects.get().purchase_need) == (900, "yes")


@pytest.mark.django_db
def test_the_page_says_what_a_lead_needs_to_reach_the_last_stage():
    process = a_process(inquiry=requiring("budget_amount"), teleprospecting_acceptance=requiring("owner", "product"))
    lead = a_lead(process=process, owner=a_user())

    told = needs(lead, menus(lead))

    named = [(menu.stage, [one.field.name for one in missing]) for menu, missing in told]
    assert named == [(INQUIRY, ["budget_amount"]), (ACCEPTANCE, ["product"])]


@pytest.mark.django_db
def test_a_stage_takes_as_many_leads_as_its_process_lets_people_move_there():
    full = {"most": 1, "most_refuses": True}
    process, contact = a_process(marketing_qualification=full), a_contact()
    a_lead(contact, process=process, stage=MARKETING, status=Status.QUALIFIED)
    first, second, third = (a_lead(contact, process=process) for _ in range(3))
    person: dict[str, Any] = {"actor": a_user(), "cause": Cause.PERSON}

    assert move_leads([first.pk, second.pk], MARKETING, **person) == [first.pk]
    with pytest.raises(StageIsFull, match="holds 1 leads"):
        move_leads([second.pk], MARKETING, **person)

    assert move_leads([third.pk], MARKETING, cause=Cause.FIRST_SCORE) == [third.pk]  # machines are not held up
    a_process("Warns", marketing_qualification={"most": 1})
    assert move_leads([a_lead(contact, process=Process.objects.get(name="Warns")).pk], MARKETING, **person)


@pytest.mark.django_db
def test_a_full_stage_takes_no_lead_by_hand_past_the_gates_but_by_its_score():
    process, sam = a_process(sales_acceptance={"most": 1, "most_refuses": True}), a_user()
    Process.objects.filter(is_default=True).update(stages_stored=process.stages_stored)
    there = a_lead(process=process, stage=SALES, sales_ready=True)
    by_hand, by_score = a_lead(process=process), a_lead(process=process)

    with pytest.raises(StageIsFull, match="Sales acceptance holds 1 leads"):
        set_sales_ready(by_hand.pk, by=sam, reason="Met")
    mark_sales_ready([by_score.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand")

    ready = Lead.objects.filter(sales_ready=True, stage=SALES)
    assert set(ready) == {there, by_score}


@pytest.mark.django_db
def test_a_full_stage_refuses_a_tick_but_no_other_edit_of_a_lead_that_is_ticked():
    full = {"most": 1, "most_refuses": True}
    process = a_process(marketing_qualification=requiring("budget_amount"), teleprospecting_acceptance=full)
    a_lead(process=process, stage=ACCEPTANCE)
    lead, ticked = (
        a_lead(process=process, stage=MARKETING, budget_amount=5),
        a_lead(process=process, stage=MARKETING, teleprospecting_ready=True),
    )

    with pytest.raises(StageIsFull, match="holds 1 leads"):
        update_lead(lead.pk, version=lead.version, changes={"teleprospecting_ready": True}, by=a_user())
    kept = update_lead(ticked.pk, version=ticked.version, changes={"budget_amount": 10}, by=a_user())

    lead.refresh_from_db()
    assert (lead.teleprospecting_ready, lead.stage) == (False, MARKETING)
    assert (str(kept.budget_amount), kept.stage) == ("10", MARKETING)


@pytest.mark.django_db(transaction=True)
def test_the_last_place_of_a_stage_is_taken_once():
    process = a_process(marketing_qualification={"most": 2, "most_refuses": True})
    leads = [a_lead(process=process) for _ in range(4)]
    people = [a_user() for _ in leads]

    results = at_once(
        *(
            lambda lead=lead, who=who: move_leads([lead.pk], Stage(MARKETING), actor=who, cause=Cause.PERSON)
            for lead, who in zip(leads, people, strict=True)
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["StageIsFull", "StageIsFull", "list", "list"]
    assert Lead.objects.filter(stage=MARKETING).count() == 2
