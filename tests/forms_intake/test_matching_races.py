"""Many at once: who was first is decided by the database, and everybody else finds that one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Account, Contact, Interaction, MatchKey
from forms_intake.models import Submission, SubmissionState
from forms_intake.processing.work import process_next
from leads.models import Lead, LeadEvent, LeadMatchKey
from tests.build import a_form
from tests.forms_intake.posting import a_submission

pytestmark = pytest.mark.django_db(transaction=True)

PHONE_AND_EMAIL = {"email": "contact.email", "phone": "contact.phone", "first_name": "contact.first_name"}
POSTERS = 8
WORKERS = 4


def at_once(work: Callable[[int], Any], times: int, *, threads: int) -> list[Any]:
    def run(number: int) -> Any:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(times)))


def work_through(_: int, limit: int = 7) -> int:
    """A worker that takes small batches, so that several meet over the same people."""
    done = 0
    while count := process_next(limit):
        done += count
    return done


def test_a_hundred_identical_posts_at_once_are_one_of_everything() -> None:
    url = f"/f/{a_form().public_id}/"
    body = {"email": "nina@nordwind.example", "first_name": "Nina"}

    def post(_: int) -> tuple[int, str]:
        answer = Client().post(url, body, content_type="application/json")
        return answer.status_code, answer.json()["id"]

    answers = at_once(post, 100, threads=POSTERS)
    at_once(work_through, WORKERS, threads=WORKERS)

    assert set(answers) == {(202, str(Submission.objects.get().public_id))}
    assert [model.objects.count() for model in (Contact, Lead, Interaction)] == [1, 1, 1]


def test_a_hundred_different_posts_of_one_email_are_one_lead_with_a_hundred_interactions() -> None:
    url = f"/f/{a_form().public_id}/"

    def post_and_process(number: int) -> int:
        body = {"email": "nina@nordwind.example", "first_name": f"Nina {number}"}
        status = Client().post(url, body).status_code
        process_next(3)
        return status

    statuses = at_once(post_and_process, 100, threads=POSTERS)
    at_once(work_through, WORKERS, threads=WORKERS)

    assert set(statuses) == {303}
    assert [model.objects.count() for model in (Contact, Lead, Interaction)] == [1, 1, 100]
    assert set(Submission.objects.values_list("state", flat=True)) == {SubmissionState.DONE}
    assert LeadEvent.objects.count() == 1


def test_one_person_through_forms_with_different_strategies_is_one_contact() -> None:
    by_email = a_form("By e-mail", fields=PHONE_AND_EMAIL)
    by_phone = a_form("By phone", fields=PHONE_AND_EMAIL, contact_attributes=["phone"])
    by_name = a_form("By name", fields=PHONE_AND_EMAIL, contact_attributes=["first_name", "phone"])
    for person in range(10):
        for form in (by_email, by_phone, by_name, by_phone, by_email):
            a_submission(
                form, email=f"n{person}@nordwind.example", phone=f"+49 30 55500{person:02}", first_name=f"N{person}"
            )

    at_once(lambda _: work_through(_, 3), WORKERS, threads=WORKERS)

    assert set(Submission.objects.values_list("state", flat=True)) == {SubmissionState.DONE}
    assert Contact.objects.count() == 10
    assert Interaction.objects.count() == 50
    assert Lead.objects.count() == 30
    assert MatchKey.objects.count() == 30


def test_workers_that_meet_over_the_same_people_and_companies_neither_lose_nor_double() -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name", "city": "contact.city"})
    for number in range(300):
        person = number * 7 % 30
        a_submission(form, email=f"n{person}@d{person % 5}.example", company=f"Firm {person % 5}", city=f"C{number}")

    done = at_once(work_through, WORKERS, threads=WORKERS)

    assert sum(done) == 300
    assert [model.objects.count() for model in (Contact, Lead, Interaction)] == [30, 30, 300]
    assert Account.objects.count() == 5
    assert LeadMatchKey.objects.count() == 30
    assert not Contact.objects.filter(city="").exists()
