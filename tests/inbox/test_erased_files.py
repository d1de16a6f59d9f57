"""Whoever is erased is in no kept file of an import any more, and in no row that was refused."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Role, User
from contacts.privacy import tombstones
from contacts.privacy.holding import Person
from forms_intake.imports import jobs, keeping, searching
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.personal import FILES
from forms_intake.models import ImportChunk, ImportReject, ImportRun, ImportState
from forms_intake.tasks import forget, search_import_files
from leadcrm.lib import doorbell
from tests.build import a_contact, a_user
from tests.forms_intake.wizard import begun, do, mapped, workbook

pytestmark = pytest.mark.django_db


def an_import(name: str, *, contacts: tuple[int, ...] = (), state: str = ImportState.DONE) -> ImportRun:
    key, _ = keeping.keep([b"email\nnina@nordwind.example\n"])
    run = ImportRun.objects.create(name=name, mapping={}, file=key, state=state)
    ImportChunk.objects.create(run=run, position=0, rows=1, known_contacts=list(contacts))
    return run


def test_files_that_brought_them_go_at_once_and_others_stay(
    django_capture_on_commit_callbacks: pytest.FixtureRequest,
) -> None:
    nina, otto = a_contact("Nina"), a_contact("Otto")
    theirs, other = an_import("theirs.csv", contacts=(nina.pk,)), an_import("other.csv", contacts=(otto.pk,))
    running = an_import("running.csv", contacts=(nina.pk,), state=ImportState.RUNNING)
    ImportReject.objects.create(run=other, line=4, reason="No.", cells=["OTTO@nordwind.example", "x"])
    ImportReject.objects.create(run=theirs, line=3, reason="No.", cells=["Nina@Nordwind.example", "x"])
    person = Person(contact_ids=(nina.pk,), emails=("nina@nordwind.example",))
    assert [section.rows[0]["Line"] for section in FILES.tell(person)] == [3]

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = FILES.erase(person)

    assert done == {"rows of files": 1, "files deleted": 1}
    files = {run.name: run.file for run in ImportRun.objects.all()}
    assert (files["theirs.csv"], bool(files["other.csv"]), bool(files["running.csv"])) == ("", True, True)
    assert not keeping.path_of(theirs.file).exists()
    assert keeping.path_of(other.file).exists()
    assert keeping.path_of(running.file).exists()
    assert ImportReject.objects.get().line == 4
    for run in (other, running):
        keeping.discard(run.file)


DEEP = "otto@nordwind.example"
ROWS = [["email", "Remark"], *([f"guest{number}@b.example", ""] for number in range(150)), ["", f"<{DEEP.upper()}>"]]


def as_csv(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def erased(*emails: str) -> None:
    tombstones.raise_over([("email", email) for email in emails], None)


def searched() -> int:
    """Search all files that are to be searched; how many were deleted."""
    return sum(searching.search_files())


@pytest.mark.parametrize(("name", "content"), [("p.csv", as_csv(ROWS)), ("p.xlsx", workbook(*ROWS))])
def test_a_draft_that_names_them_anywhere_loses_its_file_and_says_why(marketer, name, content):
    named, other = begun(marketer, content, name=name), begun(marketer, b"email\nguest@b.example\n")
    erased(DEEP)

    assert searched() == 1

    files = {run.pk: run.file for run in ImportRun.objects.all()}
    assert files == {named.pk: "", other.pk: other.file}
    assert not keeping.path_of(named.file).exists()
    assert keeping.path_of(other.file).exists()
    shown = marketer.get(reverse("forms_intake:import", args=[named.pk])).content.decode()
    assert "was erased at their own request" in shown
    assert searched() == 0


def test_a_file_that_is_sent_after_the_erasure_stays_whoever_else_is_erased(marketer):
    erased(DEEP)
    run = begun(marketer, as_csv(ROWS))
    erased("ada@b.example")

    assert searched() == 0
    assert ImportRun.objects.get().file == run.file


def test_the_file_of_an_import_under_way_goes_when_it_has_ended(marketer):
    run = begun(marketer, workbook(*ROWS), name="people.xlsx")
    mapped(marketer, run, topic="Trucks")
    ImportRun.objects.update(state=ImportState.RUNNING)
    erased("guest7@b.example")
    assert searched() == 0
    ImportRun.objects.update(state=ImportState.DRAFT)

    run = do(marketer, run, "run")
    assert (run.state, bool(run.file)) == (ImportState.DONE, True)
    assert searched() == 1

    run.refresh_from_db()
    assert run.file == ""


@pytest.mark.parametrize("what", ["check", "run"])
def test_refused_rows_of_who_was_erased_keep_their_reason_and_nothing_else(marketer, what):
    erased(DEEP, "nina@nordwind.example")
    rows = [["email", "company", "employees"], [DEEP, "Lind", "7"], ["nina@nordwind.example", "Rot", "many"],
            ["mo@b.example", "Blau", "many"]]  # fmt: skip
    run = begun(marketer, as_csv(rows))
    mapped(marketer, run, topic="Trucks")

    do(marketer, run, what)

    kept = {one.line: (bool(one.reason), one.cells) for one in ImportReject.objects.all()}
    assert kept == {2: (True, ["", "", ""]), 3: (True, ["", "", ""]), 4: (True, ["mo@b.example", "Blau", "many"])}


def test_a_copy_to_import_again_goes_with_its_original(marketer):
    run = begun(marketer, as_csv(ROWS))
    mapped(marketer, run, topic="Trucks")
    run = do(marketer, run, "run")
    erased(DEEP)

    copy = jobs.again(run, by=User.objects.get())

    assert searched() == 2
    assert not keeping.path_of(copy.file).exists()


def test_a_draft_whose_columns_are_not_all_mapped_yet_is_searched_too(marketer):
    run = begun(marketer, as_csv([["A", "B"], ["x", f"Ask <{DEEP}> first"]]))
    with pytest.raises(InvalidMapping):
        read_mapping(run.mapping)
    erased(DEEP)

    assert searched() == 1


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(doorbell, "ring", names.append)
    return names


def test_whoever_forgets_old_posts_only_rings_for_the_search(marketer, rung):
    run = begun(marketer, as_csv(ROWS))
    erased(DEEP)

    forget()

    assert (rung.count(searching.SEARCH), ImportRun.objects.get().file) == (1, run.file)
    search_import_files()
    assert (rung.count(searching.SEARCH), ImportRun.objects.get().file) == (1, "")


def test_a_search_stops_in_the_middle_of_a_file_and_the_next_one_goes_on_there(marketer, monkeypatch, rung):
    monkeypatch.setattr(searching, "AT_ONCE", 60)
    monkeypatch.setattr("forms_intake.tasks.SLICE_SECONDS", -1.0)
    begun(marketer, as_csv(ROWS))
    erased(DEEP)
    asked: list[int] = []
    standing_over = tombstones.standing_over

    def counted(keys):
        asked.append(len(keys))
        return standing_over(keys)

    monkeypatch.setattr(tombstones, "standing_over", counted)
    for _ in range(2):
        search_import_files()
    assert (asked, bool(ImportRun.objects.get().file)) == ([60, 60], True)

    search_import_files()

    assert (asked, ImportRun.objects.get().file) == ([60, 60, 31], "")
    rung.clear()
    search_import_files()
    assert rung == []


def test_a_file_that_was_searched_is_read_again_once_somebody_else_is_erased(marketer):
    begun(marketer, as_csv(ROWS))
    erased("ada@b.example")
    assert list(searching.search_files())
    assert list(searching.search_files()) == []

    erased(DEEP)

    assert searched() == 1


def test_a_long_word_beside_an_address_is_gone_through_once():
    erased(DEEP)
    began = time.process_time()  # other processes may be busy too

    kept = searching.keepable([["x" * 100_000 + f" {DEEP}"]])

    assert kept == [[""]]
    assert time.process_time() - began < 5
