"""Processes on pages: made, copied, edited together, retired; the default and campaigns; leads change theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from contacts.models import Change, Role
from leads.errors import InvalidValues, ProcessIsDefault, ProcessIsRetired
from leads.models import CampaignProcess, Lead, LeadEvent, Process, ProcessSweep
from leads.process_form import ProcessForm
from leads.process_stages import StageField, StageTask
from leads.services import process_sweeps
from leads.services.processes import copy_process, make_default, retire, switch_process
from leads.services.records import NewLead, open_leads
from leads.stages import ORDER, Stage
from tests.build import a_campaign, a_contact, a_custom_field, a_lead, a_user
from tests.threads import at_once

INQUIRY, MARKETING, ACCEPTANCE, CALLING, SALES = ORDER
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Client:
    client = Client()
    client.force_login(a_user(Role.ADMINISTRATOR, "ada", first_name="Ada", last_name="Ost"))
    return client


def the_process() -> Process:
    return Process.objects.get(is_default=True)


def typed(process: Process, **changes: Any) -> dict[str, Any]:
    """What the page would send: the form as it is, but for `changes`."""
    form = ProcessForm(process=process)
    return {**form.flat_initial(), "seen": form.initial["seen"], **changes}


def rows(stage: str, *fields: tuple[str, str, str]) -> dict[str, list[str]]:
    """The rows of a stage's fields as a browser sends them: name, "shown" or "required", and its place."""
    columns = [list(column) for column in zip(*fields, strict=True)]
    return {f"{stage}__fields-{part}": column for part, column in zip(("field", "need", "place"), columns, strict=True)}


def queued_in_bulk() -> set[int]:
    """The leads of which the lane of imports tells scoring."""
    waiting = Change.objects.filter(consumer="scoring", subject="lead", bulk=True)
    return {pk for change in waiting for pk in change.subject_ids}


def test_only_administrators_come_in() -> None:
    process = the_process()
    for role in Role:
        client = Client()
        client.force_login(a_user(role))
        pages = ("", "new/", f"{process.pk}/", f"{process.pk}/edit/")
        answers = {client.get(f"/leads/processes/{page}").status_code for page in pages}
        if role == Role.ADMINISTRATOR:
            assert answers == {200}
            continue
        acts = ("default/", "retire/", "bring-back/", "campaigns/", "edit/")
        posted = {client.post(f"/leads/processes/{process.pk}/{act}").status_code for act in acts}
        assert (answers, posted) == ({403}, {403})
    assert the_process().edited_at is None


def test_the_list_and_a_page_say_what_a_process_does_and_who_is_in_it(ada) -> None:
    process = the_process()
    CampaignProcess.objects.create(campaign=a_campaign("Autumn fair"), process=process)
    for stage in (INQUIRY, CALLING, CALLING):
        a_lead(stage=stage)

    listed = ada.get("/leads/processes/")
    page = ada.get(f"/leads/processes/{process.pk}/")

    ((row, count, campaigns),) = listed.context["rows"]
    assert (row, str(count), campaigns) == (process, "3", ["Autumn fair"])
    assert [str(column.count) for column in page.context["columns"]] == ["1", "0", "0", "2", "0"]
    assert f"/leads/?process={process.pk}&amp;stage={CALLING}" in page.content.decode()
    behind = ada.get(f"/leads/?process={process.pk}&stage={CALLING}")
    assert len(behind.context["list"].rows) == 2


def test_counts_of_many_processes_cost_as_many_queries_as_of_one(ada, django_assert_max_num_queries) -> None:
    for number in range(5):
        copy_process(the_process().pk, name=f"Copy {number}", by=a_user())
    with django_assert_max_num_queries(14):
        ada.get("/leads/processes/")


def test_a_process_begins_as_a_copy(ada) -> None:
    process = the_process()
    Process.objects.update(first_score_moves=False)

    answer = ada.post("/leads/processes/new/", {"name": " Partners ", "like": process.pk})

    made = Process.objects.get(name="Partners")
    assert answer.headers["Location"] == f"/leads/processes/{made.pk}/edit/"
    assert (made.stages_stored, made.is_default, made.first_score_moves) == (process.stages_stored, False, False)
    again = ada.post("/leads/processes/new/", {"name": "Partners", "like": process.pk})
    assert again.status_code == 422
    assert "There is a process of this name already." in again.content.decode()


def test_everything_of_a_process_is_edited_without_code(ada) -> None:
    a_custom_field("region", label="Region")
    process = the_process()
    stage = Stage.TELEPROSPECTING_QUALIFICATION
    fields = rows(
        stage,
        ("custom.region", "required", "3"),
        ("budget_amount", "shown", "1"),
        ("", "shown", "4"),
        ("contact.email", "required", "2"),
    )
    changes = {
        "name": "Lead to deal",
        "readiness_policy": "all",
        "score_makes_ready": "",
        f"{stage}__name": "Call",
        f"{stage}__hours": "48",
        f"{stage}__most": "20",
        f"{stage}__most_refuses": "on",
        f"{stage}__task_title": "Call them",
        f"{stage}__task_role": "teleprospector",
        f"{stage}__task_days": "2",
        "teleprospecting_acceptance__used": "",
    }
    sent = typed(process, **changes)
    del sent[f"{stage}__fields"]

    assert ada.post(f"/leads/processes/{process.pk}/edit/", sent | fields).status_code == 302

    stored = the_process()
    assert (stored.name, stored.readiness_policy, stored.score_makes_ready) == ("Lead to deal", "all", False)
    assert stored.edited_by and stored.edited_by.username == "ada"
    told = stored.stages.of(stage)
    assert (told.name, told.limit, told.most, told.most_refuses) == ("Call", timedelta(hours=48), 20, True)
    assert told.task == StageTask("Call them", "teleprospector", 2)
    assert told.fields == (
        StageField("budget_amount"),
        StageField("contact.email", True),
        StageField("custom.region", True),
    )
    assert not stored.stages.uses(ACCEPTANCE)
    assert stored.stages.of(INQUIRY) == process.stages.of(INQUIRY)


def test_a_save_that_changes_nothing_leaves_the_process_as_it_was(ada) -> None:
    process = the_process()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process))

    assert the_process().stages.all() == process.stages.all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (rows("inquiry", ("budget_amount", "shown", "1"), ("budget_amount", "required", "2")), "Budget is there twice"),
        (rows("inquiry", ("salary", "shown", "1")), "There is no field “salary” to show."),
        ({"inquiry__task_days": "3"}, "Say what is to be done"),
        ({"inquiry__most_refuses": "on"}, "Say how many leads there may be."),
        ({"inquiry__hours": "-1"}, "greater than or equal to 1"),
        ({"inquiry__task_title": "Call", "inquiry__task_role": "king"}, "Select a valid choice"),
        ({"readiness_policy": "expression"}, "Select a valid choice"),
        ({"name": "Taken"}, "There is a process of this name already."),
        ({"name": " "}, "This field is required."),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_saved(ada, changes, words) -> None:
    process = the_process()
    Process.objects.create(name="Taken")
    sent = typed(process, marketing_qualification__name="Kept", **changes)
    if any(name.startswith("inquiry__fields-") for name in changes):
        del sent["inquiry__fields"]

    answer = ada.post(f"/leads/processes/{process.pk}/edit/", sent)

    assert answer.status_code == 422
    assert escape(words) in answer.content.decode()
    assert 'value="Kept"' in answer.content.decode()
    assert the_process().stages_stored == process.stages_stored


def test_an_expression_over_models_stays_as_it_is(ada) -> None:
    Process.objects.update(readiness_policy="expression", readiness_expression={"model": 1})
    process = the_process()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process, name="Other name"))

    stored = the_process()
    assert (stored.name, stored.readiness_policy, stored.readiness_expression) == (
        "Other name",
        "expression",
        {"model": 1},
    )


def test_the_second_editor_is_told_who_changed_what_and_keeps_what_they_typed(ada) -> None:
    process = the_process()
    address = f"/leads/processes/{process.pk}/edit/"
    mine = typed(process, inquiry__name="Asked", sales_acceptance__hours="5")
    ada.post(address, typed(process, inquiry__name="Request", marketing_qualification__hours="7"))

    told = ada.post(address, mine)

    page = told.content.decode()
    assert told.status_code == 409
    assert "Ada Ost changed this process" in page
    assert "from nothing to <strong>Request</strong>" in page
    assert 'value="Asked"' in page
    assert the_process().stages.of(INQUIRY).name == "Request"
    again = {**told.context["form"].flat_posted(), "seen": told.context["form"].data["seen"]}
    assert ada.post(address, again).status_code == 302
    stages = the_process().stages
    assert (stages.of(INQUIRY).name, stages.of(SALES).limit) == ("Asked", timedelta(hours=5))
    assert stages.of(MARKETING).limit == timedelta(hours=7)  # theirs, which I did not touch


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_the_second_is_told() -> None:
    process = the_process()
    sent = [typed(process, inquiry__name=name) for name in ("One", "Two")]
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(a_user(Role.ADMINISTRATOR))

    answers = at_once(
        *(
            lambda client=client, data=data: client.post(f"/leads/processes/{process.pk}/edit/", data).status_code
            for client, data in zip(clients, sent, strict=True)
        )
    )

    assert sorted(map(str, answers)) == ["302", "409"]


def test_leads_that_a_gate_held_are_looked_at_again_when_it_opens(ada) -> None:
    gate = {"inquiry": {"fields": [{"name": "budget_amount", "required": True}]}}
    process = Process.objects.create(name="Gated", stages_stored=gate)
    held, unscored = a_lead(process=process, score=5), a_lead(process=process)
    Change.objects.all().delete()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process, inquiry__fields=["budget_amount"]))

    assert list(Change.objects.values_list("consumer", "subject_id", "bulk").distinct()).count(
        ("scoring", held.pk, True)
    )
    assert not Change.objects.filter(subject_id=unscored.pk).exists()


def test_past_inquiry_only_what_was_ticked_is_looked_at_again(ada) -> None:
    gate = {MARKETING: {"fields": [{"name": "budget_amount", "required": True}]}}
    process = Process.objects.create(name="Gated", stages_stored=gate)
    scored = a_lead(process=process, stage=MARKETING, score=5)
    ticked = a_lead(process=process, stage=MARKETING, teleprospecting_ready=True)
    Change.objects.all().delete()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process, **{f"{MARKETING}__fields": ["budget_amount"]}))

    queued = queued_in_bulk()
    assert (ticked.pk in queued, scored.pk in queued) == (True, False)


def test_what_was_ticked_before_a_tick_moved_leads_on_is_looked_at_when_it_does(ada) -> None:
    process = Process.objects.create(name="By hand", teleprospecting_ready_moves=False)
    ticked = a_lead(process=process, stage=MARKETING, teleprospecting_ready=True)
    waiting = a_lead(process=process, stage=ACCEPTANCE, teleprospecting_ready=True)
    Change.objects.all().delete()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process, teleprospecting_ready_moves="on"))

    queued = queued_in_bulk()
    assert (ticked.pk in queued, waiting.pk in queued) == (True, False)


def test_the_default_is_one_and_is_never_retired(ada) -> None:
    default, other = the_process(), copy_process(the_process().pk, name="Other", by=a_user())

    refused = ada.post(f"/leads/processes/{default.pk}/retire/", follow=True)
    assert "Make another one the default first" in refused.content.decode()
    ada.post(f"/leads/processes/{other.pk}/default/")
    ada.post(f"/leads/processes/{default.pk}/retire/")

    assert list(Process.objects.filter(is_default=True)) == [other]
    with pytest.raises(ProcessIsRetired):
        make_default(default.pk, by=a_user())
    with pytest.raises(ProcessIsDefault):
        retire(other.pk, by=a_user())
    ada.post(f"/leads/processes/{default.pk}/bring-back/")
    assert Process.objects.get(pk=default.pk).retired_at is None


def test_a_campaign_begins_in_one_process_and_in_the_default_again(ada) -> None:
    campaign, other = a_campaign("Fair"), copy_process(the_process().pk, name="Fairs", by=a_user())
    third = copy_process(other.pk, name="Third", by=a_user())

    ada.post(f"/leads/processes/{other.pk}/campaigns/", {"add": campaign.pk})
    assert open_leads([NewLead("A", a_contact().pk, campaign_id=campaign.pk)])[0].process_id == other.pk
    told = ada.post(f"/leads/processes/{third.pk}/campaigns/", {"add": campaign.pk}, follow=True)
    assert "New leads of Fair begin in Third, no longer in Fairs." in told.content.decode()
    ada.post(f"/leads/processes/{third.pk}/campaigns/", {"remove": campaign.pk})

    assert not CampaignProcess.objects.exists()
    ada.post(f"/leads/processes/{third.pk}/campaigns/", {"add": "x"})
    retire(third.pk, by=a_user())
    ada.post(f"/leads/processes/{third.pk}/campaigns/", {"add": campaign.pk})
    assert not CampaignProcess.objects.exists()


def test_leads_change_their_process_many_at_once_and_keep_stage_and_history(django_assert_num_queries) -> None:
    other, contact = copy_process(the_process().pk, name="Other", by=a_user()), a_contact()
    leads = [a_lead(contact, stage=CALLING) for _ in range(3)]
    there, closed = a_lead(contact, process=other), a_lead(contact, status="qualified")

    assert switch_process([lead.pk for lead in [*leads, there, closed]], to=other.pk, by=a_user()) == [
        lead.pk for lead in leads
    ]

    assert set(Lead.objects.filter(process=other).values_list("stage", flat=True)) == {CALLING, INQUIRY}
    told = LeadEvent.objects.filter(kind="switched")
    assert {event.detail for event in told} == {f"{the_process().name} to Other"}
    assert told.count() == 3
    retire(other.pk, by=a_user())
    with pytest.raises(ProcessIsRetired):
        switch_process([closed.pk], to=other.pk, by=None)


def test_ticked_leads_change_their_process_on_the_list() -> None:
    other, lead = copy_process(the_process().pk, name="Other", by=a_user()), a_lead()
    sent = {"ids": [lead.pk], "do": "switch", "process": other.pk}
    for role, status, switched in ((Role.SALESPERSON, 403, False), (Role.SALES_MANAGER, 302, True)):
        client = Client()
        client.force_login(a_user(role))
        assert client.post("/leads/bulk/", sent).status_code == status
        assert (Lead.objects.get().process_id == other.pk) is switched
    del sent["process"]
    told = client.post("/leads/bulk/", sent, follow=True)
    assert "Choose the process" in told.content.decode()


def test_a_name_is_needed() -> None:
    with pytest.raises(InvalidValues):
        copy_process(the_process().pk, name="  ", by=a_user())


def test_hostile_names_are_inert(ada) -> None:
    stages = {"inquiry": {"name": "<script>x</script>", "task": {"title": "<b>t", "role": "", "days": 0}}}
    process = Process.objects.create(name="<img src=x>", stages_stored=stages)
    for page in ("", f"{process.pk}/", f"{process.pk}/edit/"):
        text = ada.get(f"/leads/processes/{page}").content.decode()
        assert "<script>x" not in text
        assert "<img src=x" not in text


def test_the_leads_of_a_large_workspace_are_looked_at_again_piece_by_piece(ada, monkeypatch) -> None:
    monkeypatch.setattr(process_sweeps, "SPAN", 2)
    gate = {"inquiry": {"fields": [{"name": "budget_amount", "required": True}]}}
    process = Process.objects.create(name="Gated", stages_stored=gate)
    contact = a_contact()
    held = {a_lead(contact, process=process, score=5).pk for _ in range(5)}
    Change.objects.all().delete()

    ada.post(f"/leads/processes/{process.pk}/edit/", typed(process, inquiry__fields=["budget_amount"]))
    assert not Change.objects.filter(subject="lead").exists()
    process_sweeps.sweep_some()
    some = queued_in_bulk()
    while process_sweeps.sweep_some():
        pass

    assert len(some & held) == 2
    assert held <= queued_in_bulk()
    assert not ProcessSweep.objects.exists()


def test_so_are_those_that_another_policy_may_make_ready(db) -> None:
    process = Process.objects.create(name="Any")
    contact = a_contact()
    near, far = a_lead(contact, process=process, score=5), a_lead(contact, process=process, score=5, pk=9_000_000)
    Change.objects.all().delete()

    Process.objects.filter(pk=process.pk).update(readiness_policy="all")
    Process.objects.filter(pk=process.pk).update(name="Only its name")
    assert ProcessSweep.objects.get().next_id <= near.pk
    ProcessSweep.objects.update(next_id=near.pk)
    process_sweeps.sweep_some()
    ProcessSweep.objects.update(next_id=far.pk)
    process_sweeps.sweep_some()

    queued = queued_in_bulk()
    assert {near.pk, far.pk} <= queued
    assert not ProcessSweep.objects.exists()
