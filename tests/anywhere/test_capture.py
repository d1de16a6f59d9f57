"""Forms of others that are heard: what is mapped is kept whatever else is wrong, and the rest stays on their page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Role
from forms_intake.anywhere.capturing import is_card_number
from forms_intake.models import DroppedName, FieldType, FormCapture, FormField, IntakeForm, Submission
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
