"""Undoing an import takes what nobody has worked on, whatever became of its list, and can always be gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.acting import acting
from contacts.models import Account, Contact, Role, User
from contacts.services.accounts import update_account
from contacts.services.contacts import update_contact
from contacts.services.interactions import log_by_hand
from forms_intake.imports import staying, undoing
from forms_intake.models import ImportChunk, ImportRun, ImportState, Submission, SubmissionState
from leads.attachments.service import attach
from leads.due import Due
from leads.models import Cause, Lead, LeadEvent
from leads.services.closing import close_leads, reopen
from leads.services.comments import add_comment
from leads.services.moves import move_leads
from leads.services.readiness import accept, mark_sales_ready
from leads.services.records import update_lead
from leads.services.tasks import create_task
from leads.stages import Stage
from segments.models import Kind, Segment, Subject
from segments.services.lifecycle import delete_segment, restore_segment
from tests.build import a_contact, a_reason, a_segment, a_user, an_account, an_opportunity
from tests.forms_intake.posting import a_submission, processed
from tests.forms_intake.wizard import begun, do, mapped

pytestmark = pytest.mark.django_db

PEOPLE = b"email\nnina@lind.example\nmo@rot.example\n"


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def imported(client: Client, **more: object) -> ImportRun:
    run = begun(client, PEOPLE)
    mapped(client, run, topic="Trucks", **more)
    return do(client, run, "run")


def page(client: Client, run: ImportRun) -> str:
    return client.get(reverse("forms_intake:import", args=[run.pk])).content.decode()


def a_list() -> Segment:
    return a_segment("Fair", kind=Kind.STATIC, subject=Subject.CONTACT)


def test_an_import_is_undone_though_its_list_was_deleted_and_nobody_of_it_is_in_the_list_that_comes_back(marketer):
    fair = a_list()
    run = imported(marketer, segment=fair.pk)
    assert fair.picks.count() == 2
    delete_segment(fair, by=None)

    run = do(marketer, run, "undo")

    assert (run.state, run.problem) == (ImportState.UNDONE, "")
    assert not Contact.objects.alive().exists()
    restore_segment(fair.pk)
    assert not fair.picks.exists()


def test_a_list_that_is_deleted_while_people_are_imported_has_them_when_it_comes_back(marketer):
    fair = a_list()
    run = begun(marketer, PEOPLE)
    mapped(marketer, run, topic="Trucks", segment=fair.pk)
    delete_segment(fair, by=None)

    run = do(marketer, run, "run")

    assert (run.state, run.problem) == (ImportState.DONE, "")
    assert "which was deleted" in page(marketer, run)
    assert not fair.members.exists()
    restore_segment(fair.pk)
    assert fair.picks.count() == 2


def test_an_undo_that_failed_midway_is_gone_on_with(marketer, monkeypatch):
    monkeypatch.setattr("forms_intake.imports.ahead.CHUNK", 1)
    run = imported(marketer)
    assert run.chunks.count() == 2
    before = undoing._contacts
    done: list[None] = []

    def break_at_the_second(*given):
        if done:
            raise RuntimeError
        before(*given)
        done.append(None)

    monkeypatch.setattr(undoing, "_contacts", break_at_the_second)
    run = do(marketer, run, "undo")
    assert (run.state, Contact.objects.alive().count()) == (ImportState.FAILED, 1)
    monkeypatch.setattr(undoing, "_contacts", before)

    shown = page(marketer, run)
    assert "Go on undoing" in shown and "Go on</button>" not in shown
    run = do(marketer, run, "undo")

    assert (run.state, (run.undone or {})["contacts"], run.problem) == (ImportState.UNDONE, 2, "")
    assert not Contact.objects.alive().exists()


def moved(lead: Lead, who: User) -> None:
    move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, actor=who, cause=Cause.PERSON, reason="Knows us.")


def closed(lead: Lead, who: User) -> None:
    close_leads([lead.pk], by=who, status="disqualified", reason=a_reason("Lost"))


def called(lead: Lead, who: User) -> None:
    log_by_hand(contact_id=lead.contact_id, by=who, type="note", subject="Met at the fair")  # type: ignore[arg-type]


def written_about(lead: Lead, who: User) -> None:
    add_comment(lead.pk, by=who, body="Ask Eva about them.")


def planned(lead: Lead, who: User) -> None:
    create_task(by=who, title="Write to them", due=Due(), lead=lead, owner=who)


def edited(lead: Lead, who: User) -> None:
    with acting(who, cause="page:1"):
        update_lead(lead.pk, version=lead.version, changes={"topic": "Vans"}, by=who)


def accepted(lead: Lead, who: User) -> None:
    mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand")
    accept(lead.pk, by=who)


def attached(lead: Lead, who: User) -> None:
    attach(lead.pk, by=who, file=SimpleUploadedFile("plan.txt", b"Plan"), name="plan.txt")


def pursued(lead: Lead, who: User) -> None:
    an_opportunity(lead=lead, contact=lead.contact)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (pursued, "1 with an opportunity"),
        (called, "1 with a call or a note"),
        (written_about, "1 with a comment, a file or a task"),
        (planned, "1 with a comment, a file or a task"),
        (attached, "1 with a comment, a file or a task"),
        (moved, "1 moved, given, accepted or closed by hand"),
        (closed, "1 moved, given, accepted or closed by hand"),
        (accepted, "1 moved, given, accepted or closed by hand"),
        (edited, "1 edited by hand"),
    ],
)
def test_a_lead_on_which_somebody_has_worked_stays_with_its_contact_and_the_page_says_why(
    marketer, settings, tmp_path, work, words
):
    settings.ATTACHMENTS_FOLDER = str(tmp_path / "attached")
    run = imported(marketer)
    lead = Lead.objects.get(contact__email="nina@lind.example")
    assert "comment, file or task" in page(marketer, run)

    work(lead, a_user(Role.SALESPERSON, "sam"))
    run = do(marketer, run, "undo")

    assert list(Lead.objects.alive().values_list("pk", flat=True)) == [lead.pk]
    assert list(Contact.objects.alive().values_list("email", flat=True)) == ["nina@lind.example"]
    assert ((run.undone or {})["leads"], (run.undone or {})["kept_leads"], (run.undone or {})["kept_contacts"]) == (
        1,
        1,
        1,
    )
    assert words in page(marketer, run)


def test_what_automation_and_other_imports_did_with_leads_keeps_none_of_them(marketer):
    run = imported(marketer)
    mark_sales_ready(list(Lead.objects.values_list("pk", flat=True)), cause=Cause.SALES_READY_BY_SCORE, detail="Demand")
    other = begun(marketer, b"email,description\nnina@lind.example,Ten of them\n")
    mapped(marketer, other, name="People", topic="Trucks")
    other = do(marketer, other, "run")
    assert other.leads_updated == 1

    run = do(marketer, run, "undo")

    assert not Lead.objects.alive().exists()
    assert (run.undone or {})["kept_leads"] == 0


def test_a_contact_that_somebody_edited_since_stays_though_its_lead_goes(marketer):
    run = imported(marketer)
    nina = Contact.objects.get(email="nina@lind.example")
    with acting(a_user(Role.SALESPERSON, "sam"), cause="page:1"):
        update_contact(nina.pk, version=nina.version, changes={"city": "Kiel"})

    do(marketer, run, "undo")

    assert list(Contact.objects.alive()) == [nina]
    assert not Lead.objects.alive().exists()


SHARED = (b"email,company\nnina@lind.example,Lind\n", b"email,industry\nmo@lind.example,Timber\n")


@pytest.fixture
def sharing(marketer) -> list[ImportRun]:
    """Two imports: the first made an account, the second filled it and brought a colleague."""
    runs = []
    for number, content in enumerate(SHARED):
        run = begun(marketer, content)
        mapped(marketer, run, name=f"Import {number}", topic="Trucks")
        runs.append(do(marketer, run, "run"))
    assert [run.accounts_created for run in runs] == [1, 0]
    assert Account.objects.get().industry == "Timber"
    return runs


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_account_that_two_imports_shared_goes_with_the_second_that_is_undone(marketer, sharing, order):
    first, second = (sharing[number] for number in order)
    do(marketer, first, "undo")
    assert Account.objects.alive().count() == 1

    second = do(marketer, second, "undo")

    assert not Account.objects.alive().exists()
    assert (second.undone or {})["accounts"] == 1


def test_an_account_that_two_undone_imports_shared_stays_for_whoever_else_uses_it(marketer, sharing):
    do(marketer, sharing[0], "undo")
    ada = a_contact(first_name="Ada", account=Account.objects.get())

    do(marketer, sharing[1], "undo")

    assert list(Account.objects.alive()) == [ada.account]


def test_an_account_that_two_undone_imports_shared_stays_once_somebody_edited_it(marketer, sharing):
    sam, lind = a_user(Role.SALESPERSON, "sam"), Account.objects.get()
    do(marketer, sharing[0], "undo")
    with acting(sam, cause="page:1"):
        update_account(lind.pk, version=Account.objects.get().version, changes={"city": "Kiel"})

    do(marketer, sharing[1], "undo")

    assert list(Account.objects.alive()) == [lind]


def test_an_account_that_no_import_made_stays_when_all_that_used_it_are_undone(marketer):
    lind = an_account("Lind", domain="lind.example")
    runs = [begun(marketer, content) for content in SHARED]
    for run in runs:
        mapped(marketer, run, name=run.name + str(run.pk), topic="Trucks")
        do(marketer, run, "run")

    for run in runs:
        do(marketer, run, "undo")

    assert list(Account.objects.alive()) == [lind]


def test_which_accounts_undone_imports_have_left_is_not_asked_of_each_chunk_for_each_account():
    run = ImportRun.objects.create(mapping={}, name="Large")
    ids = [one.pk for one in Account.objects.bulk_create(Account(name=f"Lind {n}") for n in range(500))]
    others = [[1_000_000 * n, 1_000_000 * n + 1] for n in range(1, 2000)]
    ImportChunk.objects.bulk_create(
        ImportChunk(run=run, position=at, rows=2, accounts=accounts, undone_at=timezone.now())
        for at, accounts in enumerate([*others, ids[:250]])
    )
    chunk = ImportChunk.objects.create(run=run, position=2000, rows=500, known_accounts=ids)

    assert staying.accounts_left_by_imports(ids, but=chunk) == ids[:250]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {staying.LEFT}", {"ids": ids, "but": chunk.pk})
        plan = cursor.fetchone()[0][0]["Plan"]
    assert max(rows_of(plan)) <= len(ids) ** 2, "2,000 chunks times 500 accounts are a million"


def rows_of(node: dict[str, Any]) -> Iterator[int]:
    """How many rows each step of a plan has handled."""
    yield (node["Actual Rows"] + node.get("Rows Removed by Join Filter", 0)) * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from rows_of(part)


CLOSED = b"email,Won,On\nnina@lind.example,1,2024-03-01\nmo@rot.example,0,2024-03-02\nada@grau.example,?,\n"
STATUS = {"column": "Won", "values": {"1": "qualified", "0": "disqualified"}, "closed_at": "On"}
CLOSED_MAPPING = {
    "name": "Old leads",
    "contact": {"fields": {"email": "email"}},
    "lead": {"topic": "Trucks", "status": STATUS},
}


def test_leads_that_came_closed_in_the_file_go_with_their_contacts(marketer):
    run = do(marketer, begun(marketer, CLOSED, mapping=CLOSED_MAPPING), "run")
    assert sorted(Lead.objects.values_list("status", flat=True)) == ["disqualified", "open", "qualified"]
    told = set(LeadEvent.objects.values_list("kind", "actor__username"))

    run = do(marketer, run, "undo")

    assert ((run.undone or {})["leads"], (run.undone or {})["kept_leads"]) == (3, 0)
    assert not Lead.objects.alive().exists()
    assert not Contact.objects.alive().exists()
    assert told == {("created", "maria"), ("qualified", None), ("disqualified", None)}


def test_a_lead_that_came_closed_stays_once_somebody_has_opened_it_again(marketer):
    run = do(marketer, begun(marketer, CLOSED, mapping=CLOSED_MAPPING), "run")
    lead, sam = Lead.objects.get(status="disqualified"), a_user(Role.SALESPERSON, "sam")
    reopen(lead.pk, by=sam, reason="They asked again.")

    run = do(marketer, run, "undo")

    assert list(Lead.objects.alive()) == [lead]
    assert "1 moved, given, accepted or closed by hand" in page(marketer, run)


@pytest.mark.parametrize(
    ("state", "stays"), [(SubmissionState.DONE, True), (SubmissionState.SPAM, False), (SubmissionState.DELETED, False)]
)
def test_a_lead_stays_for_a_post_that_asked_for_it_and_not_for_spam_or_one_that_was_deleted(marketer, state, stays):
    run = imported(marketer)
    (post,) = processed(a_submission(email=["nina@lind.example"]))
    lead = Lead.objects.get(contact__email="nina@lind.example", marketing_context=run.marketing_context)
    Submission.objects.filter(pk=post.pk).update(lead=lead, state=state)

    run = do(marketer, run, "undo")

    assert Lead.objects.alive().filter(pk=lead.pk).exists() is stays
    assert ("1 asked for again through a form" in page(marketer, run)) is stays
