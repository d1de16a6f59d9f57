"""Double opt-in where nobody can be asked: forms without an e-mail field, and posts without an address."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import OutboxEvent, Role
from forms_intake.building.checks import findings_of
from forms_intake.confirming import NO_ADDRESS
from forms_intake.models import Ask, Deed, FieldType, IntakeForm, Submission
from forms_intake.processing.work import process_next
from forms_intake.services.mending import edit_submission
from forms_intake.services.submissions import GIVE_ONE, do
from forms_intake.spec.remembering import forget_specs
from leadcrm.lib import ratelimit
from tests.build import a_form, a_user
from tests.forms_intake.posting import a_submission

pytestmark = pytest.mark.django_db

NUMBER = "+49 30 1234567"


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)


@pytest.fixture
def marketer() -> Client:
    client = Client()
    client.force_login(a_user(Role.MARKETER))
    return client


def a_form_by_phone(**more: Any) -> IntakeForm:
    """With double opt-in, and no field for an address."""
    fields = {"phone": "contact.phone", "last_name": "contact.last_name"} | more
    return a_form(fields=fields, contact_attributes=["phone"], double_opt_in=True)


def aside(form: IntakeForm, state: str, error: str = "") -> Submission:
    one = a_submission(form, phone=NUMBER, last_name="Lind")
    Submission.objects.filter(pk=one.pk).update(state=state, error=error)
    one.refresh_from_db()
    return one


def done_to(marketer: Client, one: Submission, word: str) -> str:
    """What the page says afterwards."""
    return marketer.post(f"/submissions/{one.pk}/do/", {"do": word}, follow=True).content.decode()


CALL_ME = {"key": "last_name", "op": "is", "values": ["Nobody"]}
NOT_ASKED: tuple[dict[str, Any], ...] = ({"type": FieldType.HIDDEN}, {"show_when": CALL_ME}, {"ask": Ask.KNOWN})


@pytest.mark.parametrize("change", NOT_ASKED, ids=lambda one: next(iter(one)))
def test_who_is_not_asked_for_an_address_sends_the_form_and_the_inbox_says_what_it_lacks(
    client: Client, marketer: Client, change: dict[str, Any]
) -> None:
    form = a_form_by_phone(email="contact.email")
    form.fields.filter(key="email").update(**change)
    forget_specs()

    answer = client.post(f"/f/{form.public_id}/", {"phone": NUMBER, "last_name": "Lind"})

    assert (answer.status_code, answer["Location"]) == (303, f"/f/{form.public_id}/thanks/")
    one = Submission.objects.get()
    assert (one.state, one.error, OutboxEvent.objects.count()) == ("failed", NO_ADDRESS, 0)
    assert NO_ADDRESS in marketer.get(f"/submissions/{one.pk}/").content.decode()


@pytest.mark.parametrize("change", NOT_ASKED, ids=lambda one: next(iter(one)))
def test_a_form_that_hides_where_the_letter_goes_does_not_go_live_and_says_what_to_do(change: dict[str, Any]) -> None:
    form = a_form_by_phone(email="contact.email")

    def said() -> list[tuple[str, bool]]:
        told = [one for one in findings_of(form) if "letter to confirm goes to “Email”" in one.words]
        assert all("or take the confirmation by mail off in the settings" in one.words for one in told)
        return [(one.field, one.stops) for one in told]

    assert said() == []
    form.fields.filter(key="email").update(**change)
    assert said() == [("Email", True)]
    form.double_opt_in = False
    assert said() == []


def test_an_address_that_is_typed_where_it_need_not_be_is_where_the_letter_goes(client: Client) -> None:
    form = a_form_by_phone(email="contact.email")
    form.fields.filter(key="email").update(show_when=CALL_ME)
    forget_specs()

    client.post(f"/f/{form.public_id}/", {"phone": NUMBER, "last_name": "Lind", "email": "nina@nordwind.example"})

    one = Submission.objects.get()
    assert (one.state, one.dropped, OutboxEvent.objects.count()) == ("asked", [], 1)


def test_who_cannot_say_who_they_are_on_a_form_is_not_refused_for_what_they_do_not_see(client: Client) -> None:
    form = a_form(fields={"last_name": "contact.last_name", "email": "contact.email"})
    form.fields.filter(key="email").update(show_when=CALL_ME)
    forget_specs()

    assert client.post(f"/f/{form.public_id}/", {"last_name": "Lind"}).status_code == 303
    assert client.post(f"/f/{form.public_id}/", {"last_name": "Nobody"}).status_code == 422

    process_next()
    one = Submission.objects.get()
    assert (one.state, bool(one.error)) == ("failed", True)


def test_what_is_no_spam_at_a_form_without_an_email_field_is_processed_as_it_would_have_been_at_the_door() -> None:
    one = aside(a_form_by_phone(), "spam")

    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert process_next() == 1
    one.refresh_from_db()
    assert (one.state, one.error) == ("done", "")


def test_a_new_run_at_a_form_without_an_email_field_is_processed() -> None:
    one = aside(a_form_by_phone(), "failed", "Something went wrong.")

    made = edit_submission(submission_id=one.pk, values={}, attempts=0, by=a_user(Role.MARKETER), anew=True)

    assert process_next() == 1
    made.refresh_from_db()
    assert (made.state, made.error) == ("done", "")


def test_what_failed_for_want_of_an_address_that_its_form_never_asks_is_processed_at_a_retry() -> None:
    one = aside(a_form_by_phone(), "failed", NO_ADDRESS)

    do(Deed.RETRIED, [one.pk], by=None)

    assert process_next() == 1


def test_a_retry_that_cannot_ask_anybody_says_what_holds_it_and_leaves_no_line(marketer: Client) -> None:
    one = aside(a_form_by_phone(email="contact.email"), "failed", NO_ADDRESS)

    page = done_to(marketer, one, "retry")

    assert GIVE_ONE in page
    assert "being processed" not in page
    one.refresh_from_db()
    assert (one.state, one.events.count(), OutboxEvent.objects.count()) == ("failed", 0, 0)


def test_what_is_no_spam_and_has_no_address_says_so_and_not_that_it_is_processed(marketer: Client) -> None:
    one = aside(a_form_by_phone(email="contact.email"), "spam")

    page = done_to(marketer, one, "not-spam")

    assert f"It is no spam. {NO_ADDRESS}" in page
    assert "as if it had just arrived" not in page


def test_what_is_no_spam_and_is_asked_says_that_it_waits(marketer: Client) -> None:
    one = a_submission(a_form(double_opt_in=True), email="nina@nordwind.example", last_name="Lind")
    Submission.objects.update(state="spam")

    page = done_to(marketer, one, "not-spam")

    assert "It is no spam. It waits for the person to follow the link in the letter." in page
    assert "as if it had just arrived" not in page
