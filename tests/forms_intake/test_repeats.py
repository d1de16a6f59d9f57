"""A repeat is the same token and payload; two people with one token, or one person twice, are not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from forms_intake.models import Submission, SubmissionKey
from forms_intake.tasks import forget
from tests.build import a_form

NINA = {"email": "nina@nordwind.example", "first_name": "Nina"}
OLE = {"email": "ole@nordwind.example", "first_name": "Ole"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("token", ["", "one-token"])
def test_a_hundred_identical_posts_at_once_are_one_with_a_hundred_equal_answers(token: str) -> None:
    public_id = a_form().public_id

    def post(_: int) -> tuple[int, str]:
        try:
            body = {**NINA, "_token": token}
            answer = Client().post(f"/f/{public_id}/", body, content_type="application/json")
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(100)))

    assert set(answers) == {(202, str(Submission.objects.get().public_id))}


@pytest.mark.django_db
def test_two_people_who_share_a_cached_pages_token_are_both_kept(client: Client) -> None:
    url = f"/f/{a_form().public_id}/"
    client.post(url, {**NINA, "_token": "shared"})
    client.post(url, {**OLE, "_token": "shared"})

    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_the_same_answer_from_two_renderings_is_kept_twice(client: Client) -> None:
    url = f"/f/{a_form().public_id}/"
    client.post(url, {**NINA, "_token": "first"})
    client.post(url, {**NINA, "_token": "second"})

    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_the_order_of_keys_and_space_around_values_make_no_difference(client: Client) -> None:
    url = f"/f/{a_form().public_id}/"
    client.post(url, {"email": "nina@nordwind.example", "first_name": "Nina"})
    client.post(url, {"first_name": " Nina ", "email": "nina@nordwind.example"})

    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_one_payload_to_two_forms_is_two(client: Client) -> None:
    client.post(f"/f/{a_form('One').public_id}/", NINA)
    client.post(f"/f/{a_form('Two').public_id}/", NINA)

    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_without_a_token_five_minutes_later_it_is_a_new_one(client: Client) -> None:
    url = f"/f/{a_form().public_id}/"
    client.post(url, NINA)
    left = SubmissionKey.objects.get().expires_at - timezone.now()
    SubmissionKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.post(url, NINA)
    client.post(url, NINA)

    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_with_a_token_it_stays_a_repeat_for_thirty_days(client: Client) -> None:
    client.post(f"/f/{a_form().public_id}/", {**NINA, "_token": "mine"})

    assert SubmissionKey.objects.get().expires_at > timezone.now() + timedelta(days=29)


@pytest.mark.django_db
def test_keys_of_posts_go_when_they_have_expired() -> None:
    now = timezone.now()
    for name, expires_at in (("old", now - timedelta(seconds=1)), ("new", now + timedelta(days=1))):
        SubmissionKey.objects.create(key=name.encode(), public_id=uuid4(), expires_at=expires_at)

    forget()

    assert bytes(SubmissionKey.objects.get().key) == b"new"
