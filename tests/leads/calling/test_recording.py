"""A call is written down once, does to the lead what its outcome says, and conditions and scores can ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact, ContactMatchingStrategy, Interaction, Role, User
from contacts.services.contacts import create_contact
from leads.calling.claims import claim, claim_next, claim_of
from leads.calling.incoming import begins_with, log_incoming, who_calls
from leads.calling.queue import next_call_back
from leads.calling.recording import Said, accept_lead, record_call
from leads.calling.tally import callers, today_of
from leads.conditions import compile_condition, lead_vocabulary, parse
from leads.errors import BeingCalled, ChangedHands, ChangedMeanwhile, FieldsMissing, InvalidValues, LeadIsClosed
from leads.models import Call, CallClaim, CallLater, Lead, LeadEvent, Notice, Process, StageChange
from leads.services.closing import close
from leads.stages import Stage
from tests.build import a_campaign, a_contact, a_context, a_lead, a_model, a_reason, a_rule, a_user
from tests.scoring.helpers import live, work
from tests.threads import at_once

CALLED, QUALIFYING = Stage.TELEPROSPECTING_ACCEPTANCE, Stage.TELEPROSPECTING_QUALIFICATION
NINE = "111111"


def a_caller(**more: Any) -> User:
    return a_user(Role.TELEPROSPECTOR, **more)


def to_call(stage: str = CALLED, **more: Any) -> Lead:
    return a_lead(stage=stage, **more)


def said(outcome: str, key: str = NINE, **more: Any) -> Said:
    return Said(outcome=outcome, key=key, **more)


@pytest.mark.django_db
def test_a_call_is_an_interaction_of_the_leads_campaign_told_once_however_often_it_is_sent():
    theo, campaign = a_caller(first_name="Theo"), a_campaign()
    lead = to_call(marketing_context=a_context(campaign=campaign))
    claim_next(by=theo)

    first = record_call(lead.pk, by=theo, said=said("voicemail", notes="Left my number"))
    again = record_call(lead.pk, by=theo, said=said("reached", notes="Another text"))

    [told] = Interaction.objects.all()
    assert first == again
    assert (told.type, told.subject, told.campaign) == ("call", "Voicemail", campaign)
    assert told.payload["outcome"] == "voicemail"
    assert (told.payload["details"], told.payload["by"]) == ("Left my number", "Theo")
    assert (claim_of(theo), claim_next(by=theo)) == (None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "why", "owned"),
    [
        ("voicemail", "try_again", False),
        ("no_answer", "try_again", False),
        ("reached", "try_again", True),
        ("wrong_number", "wrong_number", False),
        ("call_back", "call_back", False),
    ],
)
def test_what_does_not_settle_a_lead_brings_it_back_later(outcome: str, why: str, owned: bool):
    theo, soon = a_caller(), timezone.now() + timedelta(hours=1)
    lead = to_call(contact=a_contact(phone_e164="+493012345"))

    record_call(lead.pk, by=theo, said=said(outcome, call_back_at=soon, notes="Ask for Nina"))

    later = CallLater.objects.get()
    assert (later.why, later.person, later.due_at > timezone.now()) == (why, None, True)
    assert Lead.objects.get().owner == (theo if owned else None)
    assert claim_next(by=theo) is None
    promised = next_call_back(a_caller())
    assert (promised.due_at if promised else None) == (soon if outcome == "call_back" else None)
    Contact.objects.update(phone_e164="+493099999")
    assert claim_next(by=theo) == (lead.pk if outcome == "wrong_number" else None)


@pytest.mark.django_db
def test_who_is_not_interested_is_disqualified_with_the_notes_as_reason():
    theo = a_caller()
    lead = to_call()
    record_call(lead.pk, by=theo, said=said("not_interested", notes="Has a supplier"))

    stored = Lead.objects.get()
    assert (stored.status, stored.status_words, stored.close_reason) == (
        "disqualified",
        "No longer interested",
        "Has a supplier",
    )
    assert not CallLater.objects.exists()


@pytest.mark.django_db
def test_who_is_qualified_is_passed_to_sales_past_the_stages_between_and_is_nobodys():
    theo = a_caller()
    lead = to_call(owner=theo)

    record_call(lead.pk, by=theo, said=said("reached", pass_on=True), version=1, changes={"budget_amount": 900})

    stored = Lead.objects.get()
    assert (stored.stage, stored.sales_ready, stored.owner, stored.budget_amount) == (
        *(Stage.SALES_ACCEPTANCE, True, None),
        900,
    )
    assert StageChange.objects.get().actor == theo
    assert (today_of(theo).calls, today_of(theo).spoken, today_of(theo).passed_on) == (1, 1, 1)


@pytest.mark.django_db
def test_what_its_score_made_ready_meanwhile_is_nobodys_too_once_it_is_passed_on():
    theo, sam = a_caller(), a_user()
    lead = to_call(owner=theo, sales_ready=True)

    record_call(lead.pk, by=theo, said=said("reached", pass_on=True))

    assert Lead.objects.get().owner is None
    assert Notice.objects.get(kind="in_queue").to == sam


def needing(**more: Any) -> Process:
    stages = {CALLED.value: {"fields": [{"name": name, "required": True} for name in ("budget_amount", "sales_ready")]}}
    return Process.objects.create(name="Strict", stages_stored=stages, **more)


@pytest.mark.django_db
def test_passing_on_names_what_the_stage_still_needs_and_writes_nothing():
    theo = a_caller()
    lead = to_call(process=needing())

    with pytest.raises(FieldsMissing, match="needs Budget first"):
        record_call(lead.pk, by=theo, said=said("reached", pass_on=True), version=1, changes={"description": "x"})

    assert (Interaction.objects.count(), Call.objects.count(), Lead.objects.get().description) == (0, 0, "")
    record_call(lead.pk, by=theo, said=said("reached", pass_on=True), version=1, changes={"budget_amount": 0})
    assert Lead.objects.get().sales_ready


@pytest.mark.django_db
def test_accepting_moves_on_with_what_was_found_out_and_keeps_the_lead_in_hand():
    theo = a_caller()
    lead = to_call(stage=Stage.MARKETING_QUALIFICATION, teleprospecting_ready=True)
    claim_next(by=theo)

    accept_lead(lead.pk, by=theo, version=1, changes={"description": "Knows us"})

    stored = Lead.objects.get()
    assert (stored.stage, stored.owner, stored.teleprospecting_accepted) == (QUALIFYING, theo, True)
    assert stored.description == "Knows us"
    assert CallClaim.objects.get().lead_id == lead.pk
    accept_lead(lead.pk, by=theo)
    assert StageChange.objects.count() == 2


@pytest.mark.django_db
def test_who_comes_too_late_is_told_who_has_it_and_nothing_is_written():
    theo, otto = a_caller(), a_caller(first_name="Otto")
    lead = to_call()
    claim_next(by=theo)
    CallClaim.objects.update(until=timezone.now())
    claim(lead.pk, by=otto)

    with pytest.raises(BeingCalled, match="Otto has this lead in hand"):
        record_call(lead.pk, by=theo, said=said("voicemail"), version=1, changes={"description": "x"})
    record_call(lead.pk, by=otto, said=said("voicemail"))
    Lead.objects.update(owner=otto)
    with pytest.raises(ChangedHands, match="Otto has this lead now"):
        record_call(lead.pk, by=theo, said=said("voicemail"))
    Lead.objects.update(owner=None)
    close(lead.pk, by=otto, status="disqualified", reason=a_reason(), note="Student")
    with pytest.raises(LeadIsClosed):
        record_call(lead.pk, by=theo, said=said("voicemail"))
    assert (Call.objects.count(), Lead.objects.get().description) == (1, "")


@pytest.mark.django_db
def test_a_claim_that_ran_out_and_nobody_took_does_not_matter():
    theo = a_caller()
    lead = to_call()
    claim_next(by=theo)
    CallClaim.objects.update(until=timezone.now() - timedelta(hours=1))

    assert record_call(lead.pk, by=theo, said=said("no_answer")).lead == lead


@pytest.mark.django_db
@pytest.mark.parametrize("moment", [None, timedelta(minutes=-1), timedelta(days=400)])
def test_a_call_back_needs_a_time_to_come(moment: timedelta | None):
    lead = to_call()
    when = timezone.now() + moment if moment else None
    with pytest.raises(InvalidValues):
        record_call(lead.pk, by=a_caller(), said=said("call_back", call_back_at=when))
    with pytest.raises(InvalidValues):
        record_call(lead.pk, by=a_caller(), said=said("nonsense"))


@pytest.mark.django_db
def test_what_others_saved_meanwhile_is_not_overwritten():
    lead = to_call()
    Lead.objects.update(version=2)
    with pytest.raises(ChangedMeanwhile):
        record_call(lead.pk, by=a_caller(), said=said("voicemail"), version=1, changes={"description": "x"})
    assert not Call.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_and_two_people_at_once_leave_one_call_each_and_one_outcome():
    theo, otto, lead = a_caller(), a_caller(), to_call()

    twice = at_once(*[lambda: record_call(lead.pk, by=theo, said=said("not_interested"))] * 4)
    assert {one.pk for one in twice if isinstance(one, Call)} == {Call.objects.get().pk}
    assert LeadEvent.objects.filter(kind="disqualified").count() == Interaction.objects.count() == 1

    second = to_call()
    both = at_once(
        *(lambda one=one: record_call(second.pk, by=one, said=said("not_interested")) for one in (theo, otto))
    )
    assert sorted(isinstance(one, LeadIsClosed) for one in both) == [False, True]
    assert LeadEvent.objects.filter(kind="disqualified", lead=second).count() == 1


@pytest.mark.django_db
def test_the_outcome_can_be_asked_for_and_counts_in_scores():
    theo, vocabulary = a_caller(), lead_vocabulary()
    model = a_model(threshold=10)
    a_rule(model, 7, "Reached", interaction_type="call", subject_contains="Reached")
    a_rule(model, -3, "Not interested", interaction_type="call", subject_contains="Not interested")
    live(model)
    reached, missed = to_call(), to_call()
    record_call(reached.pk, by=theo, said=said("reached"))
    record_call(missed.pk, by=theo, said=said("voicemail"))
    work()

    where = {"field": "outcome", "op": "is_one_of", "value": ["reached", "call_back"]}
    asked = parse({"did": "call", "where": where}, vocabulary)
    found = Lead.objects.filter(compile_condition(asked, vocabulary, now=timezone.now()))
    assert list(found) == [reached]
    assert dict(Lead.objects.values_list("pk", "score")) == {reached.pk: 7, missed.pk: 0}


@pytest.mark.django_db
def test_a_call_that_comes_in_finds_who_it_is():
    theo = a_caller()
    nina = a_contact("Nina", "Lind", phone_e164="+14155550100", phone="415 555 0100")
    a_contact("Hidden", "Lind", marketing_only=True)
    lead = to_call(contact=nina)
    a_lead(contact=nina, status="disqualified")

    for words in ("+1 (415) 555-0100", "nina lind"):
        [known] = who_calls(words, theo)
        assert (known.contact, known.leads) == (nina, [lead])
    assert who_calls("", theo) == who_calls("+49 30 1234567", theo) == []
    assert begins_with("+49 30 1234567") == {"phone": "+49 30 1234567"}
    assert begins_with("a@b.example") == {"email": "a@b.example"}
    assert begins_with("Nina van Lind") == {"first_name": "Nina", "last_name": "van Lind"}


@pytest.mark.django_db
def test_somebody_new_who_calls_in_is_made_once_and_goes_to_teleprospecting():
    theo = a_caller()
    person = {"last_name": "Lind", "email": "nina@lind.example"}

    first = log_incoming(by=theo, said=said("reached", came_in=True), person=person, lead={"topic": "Fleet"})
    again = log_incoming(by=theo, said=said("reached", came_in=True), person=person, lead={"topic": "Fleet"})
    other = log_incoming(by=theo, said=said("reached", "22", came_in=True), person=person, lead={"topic": "Cold chain"})

    assert (first, Contact.objects.count(), Lead.objects.count()) == (again, 1, 2)
    assert (first.lead.owner, first.lead.stage, first.came_in) == (theo, CALLED, True)
    assert other.lead.contact == first.lead.contact
    assert [one.payload["direction"] for one in Interaction.objects.all()] == ["in", "in"]
    with pytest.raises(InvalidValues):
        log_incoming(by=theo, said=said("reached", "3"), person={}, lead={"topic": "x"})


@pytest.mark.django_db
def test_who_calls_in_is_matched_as_everybody_is():
    ContactMatchingStrategy.objects.update(is_default=False)
    ContactMatchingStrategy.objects.create(name="By number", attributes=["phone"], is_default=True)
    nina = create_contact(first_name="Nina", phone="+49 30 1234567")

    call = log_incoming(
        by=a_caller(), said=said("reached"), person={"first_name": "N.", "phone": "+49301234567"}, lead={"topic": "T"}
    )

    assert (call.lead.contact, Contact.objects.count()) == (nina, 1)


@pytest.mark.django_db
def test_a_call_about_the_lead_of_somebody_else_is_logged_and_changes_nothing():
    theo = a_caller()
    lead = to_call(owner=a_user())

    log_incoming(by=theo, said=said("not_interested"), lead_id=lead.pk)

    assert (Lead.objects.get().status, Interaction.objects.count()) == ("open", 1)
    with pytest.raises(InvalidValues):
        log_incoming(by=theo, said=said("reached", "2", pass_on=True), lead_id=lead.pk)


@pytest.mark.django_db
def test_who_calls_is_seen_with_what_they_have_in_hand_and_did_today():
    theo, idle = a_caller(first_name="Theo"), a_caller(first_name="Zoe")
    first, second = to_call(), to_call()
    record_call(first.pk, by=theo, said=said("reached"))
    claim(second.pk, by=theo)
    yesterday = Call.objects.get()
    Call.objects.create(
        lead=first,
        person=theo,
        outcome="reached",
        interaction_id=yesterday.interaction_id,
        key="x",
        happened_at=timezone.now() - timedelta(days=1),
    )

    [one, two] = callers()
    assert (one.person, one.tally.calls, one.claim and one.claim.lead) == (theo, 1, second)
    assert (two.person, two.tally.calls, two.claim) == (idle, 0, None)
    assert sum(number for _, number in today_of(theo).hours) == 1
