"""The figures of an import: each row is in one of them, they add up, and a dry run has the same."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Role
from contacts.services.contacts import create_contact
from forms_intake.imports import jobs
from forms_intake.models import ImportRun, ImportState
from tests.build import a_user
from tests.forms_intake.wizard import begun, do, mapped

pytestmark = pytest.mark.django_db

ROWS = (
    "nina@lind.example,1",
    "nina@lind.example,2",  # at once
    "known@rot.example,1",
    "nobody,1",
    "mo@rot.example,1",
    "known@rot.example,2",  # and later, as those below
    "nina@lind.example,3",
    "mo@rot.example,2",
    "known@rot.example,3",
)


@pytest.fixture
def marketer(client: Client, settings, tmp_path, monkeypatch) -> Client:
    monkeypatch.setattr("forms_intake.imports.ahead.CHUNK", 2)
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    create_contact(first_name="Known", email="known@rot.example")
    return client


@pytest.fixture
def run(marketer) -> ImportRun:
    run = begun(marketer, "\n".join(("email,city", *ROWS)).encode())
    mapped(marketer, run, topic="Trucks")
    return run


def shown(client: Client, run: ImportRun) -> dict[str, int]:
    page = client.get(reverse("forms_intake:import", args=[run.pk])).content.decode()
    found = re.findall(r'<dt>([^<]+)</dt><dd class="num"><span>(\d+)</span>', page)
    return {name: int(number) for name, number in found}


def test_every_row_is_in_one_figure_and_a_dry_run_has_the_figures_of_the_import(marketer, run):
    run = do(marketer, run, "check")
    before = shown(marketer, run)
    run = do(marketer, run, "run")
    after = shown(marketer, run)

    assert before == after == {
        "Rows": 9, "New contacts": 2, "Known contacts": 1, "Repeat a person above": 5, "Refused": 1,
        "New leads": 3, "New accounts": 2,
    }  # fmt: skip
    assert (run.checked or {})["leads_known"] == 0


def test_leads_that_are_known_are_counted_once_by_a_dry_run(marketer, run):
    do(marketer, run, "run")
    second = jobs.again(run, by=a_user(Role.MARKETER, "max"))

    second = do(marketer, second, "check")

    assert ((second.checked or {})["leads_created"], (second.checked or {})["leads_known"]) == (0, 3)
    assert shown(marketer, second)["Known contacts"] == 3


def test_the_first_rows_say_which_of_them_repeat_a_person_above(marketer, run):
    lines = marketer.get(reverse("forms_intake:import", args=[run.pk])).context["preview"]

    assert [line.verdict.contact for line in lines] == [
        "new", "repeated", "known", "", "new", "repeated", "repeated", "repeated", "repeated",
    ]  # fmt: skip


def test_an_import_that_is_stopped_midway_counts_nobody_twice(marketer, run, monkeypatch):
    monkeypatch.setattr("forms_intake.imports.slices.Slice.goes_on", lambda self: False)
    marketer.post(reverse("forms_intake:import_do", args=[run.pk, "run"]))
    for _ in range(4):
        jobs.advance()

    marketer.post(reverse("forms_intake:import_do", args=[run.pk, "stop"]))

    stopped = ImportRun.objects.get(pk=run.pk)
    assert (stopped.state, stopped.rows) == (ImportState.CANCELLED, 8)
    assert (stopped.contacts_created, stopped.contacts_matched, stopped.repeats, stopped.errors) == (2, 1, 4, 1)
