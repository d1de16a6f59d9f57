"""What forms of others are mapped to: fields that visitors can fill now, or, said clearly, once the form goes live."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Role, User
from forms_intake.building.checks import findings_of
from forms_intake.building.definition import fingerprint, freeze
from forms_intake.building.lifecycle import go_live
from forms_intake.models import FormCapture, FormField, IntakeForm
from tests.build import a_form, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> User:
    user = a_user(Role.MARKETER, "mia")
    client.force_login(user)
    return user


@pytest.fixture
def form(mia: User) -> IntakeForm:
    """Live with e-mail, first and last name; the draft asks for the size, too, and for no first name."""
    form = a_form(origins=["https://shop.example.com"])
    form.fields.filter(key="email").update(required=True)
    form.refresh_from_db()
    go_live(form_id=form.pk, seen=fingerprint(freeze(form)), by=mia)
    form.fields.filter(key="first_name").delete()
    FormField.objects.create(form=form, key="size", label="Size", position=9)
    return IntakeForm.objects.get(pk=form.pk)


def test_going_live_without_a_field_that_a_capture_is_mapped_to_is_told(form: IntakeForm, client: Client) -> None:
    FormCapture.objects.create(form=form, name="Shop", selector="#a", names={"mail": "email", "vorname": "first_name"})
    FormCapture.objects.create(form=form, name="Blog", selector="#b", names={"mail": "email"})

    told = [one.words for one in findings_of(form) if "heard" in one.words]

    assert len(told) == 1 and "Shop" in told[0] and "vorname" in told[0] and "mail" not in told[0]
    assert "vorname" in client.get(f"/forms/{form.pk}/live/").content.decode()


def test_a_name_is_mapped_to_what_is_live_and_what_is_not_yet_says_so(form: IntakeForm, client: Client) -> None:
    capture = FormCapture.objects.create(form=form, name="Shop", selector="#a")
    address = f"/forms/{form.pk}/capture/"

    def mapped(key: str) -> str:
        return client.post(f"{address}{capture.pk}/", {"map": key, "key": key}, follow=True).content.decode()

    assert "counts once the form goes live" not in mapped("last_name")
    assert "counts once the form goes live" not in mapped("first_name")  # live, and gone from the draft only
    assert "“Size” is not live yet: what is said there counts once the form goes live." in mapped("size")
    assert "no such field" in mapped("owner")

    capture.refresh_from_db()
    assert capture.names == {"last_name": "last_name", "first_name": "first_name", "size": "size"}
    page = client.get(address).content.decode()
    assert '<option value="size">Size (not live yet)</option>' in page
    assert "first_name, which is gone" not in page and "First name" in page


def test_of_a_form_that_was_never_live_all_fields_count_once_it_is(client: Client, mia: User) -> None:
    form = a_form(state="draft")
    capture = FormCapture.objects.create(form=form, name="Shop", selector="#a")

    page = client.post(f"/forms/{form.pk}/capture/{capture.pk}/", {"map": "mail", "key": "email"}, follow=True)

    assert "not live yet" not in page.content.decode()  # the whole form is not
    capture.refresh_from_db()
    assert capture.names == {"mail": "email"}
