"""A submission becomes a contact, a lead and one interaction, and keeps the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Account,
    Change,
    Contact,
    CustomFieldType,
    Entity,
    Interaction,
    InteractionType,
)
from forms_intake.models import Submission, SubmissionState
from leads.models import Lead, LeadEvent
from tests.build import a_campaign, a_context, a_custom_field, a_form, a_product, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}


def decided(submission: Submission) -> dict[str, Any]:
    decision: dict[str, Any] = submission.decision or {}
    return decision


def test_a_first_submission_makes_contact_lead_and_interaction() -> None:
    owner = a_user()
    context = a_context("Demo form", "form", campaign=a_campaign("Autumn"), product=a_product("Routes"))
    form = a_form("Ask for a demo", marketing_context=context, topic="Route planning", lead_owner=owner)

    (submission,) = processed(a_submission(form, **NINA))

    assert (submission.state, submission.attempts, submission.error) == (SubmissionState.DONE, 1, "")
    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("Nina Lind", "nina@nordwind.example")
    assert not contact.marketing_only
    lead = Lead.objects.get()
    assert (lead.topic, lead.contact, lead.owner, lead.marketing_context) == ("Route planning", contact, owner, context)
    assert (lead.campaign, lead.product) == (context.campaign, context.product)
    assert lead.process is not None
    interaction = Interaction.objects.get()
    assert (interaction.type, interaction.subject) == (InteractionType.FORM_SUBMITTED, "Ask for a demo")
    assert interaction.occurred_at == submission.received_at
    assert (interaction.campaign, interaction.product) == (context.campaign, context.product)
    assert (submission.contact, submission.lead, submission.interaction) == (contact, lead, interaction)
    assert LeadEvent.objects.get().kind == LeadEvent.Kind.CREATED
    assert Change.objects.filter(subject="contact", subject_id=contact.pk).exists()
    assert decided(submission)["contact"] == {
        "strategy": "By e-mail",
        "key": "email: nina@nordwind.example",
        "candidates": [],
        "winner": contact.pk,
        "reason": "Nobody was known by this.",
        "new": True,
    }


def test_a_second_submission_of_one_person_finds_both_again() -> None:
    form = a_form()
    first, second = processed(
        a_submission(form, **NINA), a_submission(form, **{**NINA, "email": " NINA@nordwind.EXAMPLE"})
    )

    assert Contact.objects.count() == Lead.objects.count() == 1
    assert Interaction.objects.count() == 2
    assert decided(second)["contact"]["winner"] == first.contact_id
    assert decided(second)["lead"]["reason"] == "An open lead has the same interest."
    assert LeadEvent.objects.count() == 1


def test_custom_values_are_typed_and_one_that_does_not_fit_is_told() -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget"})

    good, bad = processed(
        a_submission(form, email="nina@nordwind.example", budget="1200"),
        a_submission(form, email="ole@nordwind.example", budget="a lot"),
    )

    assert Lead.objects.get().custom == {"budget": 1200}
    assert (good.state, bad.state) == (SubmissionState.DONE, SubmissionState.FAILED)
    assert bad.error.startswith("Budget: ")


def test_nothing_to_know_anybody_by_is_a_reason() -> None:
    (submission,) = processed(a_submission(first_name="Nina"))

    assert submission.state == SubmissionState.FAILED
    assert "e-mail" in submission.error
    assert not Contact.objects.exists()
    assert not Interaction.objects.exists()


def test_one_that_fails_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form()
    poison = a_submission(form, **{**NINA, "first_name": "x" * 200})
    good = [a_submission(form, email=f"n{number}@nordwind.example") for number in range(5)]
    boom = a_submission(form, email="boom@nordwind.example", first_name="\\u0000")
    monkeypatch.setattr("forms_intake.processing.intents._agreed", explode_for(boom.payload))

    processed(poison, boom, *good)

    assert poison.state == SubmissionState.FAILED
    assert "100 characters" in poison.error
    assert boom.state == SubmissionState.FAILED
    assert "ZeroDivisionError" in boom.error
    assert {submission.state for submission in good} == {SubmissionState.DONE}
    assert Contact.objects.count() == 5


def explode_for(payload: dict[str, Any]) -> Any:
    def agreed(form: Any, submission: Any, wordings: Any) -> tuple[list[Any], list[Any]]:
        return ([1 // 0] if submission.payload == payload else []), []

    return agreed


def test_processing_again_adds_no_second_interaction() -> None:
    (submission,) = processed(a_submission(**NINA))
    submission.state = SubmissionState.PENDING
    submission.save()
    processed(submission)

    assert submission.state == SubmissionState.DONE
    assert Interaction.objects.count() == 1
    assert submission.received_at > timezone.now() - timedelta(minutes=1)


def test_the_number_of_statements_does_not_grow_with_the_batch(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    for number in range(60):
        a_submission(form, email=f"n{number}@d{number % 7}.example", company=f"Firm {number % 7}")

    with django_assert_max_num_queries(45):
        processed()

    assert Lead.objects.count() == 60
    assert Account.objects.count() == 7


def test_an_answer_for_an_archived_custom_field_stays_on_the_submission_only() -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER, archived=True)
    form = a_form(fields={"email": "contact.email", "budget": "lead.custom.budget"})

    (submission,) = processed(a_submission(form, email="nina@nordwind.example", budget="12"))

    assert submission.state == SubmissionState.DONE
    assert submission.payload["budget"] == "12"
    assert Lead.objects.get().custom == {}


def test_a_form_that_a_site_posts_for_its_visitor_counts() -> None:
    submission = a_submission(**NINA)
    submission.origin = {"user_agent": "python-requests/2.32"}
    submission.save()

    processed(submission)

    assert Interaction.objects.get().robot is False
