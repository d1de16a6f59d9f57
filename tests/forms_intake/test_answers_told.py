"""What a form asked that fills no field is told where its lead's story is: on the timeline, as long as it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Interaction, Role
from contacts.telling import answers_in
from forms_intake.models import FieldType, FormField, IntakeForm, Submission, SubmissionState
from leads.models import Lead
from tests.build import a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

SAID: dict[str, Any] = {"email": "nina@lind.example", "trucks": "Twelve <b>", "when": ["May", "June"], "agree": True}


@pytest.fixture
def sam(client: Client) -> Client:
    client.force_login(a_user(Role.SALES_MANAGER, "sam"))
    return client


@pytest.fixture
def form() -> IntakeForm:
    form = a_form(fields={"email": "contact.email", "trucks": "", "when": "", "agree": "", "source": ""})
    FormField.objects.filter(key="trucks").update(label="How many trucks")
    FormField.objects.filter(key="agree").update(type=FieldType.CONSENT)
    FormField.objects.filter(key="source").update(type=FieldType.HIDDEN)
    return form


def pages(client: Client) -> list[Any]:
    contact, lead = Contact.objects.get(), Lead.objects.get()
    return [
        client.get(reverse("contacts:detail", args=[contact.pk])),
        client.get(reverse("leads:detail", args=[lead.pk])),
    ]


def answers(page: Any) -> list[Any]:
    return [entry.answers for _, those in page.context["story"].days for entry in those if entry.answers]


def test_answers_that_fill_no_field_are_told_with_the_form_on_the_pages_of_the_contact_and_the_lead(sam, form):
    processed(a_submission(form, **SAID, source="x", gone="not asked"))

    for page in pages(sam):
        assert answers(page) == [(("How many trucks", "Twelve <b>"), ("When", "May, June"))]
        assert "<dd><bdi>Twelve &lt;b&gt;</bdi></dd>" in page.content.decode()
        assert 'class="answers"' not in page.content.decode()


def test_long_answers_are_folded_away(sam, form):
    processed(a_submission(form, email="nina@lind.example", trucks="Many. " * 100))

    for page in pages(sam):
        assert '<details class="answers"><summary class="small">1 answer</summary>' in page.content.decode()


@pytest.mark.parametrize("changes", [{"payload": {}}, {"state": SubmissionState.DELETED}])
def test_answers_are_told_no_longer_than_their_submission_is_kept(sam, form, changes):
    processed(a_submission(form, **SAID))

    Submission.objects.update(**changes)

    assert [answers(page) for page in pages(sam)] == [[], []]


def test_many_submissions_cost_as_many_queries_as_one(form, django_assert_num_queries):
    processed(*(a_submission(form, **SAID) for _ in range(5)))
    rows = list(Interaction.objects.all())

    for some in (rows[:1], rows):
        with django_assert_num_queries(2):
            assert len(answers_in(some)) == len(some)
