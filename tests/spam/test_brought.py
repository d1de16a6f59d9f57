"""What another system brings through the API is marked as what visitors send is, as far as it can be known."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from forms_intake.models import FieldType, FormField, IntakeForm, Submission, SubmissionState
from forms_intake.spec.remembering import forget_specs
from tests.api.calling import Api, an_api, problem_of
from tests.build import a_form

pytestmark = pytest.mark.django_db
TEXT = "We would like to plan our routes with you, from next year on."


@pytest.fixture
def form() -> IntakeForm:
    made = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "message": ""})
    FormField.objects.filter(key="message").update(type=FieldType.LONG_TEXT)
    forget_specs()
    return made


def bring(api: Api, form: IntakeForm, values: dict[str, Any], **more: Any) -> Submission:
    sent = {"values": {"email": "nina@nordwind.example", "first_name": "Nina"} | values} | more
    taken = api.post(f"/forms/{form.public_id}/submissions", sent)
    assert taken.status_code == 202, taken.content
    return Submission.objects.get(public_id=taken.json()["id"])


def marks(one: Submission) -> dict[str, str]:
    return {mark["check"]: mark["does"] for mark in one.marks}


def test_what_is_said_is_looked_at_and_not_how_a_page_was_filled_in(form: IntakeForm) -> None:
    IntakeForm.objects.update(captcha="proof")
    forget_specs()
    api = an_api()

    plain = bring(api, form, {"message": f"{TEXT} {token_hex(8)}"})
    thrown = bring(api, form, {"email": "x@mailinator.com"}, ip="2001:db8::7")
    links = bring(api, form, {"first_name": "Win now http://evil.example"})

    assert (plain.state, plain.marks, plain.version_id) == ("pending", [], form.version_id)
    assert (thrown.state, marks(thrown), thrown.origin["ip"]) == ("pending", {"disposable": "note"}, "2001:db8::7")
    assert (links.state, marks(links)) == ("spam", {"links": "aside"})
    assert "web address" in links.error
    told = api.get(f"/submissions/{links.public_id}").json()
    assert (told["state"], told["marks"]) == ("spam", links.marks)


def test_the_same_text_again_and_again_is_put_aside(form: IntakeForm) -> None:
    api, text = an_api(), f"{TEXT} {token_hex(8)}"
    states = [bring(api, form, {"message": text, "email": f"n{n}@nordwind.example"}).state for n in range(11)]
    assert states == ["pending"] * 10 + ["spam"]


def test_senders_are_told_apart_where_their_address_is_said(form: IntakeForm, settings: Settings) -> None:
    settings.FORM_ADDRESS_PER_HOUR = 1
    api = an_api()
    here, there = (f"2001:db8:{token_hex(2)}:{number}::1" for number in (1, 2))  # nobody has counted these yet

    unsaid = [bring(api, form, {"email": f"u{n}@nordwind.example"}) for n in range(3)]
    first, second, other = (
        bring(api, form, {"email": f"s{n}@nordwind.example"}, ip=ip) for n, ip in enumerate((here, here, there))
    )

    assert [marks(one) for one in (*unsaid, first, other)] == [{}] * 5
    assert marks(second) == {"address": "note"}
    values = {"email": "nina@nordwind.example"}
    refused = api.post(f"/forms/{form.public_id}/submissions", {"values": values, "ip": "somewhere"})
    assert problem_of(refused)[2].keys() == {"ip"}


def test_a_form_that_asks_people_to_confirm_asks_those_who_are_brought_too(form: IntakeForm) -> None:
    IntakeForm.objects.update(double_opt_in=True)
    forget_specs()

    one = bring(an_api(), form, {})

    assert one.state == SubmissionState.UNCONFIRMED
