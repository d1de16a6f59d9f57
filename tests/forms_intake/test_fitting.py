"""The door takes no answer that processing would refuse: who typed it is told, at the field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Account, Contact, CustomFieldType, Entity
from forms_intake.models import FieldType, FormField, IntakeForm, Submission, SubmissionState
from leads.models import Lead
from tests.build import a_custom_field, a_form
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example"}


def a_form_that_fills(fills: str, type: str = FieldType.TEXT) -> IntakeForm:
    form = a_form(fields={"email": "contact.email", "said": fills})
    FormField.objects.filter(form=form, key="said").update(type=type)
    return form


def post(client: Client, form: IntakeForm, **texts: Any) -> Any:
    return client.post(f"/f/{form.public_id}/", texts, headers={"accept": "application/json"})


@pytest.mark.parametrize(
    ("fills", "bad", "good"),
    [
        ("account.employees", "some", "120"),
        ("account.domain", "our site", "https://nordwind.example/"),
        ("contact.role", "Emperor", "Decision maker"),
        ("lead.custom.budget", "a lot", "1200"),
    ],
)
def test_each_attribute_refuses_what_it_cannot_keep_where_it_was_typed(
    client: Client, fills: str, bad: str, good: str
) -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)
    form = a_form_that_fills(fills)

    refused, taken = post(client, form, **NINA, said=bad), post(client, form, **NINA, said=good)

    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["said"]
    assert taken.status_code == 202
    (submission,) = processed(Submission.objects.get())
    assert (submission.state, submission.error) == (SubmissionState.DONE, "")


def test_an_e_mail_typed_into_a_plain_field_is_checked_too(client: Client) -> None:
    form = a_form(fields={"email": "contact.email"})
    FormField.objects.filter(form=form).update(type=FieldType.TEXT)

    assert post(client, form, email="nina at nordwind").status_code == 422
    assert not Submission.objects.exists()


def test_a_hidden_value_that_does_not_fit_stays_on_the_submission(client: Client) -> None:
    form = a_form_that_fills("account.employees", FieldType.HIDDEN)

    assert post(client, form, **NINA, said="{employees}").status_code == 202

    (submission,) = processed(Submission.objects.get())
    assert submission.state == SubmissionState.DONE
    assert submission.payload["said"] == "{employees}"
    assert Contact.objects.count() == Lead.objects.count() == 1
    assert not Account.objects.exists()


def test_who_says_nothing_to_be_known_by_is_asked_for_it(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "phone": "contact.phone"}, contact_attributes=["phone"])

    refused, taken = post(client, form), post(client, form, email="nina@nordwind.example")

    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["phone"]
    assert taken.status_code == 202


def test_only_long_text_has_several_lines(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "name": "contact.first_name", "message": "lead.description"})
    FormField.objects.filter(key="message").update(type=FieldType.LONG_TEXT)

    post(client, form, **NINA, name="Ni\r\nna\x07\tMaria", message="Please\ncall")

    assert Submission.objects.get().payload == {**NINA, "name": "Ni na Maria", "message": "Please\ncall"}
