"""Submissions in the admin: read, and tried again."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.models import Submission, SubmissionState
from tests.admin.pages import address
from tests.build import a_form, a_user

pytestmark = pytest.mark.django_db


def test_a_failed_submission_is_processed_again_and_nothing_else(client: Client) -> None:
    form = a_form()
    failed, done = (
        Submission.objects.create(public_id=uuid.uuid4(), form=form, payload={"email": ["a@b.example"]}, state=state)
        for state in (SubmissionState.FAILED, SubmissionState.DONE)
    )
    client.force_login(a_user(Role.MARKETER))

    where = address(Submission, "changelist")
    client.post(where, {"action": "process_again", "_selected_action": [failed.pk, done.pk]})
    client.post(address(Submission, "change", done.pk), {"state": "pending", "payload": "{}"})

    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.state, done.state) == (SubmissionState.PENDING, SubmissionState.DONE)
    assert done.payload == {"email": ["a@b.example"]}


def test_a_submission_is_found_by_the_id_its_poster_was_told(client: Client) -> None:
    one, two = (Submission.objects.create(public_id=uuid.uuid4(), form=a_form(name), payload={}) for name in "ab")
    client.force_login(a_user(Role.MARKETER))

    page = client.get(address(Submission, "changelist"), {"q": str(one.public_id)}).content.decode()

    assert str(one.public_id) in page and str(two.public_id) not in page
