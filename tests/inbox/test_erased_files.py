"""Whoever is erased is in no kept file of an import any more, and in no row that was refused."""

from __future__ import annotations

import pytest

from contacts.privacy.holding import Person
from forms_intake.imports import keeping
from forms_intake.imports.personal import FILES
from forms_intake.models import ImportChunk, ImportReject, ImportRun, ImportState
from tests.build import a_contact

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
