"""Forms of others that are heard: what is mapped is kept whatever else is wrong, and the rest stays on their page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, TestCase
from pytest_django.fixtures import Settings

from contacts.models import Contact, Role
from forms_intake.anywhere.capturing import forget_capture, is_card_number, make_capture
from forms_intake.models import (
    Captcha,
    Does,
    DroppedName,
    FieldType,
    FormCapture,
    FormField,
    IntakeForm,
    SpamRule,
    Submission,
)
from forms_intake.spam.rules import forget_rules
from tests.build import a_form, a_user
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
SITE = "https://shop.example.com"
BY_SCRIPT: dict[str, Any] = {"HTTP_ORIGIN": SITE, "HTTP_SEC_FETCH_MODE": "cors", "HTTP_ACCEPT": "application/json"}


@pytest.fixture
def capture() -> FormCapture:
    form = a_form(origins=[SITE])
    FormField.objects.filter(key="last_name").update(required=True)
    FormField.objects.create(form=form, key="size", label="Size", type=FieldType.CHOICE, choices=["A"], position=9)
    return FormCapture.objects.create(form=form, name="Shop", selector="#contact", names={"mail": "email"})


def hear(client: Client, capture: FormCapture, values: dict[str, Any], **headers: Any) -> Any:
    return client.post(f"/f/{capture.form.public_id}/", values | {"_capture": capture.pk}, **(BY_SCRIPT | headers))


def test_what_was_heard_is_kept_without_what_does_not_fit_and_nothing_is_required(
    client: Client, capture: FormCapture
) -> None:
    values = {
        "email": "nina@nordwind.example",
        "size": "Z",
        "nonsense": "x",
        "_token": "view",
        "_unmapped": ["vorname", "plz"],
    }
    answers = [hear(client, capture, values), hear(client, capture, values)]
    assert [one.status_code for one in answers] == [202, 202]
    one = Submission.objects.get()  # the same view and values: once
    assert (one.payload, one.dropped) == ({"email": "nina@nordwind.example"}, ["size", "nonsense"])
    assert processed(one)[0].state == "done" and Contact.objects.get().email == "nina@nordwind.example"
    assert sorted(DroppedName.objects.values_list("name", flat=True)) == ["plz", "vorname"]
    capture.refresh_from_db()
    assert capture.heard_at is not None


def test_cards_are_dropped_at_the_door_as_well(client: Client, capture: FormCapture) -> None:
    hear(client, capture, {"email": "a@b.example", "first_name": "4111 1111 1111 1111"})
    one = Submission.objects.get()
    assert "4111" not in str(one.payload) and one.dropped == ["first_name"]
    assert is_card_number("my card is 5500-0000-0000-0004.")
    assert not is_card_number("+49 30 123456 78") and not is_card_number("0000000000000000")


def test_only_pages_of_listed_sites_are_heard_and_told_what_to_hear(client: Client, capture: FormCapture) -> None:
    evil: dict[str, Any] = {"HTTP_ORIGIN": "https://evil.example.org"}
    address = f"/f/{capture.form.public_id}/capture/"
    told, refused = client.get(address, HTTP_ORIGIN=SITE), client.get(address, **evil)
    assert told.json()["captures"] == [{"id": capture.pk, "selector": "#contact", "names": {"mail": "email"}}]
    assert told["Access-Control-Allow-Origin"] == SITE
    assert (refused.status_code, refused.headers.get("Access-Control-Allow-Origin")) == (403, None)
    assert hear(client, capture, {"email": "a@b.example"}, **evil).status_code == 403
    assert not Submission.objects.exists()


def test_a_capture_of_another_form_learns_nothing_from_a_post_to_this_one(client: Client, capture: FormCapture) -> None:
    other = FormCapture.objects.create(form=a_form("Other"), name="O", selector="form")
    client.post(
        f"/f/{capture.form.public_id}/", {"email": "a@b.example", "_capture": other.pk, "_unmapped": "x"}, **BY_SCRIPT
    )
    assert not DroppedName.objects.exists()


def test_a_dropped_name_is_mapped_by_one_click_and_its_likely_field_is_chosen(
    client: Client, capture: FormCapture
) -> None:
    hostile = "<b>x</b>"
    hear(client, capture, {"email": "a@b.example", "_unmapped": ["vorname", "plz", hostile]})
    client.force_login(a_user(Role.MARKETER))
    address = f"/forms/{capture.form.pk}/capture/"
    page = client.get(address).content.decode()
    assert '<option value="first_name" selected>' in page
    assert hostile not in page and "&lt;b&gt;x" in page
    client.post(f"{address}{capture.pk}/", {"map": "vorname", "key": "first_name"})
    client.post(f"{address}{capture.pk}/", {"ignore": "plz"})
    capture.refresh_from_db()
    assert capture.names == {"mail": "email", "vorname": "first_name"}
    assert list(DroppedName.objects.filter(ignored=False).values_list("name", flat=True)) == [hostile]
    client.post(f"{address}{capture.pk}/", {"map": "vorname", "key": "owner"})
    client.post(f"{address}{capture.pk}/", {"map": "mail", "key": ""})
    capture.refresh_from_db()
    assert capture.names == {"vorname": "first_name"}


def test_a_selector_that_is_none_is_refused_and_what_was_typed_stays(client: Client, capture: FormCapture) -> None:
    client.force_login(a_user(Role.MARKETER))
    answer = client.post(f"/forms/{capture.form.pk}/capture/", {"name": "Shop 2", "selector": "a{}"})
    assert answer.status_code == 422 and "Shop 2" in answer.content.decode()
    assert client.post(f"/forms/{capture.form.pk}/capture/", {"name": "Shop 2", "selector": "#buy"}).status_code == 302
    assert IntakeForm.objects.get(pk=capture.form.pk).captures.count() == 2


def test_a_post_is_captured_only_through_a_form_that_is_heard_for_this_one_and_from_a_listed_site(
    client: Client, capture: FormCapture
) -> None:
    other = FormCapture.objects.create(form=a_form("Other", origins=[SITE]), name="O", selector="form")
    address, values = f"/f/{capture.form.public_id}/", {"email": "a@b.example"}
    as_program: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}

    for number in (capture.pk + 1_000, other.pk, 10**17):
        answer = client.post(address, values | {"_capture": number}, **BY_SCRIPT)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["last_name"]), number
    said = client.post(address, values | {"_capture": capture.pk}, **as_program)
    assert (said.status_code, list(said.json()["errors"])) == (422, ["last_name"])  # it names no site

    assert not Submission.objects.exists()
    assert hear(client, capture, values).status_code == 202


def test_a_capture_that_is_new_or_gone_is_known_to_the_door_at_once(
    client: Client, capture: FormCapture, settings: Settings
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    client.post(f"/f/{capture.form.public_id}/", {})  # the door remembers the form
    with TestCase.captureOnCommitCallbacks(execute=True):
        new = make_capture(form_id=capture.form.pk, name="Blog", selector="#blog", by=a_user(Role.MARKETER))

    assert hear(client, new, {"email": "a@b.example"}).status_code == 202

    number = new.pk
    with TestCase.captureOnCommitCallbacks(execute=True):
        forget_capture(capture_id=number)

    again = {"email": "c@d.example", "_capture": number}
    assert client.post(f"/f/{capture.form.public_id}/", again, **BY_SCRIPT).status_code == 422


def test_a_program_switches_no_captcha_off_and_what_was_heard_without_one_says_so(
    client: Client, capture: FormCapture
) -> None:
    form = capture.form
    form.captcha = Captcha.PROOF
    form.save()
    made_up = {"email": "a@b.example", "last_name": "B", "_capture": "123456"}

    client.post(f"/f/{form.public_id}/", made_up, HTTP_ACCEPT="application/json")
    hear(client, capture, {"email": "nina@nordwind.example"})

    robot, nina = Submission.objects.order_by("pk")
    assert (robot.state, [mark["check"] for mark in robot.marks]) == ("spam", ["captcha"])
    assert (nina.state, [mark["check"] for mark in nina.marks]) == ("pending", ["heard"])

    SpamRule.objects.create(check_code="heard", does=Does.ASIDE)
    forget_rules()
    hear(client, capture, {"email": "otto@nordwind.example"})
    assert Submission.objects.latest("pk").state == "spam"
