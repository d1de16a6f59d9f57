"""The same person at once by import, by form and by hand: one contact, whoever is first."""

from __future__ import annotations

from contextlib import suppress
from threading import Event

import pytest
from django.test import Client

from contacts.errors import DuplicateContact
from contacts.models import Account, Contact, MatchKey
from contacts.services.contacts import create_contact
from forms_intake.imports import import_leads, jobs, keeping
from forms_intake.models import ImportRun, ImportState, Submission
from forms_intake.processing.work import process_next
from leads.models import Lead, LeadMatchKey
from tests.build import a_form
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.forms_intake.posting import a_submission
from tests.threads import at_once

PEOPLE = 60


def a_post(form, number: int) -> Submission:
    payload = {"email": f"P{number}@firm{number % 7}.example", "first_name": "By", "last_name": "Form"}
    return Submission.objects.create(form=form, public_id=f"00000000-0000-4000-8000-{number:012d}", payload=payload)


def the_file(folder, name: str, order: int):
    lines = [f"p{number}@firm{number % 7}.example,By,File,,X-{number}," for number in range(PEOPLE)]
    return a_file(folder, HEADER, *lines[::order], name=name)


@pytest.mark.django_db(transaction=True)
def test_import_form_and_hand_at_once_make_one_contact_each(tmp_path):
    form = a_form()
    for number in range(PEOPLE):
        a_post(form, number)
    refused: list[int] = []

    def by_hand() -> None:
        for number in range(0, PEOPLE, 3):
            try:
                create_contact(email=f"p{number}@firm{number % 7}.example", last_name="Hand")
            except DuplicateContact as error:
                refused.append(error.contact_id)

    def by_form() -> None:
        while process_next(10):
            pass

    results = at_once(
        lambda: import_leads(the_file(tmp_path, "one.csv", 1), a_mapping(), errors=tmp_path / "errors.csv"),
        by_form,
        by_hand,
        lambda: import_leads(the_file(tmp_path, "two.csv", -1), a_mapping(), errors=tmp_path / "errors2.csv"),
    )

    assert not [result for result in results if isinstance(result, Exception)]
    assert Contact.objects.count() == PEOPLE
    assert Contact.objects.values("email").distinct().count() == PEOPLE
    assert Contact.objects.exclude(external_id="").count() == PEOPLE
    assert (
        MatchKey.objects.filter(kind="email").count() == MatchKey.objects.filter(kind="external_id").count() == PEOPLE
    )
    assert Account.objects.count() == 7
    assert Submission.objects.filter(state="done").count() == PEOPLE
    assert Lead.objects.count() == 2 * PEOPLE, "one for the form, one for the import, however often it ran"
    assert LeadMatchKey.objects.filter(kind="contact+marketing_context").count() == 2 * PEOPLE


@pytest.mark.django_db(transaction=True)
def test_one_person_at_once_through_two_forms_with_different_keys_a_file_and_by_hand_is_one_contact(tmp_path):
    fields = {"email": "contact.email", "phone": "contact.phone", "first_name": "contact.first_name"}
    forms = [a_form("By e-mail", fields=fields), a_form("By phone", fields=fields, contact_attributes=["phone"])]
    people = [(f"p{number}@firm.example", f"+49 30 55501{number:02}") for number in range(PEOPLE)]
    for email, phone in people:
        for form in forms:
            a_submission(form, email=email, phone=phone, first_name="By form")
    file = a_file(tmp_path, HEADER, *(f"{email},By,File,{phone},," for email, phone in reversed(people)))

    def by_hand() -> None:
        for email, phone in people[::3]:
            with suppress(DuplicateContact):
                create_contact(email=email, phone=phone, last_name="Hand")

    def by_forms() -> None:
        while process_next(7):
            pass

    results = at_once(lambda: import_leads(file, a_mapping()), by_forms, by_hand, by_forms)

    assert not [result for result in results if isinstance(result, Exception)]
    assert Contact.objects.count() == PEOPLE
    assert dict(Contact.objects.values_list("email", "phone")) == dict(people)
    assert MatchKey.objects.count() == 2 * PEOPLE
    assert Submission.objects.filter(state="done").count() == 2 * PEOPLE
    assert Lead.objects.count() == 3 * PEOPLE, "one for each form, one for the import"


@pytest.mark.django_db(transaction=True)
def test_one_file_imported_four_times_at_once_is_imported_once(tmp_path):
    runs = [the_file(tmp_path, f"{turn}.csv", 1 if turn % 2 else -1) for turn in range(4)]

    results = at_once(*(lambda file=file: import_leads(file, a_mapping()) for file in runs))

    assert not [result for result in results if isinstance(result, Exception)]
    assert Contact.objects.count() == Lead.objects.count() == PEOPLE
    assert sum(run.leads_created for run in results) == PEOPLE  # type: ignore[attr-defined]
    assert sum(run.errors for run in results) == 0  # type: ignore[attr-defined]


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
def test_two_imports_and_a_thousand_posts_at_once_about_the_same_people_make_one_contact_each(
    tmp_path, settings, monkeypatch
):
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    monkeypatch.setattr("forms_intake.imports.ahead.CHUNK", 150)  # so that there are many transactions to cross
    form, all_of_them = a_form(), range(1_000)
    posted = Event()

    def an_import(order: int) -> ImportRun:
        lines = [f"p{number}@firm{number % 70}.example,By,File,,X-{number}," for number in all_of_them]
        key, size = keeping.keep(["\n".join([HEADER, *lines[::order]]).encode()])
        return ImportRun.objects.create(
            name="people.csv", state=ImportState.RUNNING, file=key, size=size, file_kind="csv", mapping=a_mapping()
        )

    def visitors() -> list[int]:
        browser = Client()
        try:
            return [
                browser.post(
                    f"/f/{form.public_id}/",
                    {"email": f"P{number}@firm{number % 70}.example", "first_name": "By", "last_name": "Form"},
                    REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}",
                ).status_code
                for number in all_of_them
            ]
        finally:
            posted.set()

    def a_worker() -> None:
        while process_next(20) or not posted.is_set():
            pass

    def an_importer() -> None:
        while jobs.advance():
            pass

    runs = [an_import(1), an_import(-1)]
    answers, *rest = at_once(visitors, a_worker, a_worker, an_importer, an_importer)

    assert answers == [303] * 1_000
    assert rest == [None] * 4
    for run in runs:
        run.refresh_from_db()
        assert (run.state, run.rows, run.errors) == (ImportState.DONE, 1_000, 0)
    assert Contact.objects.count() == Contact.objects.values("email").distinct().count() == 1_000
    assert MatchKey.objects.filter(kind="email").count() == 1_000
    assert MatchKey.objects.filter(kind="external_id").count() == 1_000
    assert Account.objects.count() == 70
    assert Submission.objects.filter(state="done").count() == 1_000
    assert Lead.objects.count() == 2_000, "one for the form and one for the two imports of one mapping, each"
    assert sum(run.leads_created for run in runs) == 1_000
