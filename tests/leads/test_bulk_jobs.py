"""Many leads changed at once: those that were ticked or all of a list, in the background, killed and taken up again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.acting import acting
from contacts.lists.selection import rows_of
from contacts.models import Role, User
from leads.bulk import jobs, subjects
from leads.bulk.jobs import advance, begin_job, cancel_job, run_now, undo_job
from leads.models import (
    BulkChunk,
    BulkJob,
    BulkRefusal,
    BulkWhat,
    Lead,
    LeadEvent,
    LeadMatchingStrategy,
    LeadMatchKey,
    Process,
    ProcessState,
    Qualification,
    Status,
    StatusReason,
)
from leads.services.deleting import delete_leads
from leads.services.records import update_lead
from leads.stages import Stage
from tests.build import a_contact, a_custom_field, a_lead, a_product, a_user
from tests.threads import at_once

TOO_MUCH = "&".join(f"a{number}=1" for number in range(1001))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, *leads: Lead, **wanted: Any) -> Any:
    return signed_in(user).post("/leads/bulk/", {"ids": [lead.pk for lead in leads], **wanted}, follow=True)


def work_it_off() -> None:
    while advance():
        pass


def reasons(job: BulkJob) -> list[str]:
    return list(job.refusals.order_by("record_id").values_list("reason", flat=True))


@pytest.mark.django_db
def test_all_leads_of_a_list_are_meant_on_whatever_page_and_no_others(monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 7)
    boss, ben = a_user(Role.SALES_MANAGER), a_user()
    hot = [a_lead(topic=f"Hot {number}", rating="hot") for number in range(20)]
    cold = a_lead(topic="Cold", rating="cold")
    asked = post(boss, do="assign", scope="all", query="rating=hot", owner=str(ben.pk))
    assert "Assign all 20 leads?" in asked.content.decode()
    assert not BulkJob.objects.exists()

    page = post(boss, do="assign", scope="all", query="rating=hot", owner=str(ben.pk), sure="1")
    assert page.redirect_chain[0][0] == f"/leads/bulk/jobs/{BulkJob.objects.get().pk}/"
    assert Lead.objects.filter(owner=ben).count() == 0
    work_it_off()

    assert set(Lead.objects.filter(owner=ben)) == set(hot)
    cold.refresh_from_db()
    assert cold.owner is None
    job = BulkJob.objects.get()
    assert (job.total, job.done, job.changed, job.refused, job.percent) == (20, 20, 20, 0, 100)
    assert LeadEvent.objects.filter(kind="assigned", actor=boss).count() == 20
    assert "Leads assigned to" in signed_in(boss).get(f"/leads/bulk/jobs/{job.pk}/").content.decode()


@pytest.mark.django_db
def test_each_lead_that_stays_is_named_with_its_reason_and_the_file_has_them_all():
    anna, ben = a_user(Role.TELEPROSPECTOR), a_user()
    free, mine = a_lead(topic="Free"), a_lead(topic="Mine", owner=anna)
    theirs, closed = a_lead(topic="Theirs", owner=ben), a_lead(topic="=2+3", status=Status.QUALIFIED)
    gone = a_lead(topic="Gone")
    gone.delete()

    page = post(anna, free, mine, theirs, closed, do="edit", field="rating", rating="hot", value_said="1", sure="1")

    assert set(Lead.objects.filter(rating="hot")) == {free, mine}
    assert "2 leads given sales rating Hot. 2 stayed as they were" in page.content.decode()
    job = BulkJob.objects.get()
    assert reasons(job) == ["It is not yours to change.", "It is closed. Reopen it first."]
    shown = signed_in(anna).get(f"/leads/bulk/jobs/{job.pk}/").content.decode()
    assert "Nina Lind: =2+3" in shown
    told = signed_in(anna).get(f"/leads/bulk/jobs/{job.pk}/refusals/").getvalue().decode()
    assert f"{theirs.pk},It is not yours to change." in told
    assert "Nina" not in told
    User.objects.filter(pk=anna.pk).update(role=Role.SALES_MANAGER)
    told = signed_in(anna).get(f"/leads/bulk/jobs/{job.pk}/refusals/").getvalue().decode()
    assert f"{theirs.pk},Nina Lind: Theirs,It is not yours to change." in told
    assert signed_in(ben).get(f"/leads/bulk/jobs/{job.pk}/").status_code == 404


@pytest.mark.django_db
def test_what_somebody_may_not_see_is_not_named_to_them_by_being_refused():
    sam, boss = a_user(), a_user(Role.ADMINISTRATOR)
    hidden, gone = a_lead(topic="Secret"), a_lead(topic="Deleted", sales_ready=True)
    delete_leads([gone.pk], by=boss)

    post(sam, hidden, gone, do="take")

    job = BulkJob.objects.get()
    kept = list(job.refusals.order_by("record_id").values_list("record_words", "reason"))
    assert kept == [(f"#{lead.pk}", jobs.GONE) for lead in (hidden, gone)]
    job.refusals.update(record_words="Nina Lind: Secret")  # as it was named before, or to somebody who saw more
    told = signed_in(sam).get(f"/leads/bulk/jobs/{job.pk}/").content.decode()
    assert f"#{hidden.pk}" in told
    assert "Secret" not in told
    file = f"/leads/bulk/jobs/{job.pk}/refusals/"
    assert "Secret" not in signed_in(sam).get(file).getvalue().decode()
    assert f"{hidden.pk},Nina Lind: Secret" in signed_in(boss).get(file).getvalue().decode()


@pytest.mark.django_db
def test_who_may_restore_is_told_by_name_what_stayed_deleted():
    boss, gone = a_user(Role.SALES_MANAGER), a_lead(topic="Old", external_id="7")
    job = begin_job(what=BulkWhat.DELETE, by=boss, words="Leads deleted", wanted={}, ids=[gone.pk])
    run_now(job)
    a_lead(external_id="7")

    back = run_now(undo_job(job, by=boss))

    assert list(back.refusals.values_list("record_words", flat=True)) == ["Nina Lind: Old"]
    assert "Nina Lind: Old" in signed_in(boss).get(f"/leads/bulk/jobs/{back.pk}/").content.decode()


@pytest.mark.django_db
def test_moving_on_names_the_fields_that_a_gate_misses():
    boss = a_user(Role.SALES_MANAGER)
    process = Process.objects.get(is_default=True)
    process.stages_stored = {"inquiry": {"fields": [{"name": "rating", "required": True}]}}
    process.save()
    rated, bare, last = a_lead(rating="hot"), a_lead(), a_lead(stage=Stage.SALES_ACCEPTANCE, sales_ready=True)

    post(boss, rated, bare, last, do="move-on", sure="1")

    rated.refresh_from_db()
    bare.refresh_from_db()
    assert (rated.stage, bare.stage) == (Stage.MARKETING_QUALIFICATION, Stage.INQUIRY)
    assert reasons(BulkJob.objects.get()) == ["Inquiry needs Sales rating first.", "It is in the last stage."]


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_is_done_once():
    boss, lead = a_user(Role.SALES_MANAGER), a_lead()
    token = post(boss, lead, do="move-on").context["token"]

    post(boss, lead, do="move-on", sure="1", token=token)
    told = post(boss, lead, do="move-on", sure="1", token=token)

    lead.refresh_from_db()
    assert lead.stage == Stage.MARKETING_QUALIFICATION
    assert "asked for already" in told.content.decode()


@pytest.mark.django_db
def test_what_left_the_list_meanwhile_is_left_alone(monkeypatch):
    boss, ben = a_user(Role.SALES_MANAGER), a_user()
    stays, leaves = a_lead(rating="hot"), a_lead(rating="hot")
    job = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted={"owner": ben.pk}, query="rating=hot")
    jobs._gather()
    Lead.objects.filter(pk=leaves.pk).update(rating="cold")

    work_it_off()

    assert list(Lead.objects.filter(owner=ben)) == [stays]
    assert reasons(job) == ["It changed meanwhile: it is no longer in that list."]


@pytest.mark.django_db
def test_who_lost_the_right_meanwhile_changes_nothing():
    boss = a_user(Role.SALES_MANAGER)
    lead = a_lead()
    job = begin_job(what=BulkWhat.DELETE, by=boss, words="x", wanted={}, ids=[lead.pk])
    User.objects.filter(pk=boss.pk).update(role=Role.SALESPERSON)

    work_it_off()

    assert Lead.objects.alive().get() == lead
    assert reasons(job) == ["You may no longer do this."]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["condition=nonsense(", "product=99999", "segment=5", TOO_MUCH])
def test_a_list_that_cannot_be_met_changes_nothing_and_says_why(query: str, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
    boss = a_user(Role.MARKETER)
    a_lead()
    job = begin_job(what=BulkWhat.DELETE, by=boss, words="x", wanted={}, query=query)

    work_it_off()

    job.refresh_from_db()
    assert job.problem
    assert job.finished_at is not None
    assert Lead.objects.alive().count() == 1
    page = signed_in(boss).get(f"/leads/bulk/jobs/{job.pk}/").content.decode()
    assert "Failed" in page
    refused = signed_in(boss).post("/leads/bulk/", {"do": "delete", "scope": "all", "query": query, "sure": "1"})
    assert refused.status_code == 422
    assert BulkJob.objects.count() == 1


@pytest.mark.django_db
def test_a_job_whose_leads_cannot_be_found_fails_and_the_ones_behind_it_are_done(monkeypatch):
    boss, ben, lead = a_user(Role.SALES_MANAGER), a_user(), a_lead()

    def broken(listing: Any, query: str, user: User) -> Any:
        rows: Any = rows_of(listing, query, user)
        return rows.extra(where=["1/0 = 1"]) if query == "rating=hot" else rows

    monkeypatch.setattr(subjects, "rows_of", broken)
    wanted = {"owner": ben.pk}
    bad = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted=wanted, query="rating=hot")
    good = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted=wanted, query="status=any")

    work_it_off()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert bad.problem == "The leads could not be found: DataError."
    assert (bad.is_under_way, good.changed) == (False, 1)
    assert list(Lead.objects.filter(owner=ben)) == [lead]


@pytest.mark.django_db
def test_a_job_that_is_stopped_leaves_the_rest_and_a_deletion_is_taken_back(monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 2)
    boss = a_user(Role.SALES_MANAGER)
    leads = [a_lead() for _ in range(6)]
    job = begin_job(what=BulkWhat.DELETE, by=boss, words="Leads deleted", wanted={}, ids=[lead.pk for lead in leads])
    advance()
    signed_in(boss).post(f"/leads/bulk/jobs/{job.pk}/cancel/")
    work_it_off()

    assert set(Lead.objects.alive()) == set(leads[2:])
    assert not cancel_job(job.pk, by=boss)
    signed_in(boss).post(f"/leads/bulk/jobs/{job.pk}/undo/")
    work_it_off()
    assert Lead.objects.alive().count() == 6


@pytest.mark.django_db
def test_a_field_is_chosen_and_then_its_value_and_keys_follow_a_new_product():
    boss, product = a_user(Role.SALES_MANAGER), a_product()
    lead, closed = a_lead(), a_lead(status=Status.QUALIFIED)
    LeadMatchingStrategy.objects.create(name="By product", attributes=["contact", "product"])
    a_custom_field("fleet", label="Fleet size")

    chooses = post(boss, lead, do="edit").content.decode()
    assert "custom__fleet" in chooses
    assert 'value="description"' not in chooses
    says = post(boss, lead, do="edit", field="product").content.decode()
    assert 'name="value_said"' in says
    sent = {"do": "edit", "field": "product", "value_said": "1", "sure": "1"}
    assert post(boss, lead, **sent, product="9999").status_code == 422
    post(boss, lead, closed, **sent, product=str(product.pk))
    fleet = {**sent, "field": "custom__fleet"}
    post(boss, lead, **fleet, custom__fleet="40")

    lead.refresh_from_db()
    assert (lead.product, lead.custom) == (product, {"fleet": "40"})
    assert LeadMatchKey.objects.filter(lead=lead, kind="contact+product").exists()
    post(boss, lead, **fleet, custom__fleet="")
    lead.refresh_from_db()
    assert lead.custom == {}


@pytest.mark.django_db
def test_many_are_closed_and_opened_again():
    boss = a_user(Role.SALES_MANAGER)
    leads = [a_lead() for _ in range(3)]

    assert post(boss, *leads, do="close").status_code == 200
    close(boss, leads)
    assert Lead.objects.filter(status=Status.DISQUALIFIED).count() == 3
    page = post(boss, *leads, do="reopen", sure="1", reason="A mistake")

    assert Lead.objects.open().count() == 3
    assert "3 leads opened again." in page.content.decode()


def close(boss: User, leads: list[Lead]) -> None:
    lost = StatusReason.objects.filter(status=Status.DISQUALIFIED, note_required=False).first()
    assert lost is not None
    post(boss, *leads, do="close", sure="1", reason=str(lost.pk))


@pytest.mark.django_db
def test_closing_many_does_not_qualify_and_qualifying_many_is_as_one_by_one_for_whom_they_are():
    sam, qualified = a_user(), StatusReason.objects.get(status=Status.QUALIFIED)
    kept = a_contact(marketing_only=True)
    mine, others = a_lead(kept, owner=sam), a_lead(owner=a_user(), sales_ready=True)
    orphan = a_lead(account=None, owner=sam, person_last_name="Lind")
    sent = {"reason": str(qualified.pk), "sure": "1"}

    assert post(sam, mine, do="close", **sent).status_code == 422
    assert post(a_user(Role.TELEPROSPECTOR), mine, do="qualify", **sent).status_code == 403
    assert "Begin an opportunity" in post(sam, mine, do="qualify").content.decode()
    assert not Lead.objects.exclude(status=Status.OPEN).exists()
    page = post(sam, mine, others, orphan, do="qualify", opportunities="1", note="Fair", **sent)

    assert "1 lead qualified." in page.content.decode()
    mine.refresh_from_db()
    kept.refresh_from_db()
    assert (mine.status, mine.process_state) == (Status.QUALIFIED, ProcessState.FINISHED)
    assert (kept.marketing_only, mine.close_reason) == (False, "Fair")
    assert Qualification.objects.get(lead=mine).opportunity is not None
    assert reasons(BulkJob.objects.get()) == [
        "It is not yours to qualify.",
        "An opportunity needs an account or a contact.",
    ]


@pytest.mark.django_db
def test_a_chunk_that_fails_is_tried_again_and_at_last_given_up_with_its_reason(monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 1)
    boss, ben = a_user(Role.SALES_MANAGER), a_user()
    bad, good = a_lead(), a_lead()
    usual = jobs._outcome

    def fails(job: BulkJob, ids: list[int]) -> Any:
        if ids == [bad.pk]:
            raise ValueError("x")
        return usual(job, ids)

    monkeypatch.setattr(jobs, "_outcome", fails)
    job = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted={"owner": ben.pk}, ids=[bad.pk, good.pk])
    work_it_off()

    job.refresh_from_db()
    assert (job.done, job.changed, job.finished_at is None) == (2, 1, False)
    assert reasons(job) == ["It could not be changed: ValueError."]


@pytest.mark.django_db
def test_a_chunk_costs_the_same_for_few_leads_and_for_many():
    boss = a_user(Role.SALES_MANAGER)
    costs = []
    for number in (2, 90):
        leads = [a_lead(a_contact()) for _ in range(number)]
        wanted = {"owner": a_user().pk}  # who was told a moment ago is told by the same notice
        job = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted=wanted, ids=[lead.pk for lead in leads])
        with CaptureQueriesContext(connection) as queries:
            run_now(job)
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_each_lead_once_and_what_a_killed_one_had_begun_is_done_again(monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 5)
    boss, ben = a_user(Role.SALES_MANAGER), a_user()
    leads = [a_lead() for _ in range(40)]
    job = begin_job(what=BulkWhat.ASSIGN, by=boss, words="x", wanted={"owner": ben.pk}, ids=[lead.pk for lead in leads])
    killed = BulkChunk.objects.order_by("pk").first()
    assert killed is not None

    def dies() -> None:  # in the middle of a chunk, with all it did undone
        monkeypatch.setattr(jobs, "_over", lambda chunk, outcome: (_ for _ in ()).throw(SystemExit))
        jobs._do_next()

    with pytest.raises(SystemExit):
        dies()
    assert not Lead.objects.filter(owner=ben).exists()
    monkeypatch.undo()

    assert at_once(work_it_off, work_it_off) == [None, None]

    job.refresh_from_db()
    assert (job.done, job.changed, job.refused) == (40, 40, 0)
    assert job.finished_at is not None
    assert LeadEvent.objects.filter(kind="assigned").count() == 40
    assert not BulkRefusal.objects.exists()


@pytest.mark.django_db
def test_a_ticked_lead_that_somebody_edited_after_the_list_was_opened_stays_and_says_who():
    mona, anna = a_user(Role.SALES_MANAGER), a_user(Role.TELEPROSPECTOR, first_name="Anna", last_name="Ames")
    edited, other = a_lead(topic="Edited"), a_lead(topic="Other")
    shown = signed_in(mona).get("/leads/").content.decode()
    seen = [f"{lead.pk}:1" for lead in (edited, other)]
    assert all(f'name="seen" value="{one}"' in shown for one in seen)
    with acting(anna, cause="page:1"):
        update_lead(edited.pk, version=1, changes={"rating": "cold"}, by=anna)

    asked = post(mona, edited, other, do="edit", field="rating", sure="1", seen=seen)
    assert f'name="seen" value="{edited.pk}:1"' in asked.content.decode()
    post(mona, edited, other, do="edit", field="rating", rating="hot", value_said="1", sure="1", seen=seen)

    assert list(Lead.objects.filter(rating="hot")) == [other]
    job = BulkJob.objects.get()
    assert reasons(job) == ["Anna Ames changed it after you had opened the list."]
