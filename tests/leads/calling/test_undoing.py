"""What came of a call is taken back: all is as before, unless somebody has done something with the lead since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Interaction, InteractionKey, Role, User
from leads import match_keys
from leads.calling.before import ALSO, OF_ITS_LIFE, OF_TASKS
from leads.calling.claims import claim, claim_of
from leads.calling.incoming import log_incoming
from leads.calling.recording import record_call
from leads.calling.tally import today_of
from leads.calling.tidying import tidy
from leads.calling.undoing import to_undo, undo_call
from leads.due import due_on
from leads.errors import AlreadyAccepted, CannotUndoCall, ReadinessRefused
from leads.models import Call, CallClaim, CallLater, Lead, LeadEvent, LeadMatchKey, Notice, StageChange, Task
from leads.process_bar import steps
from leads.services.readiness import accept
from leads.services.records import update_lead
from leads.services.tasks import create_task
from leads.stages import Stage
from tests.build import a_campaign, a_contact, a_context, a_model, a_rule, a_user
from tests.leads.calling.test_recording import a_caller, said, to_call
from tests.scoring.helpers import live, work
from tests.threads import at_once

QUALIFYING = Stage.TELEPROSPECTING_QUALIFICATION


def looks(lead: Lead) -> dict[str, Any]:
    """All that a call may change, as the database has it."""
    return {
        "lead": Lead.objects.filter(pk=lead.pk).values(*OF_ITS_LIFE, *ALSO).get(),
        "tasks": list(Task.objects.filter(lead=lead).order_by("pk").values("pk", *OF_TASKS)),
        "waits": list(CallLater.objects.filter(lead=lead).values("person", "why", "due_at", "reason")),
        "keys": set(LeadMatchKey.objects.filter(lead=lead).values_list("kind", "value")),
        "talk": (Interaction.objects.count(), InteractionKey.objects.count()),
    }


def worked_on(theo: User, **more: Any) -> Lead:
    lead = to_call(QUALIFYING, marketing_context=a_context(campaign=a_campaign()), **more)
    create_task(by=theo, title="Send the brochure", due=due_on(timezone.localdate()), lead=lead, owner=theo)
    CallLater.objects.create(lead=lead, why="call_back", due_at=timezone.now(), reason="As promised", said_by=theo)
    match_keys.claim_for([lead])
    claim(lead.pk, by=theo)
    return lead


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["reached", "call_back", "not_interested", "voicemail", "wrong_number"])
@pytest.mark.parametrize("owned", [False, True])
def test_taken_back_within_minutes_all_is_as_before_and_the_lead_in_hand_again(outcome: str, owned: bool):
    theo = a_caller(first_name="Theo", last_name="")
    lead = worked_on(theo, contact=a_contact(phone_e164="+493012345"), owner=theo if owned else None)
    before = looks(lead)
    record_call(lead.pk, by=theo, said=said(outcome, notes="Hm", call_back_at=timezone.now() + timedelta(hours=1)))
    assert looks(lead) != before and claim_of(theo) is None

    notes = undo_call(lead.pk, by=theo)

    assert notes == "Hm"
    assert looks(lead) == before
    held = claim_of(theo)
    assert held is not None and held.lead == lead
    last = LeadEvent.objects.filter(lead=lead).latest("pk")
    assert (last.kind, last.actor, last.detail.endswith(": Hm")) == ("call_undone", theo, True)
    assert (today_of(theo).calls, to_undo(theo)) == (0, None)
    kept = Call.objects.get()
    assert (kept.undone_by, kept.before) == (theo, None)
    assert not LeadEvent.objects.counted().filter(lead=lead, kind__in=["contacted", "disqualified"]).exists()


@pytest.mark.django_db
def test_a_lead_passed_to_sales_by_mistake_goes_back_as_undone_and_no_report_counts_either_move():
    theo, sam = a_caller(), a_user(Role.SALESPERSON)
    lead = worked_on(theo, owner=theo)
    Lead.objects.filter(pk=lead.pk).update(
        stage_entered_at=timezone.now() - timedelta(days=3), teleprospecting_ready=True
    )
    before = looks(lead)
    record_call(lead.pk, by=theo, said=said("reached", pass_on=True))
    assert (Lead.objects.get().stage, Notice.objects.filter(to=sam).count()) == (Stage.SALES_ACCEPTANCE, 1)

    undo_call(lead.pk, by=theo)

    assert looks(lead) == before
    assert not Notice.objects.filter(to=sam).exists()
    there, back = StageChange.objects.order_by("pk")
    assert (there.to_stage, there.taken_back) == (Stage.SALES_ACCEPTANCE, True)
    assert (back.to_stage, back.reason, back.actor, back.taken_back) == (QUALIFYING, "undone", theo, True)
    assert not LeadEvent.objects.counted().filter(kind="sales_ready").exists()
    now = next(step for step in steps(Lead.objects.get()) if step.state == "now")
    assert now.lasted is not None and now.lasted >= timedelta(days=3)


@pytest.mark.django_db
def test_the_same_page_can_say_another_outcome_once_the_first_was_taken_back():
    theo = a_caller()
    lead = worked_on(theo)
    record_call(lead.pk, by=theo, said=said("reached"))
    undo_call(lead.pk, by=theo)

    record_call(lead.pk, by=theo, said=said("voicemail"))

    assert [one.subject for one in Interaction.objects.all()] == ["Voicemail"]
    assert list(Call.objects.counted().values_list("outcome", flat=True)) == ["voicemail"]


@pytest.mark.django_db(transaction=True)
def test_scores_follow_and_what_the_score_alone_had_done_goes_too():
    theo = a_caller()
    model = a_model(threshold=10)
    a_rule(model, 10, "Reached", interaction_type="call", subject_contains="Reached")
    live(model)
    lead = worked_on(theo, owner=theo)
    work()
    before = looks(lead)
    record_call(lead.pk, by=theo, said=said("reached"))
    work()
    assert (Lead.objects.get().score, Lead.objects.get().sales_ready) == (10, True)

    undo_call(lead.pk, by=theo)
    work()

    assert Lead.objects.get().score == 0
    assert looks(lead) == before


@pytest.mark.django_db
def test_what_people_did_since_prevents_it_and_is_named():
    theo, sam = a_caller(), a_user(Role.SALESPERSON, first_name="Sam", last_name="Cole")
    lead = worked_on(theo, owner=theo)
    record_call(lead.pk, by=theo, said=said("reached", pass_on=True))
    accept(lead.pk, by=sam)
    before = looks(lead)

    with pytest.raises(CannotUndoCall) as refused:
        undo_call(lead.pk, by=theo)

    assert "Sam Cole" in refused.value.message and "accepted by sales" in refused.value.message
    assert looks(lead) == before


@pytest.mark.django_db
def test_it_is_refused_to_others_too_late_twice_and_while_somebody_has_the_lead_in_hand():
    theo, zoe = a_caller(), a_caller(first_name="Zoe", last_name="Quick")
    lead = worked_on(theo)
    record_call(lead.pk, by=theo, said=said("voicemail"))
    with pytest.raises(CannotUndoCall, match="You have written down no call"):
        undo_call(lead.pk, by=zoe)
    CallClaim.objects.create(lead=lead, person=zoe, until=timezone.now() + timedelta(minutes=5))
    with pytest.raises(CannotUndoCall, match="Zoe Quick has this lead in hand"):
        undo_call(lead.pk, by=theo)
    CallClaim.objects.all().delete()
    undo_call(lead.pk, by=theo)
    with pytest.raises(CannotUndoCall, match="taken it back already"):
        undo_call(lead.pk, by=theo)

    later = record_call(lead.pk, by=theo, said=said("voicemail", key="late"))
    Call.objects.filter(pk=later.pk).update(happened_at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(CannotUndoCall, match="within 15 minutes"):
        undo_call(lead.pk, by=theo)
    tidy()
    assert Call.objects.get(pk=later.pk).before is None


@pytest.mark.django_db
def test_what_was_found_out_and_what_people_edited_since_stays():
    theo = a_caller()
    lead = worked_on(theo, owner=theo)
    record_call(lead.pk, by=theo, said=said("reached"), version=lead.version, changes={"need": "must"})
    fresh = Lead.objects.get()
    update_lead(lead.pk, version=fresh.version, changes={"priority": "urgent"}, by=theo)

    undo_call(lead.pk, by=theo)

    assert (Lead.objects.get().need, Lead.objects.get().priority) == ("must", "urgent")


@pytest.mark.django_db
def test_a_call_that_came_in_is_taken_back_without_what_it_made():
    theo = a_caller()
    call = log_incoming(by=theo, said=said("not_interested"), person={"last_name": "Lind"}, lead={"topic": "Rang"})
    assert not Lead.objects.get().is_open

    undo_call(call.lead_id, by=theo)

    assert Lead.objects.get().is_open and Lead.objects.get().owner == theo
    assert not Interaction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_taking_back_and_accepting_at_once_one_happens_and_the_other_is_told():
    theo, sam = a_caller(), a_user(Role.SALESPERSON)
    for number in range(3):
        lead = worked_on(theo, owner=theo)
        record_call(lead.pk, by=theo, said=said("reached", key=f"key{number}", pass_on=True))

        def takes_back(pk: int = lead.pk) -> str:
            try:
                undo_call(pk, by=theo)
            except CannotUndoCall:
                return "refused"
            return "undone"

        def accepts(pk: int = lead.pk) -> str:
            try:
                accept(pk, by=sam)
            except (ReadinessRefused, AlreadyAccepted):
                return "refused"
            return "accepted"

        came = at_once(takes_back, accepts)
        assert set(came) in ({"accepted", "refused"}, {"undone", "refused"})


@pytest.mark.django_db
def test_the_queue_and_the_next_call_offer_it_and_lead_back_with_the_notes(client: Client):
    theo = a_caller()
    lead = worked_on(theo)
    client.force_login(theo)
    record_call(lead.pk, by=theo, said=said("not_interested", notes="Rang twice"))
    assert f"/leads/{lead.pk}/call/undo/" in client.get("/leads/queue/").content.decode()

    answer = client.post(f"/leads/{lead.pk}/call/undo/", follow=True)

    shown = answer.content.decode()
    assert answer.redirect_chain == [(f"/leads/{lead.pk}/call/", 302)]
    assert "taken back" in shown and "Rang twice</textarea>" in shown
    again = client.post(f"/leads/{lead.pk}/call/undo/", {"next": "/leads/queue/"}, follow=True)
    assert "cannot be taken back" in again.content.decode()
