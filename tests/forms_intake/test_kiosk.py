"""A form at a kiosk: many people on one device, none of whom meets what another left there."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from contacts.models import Contact, Role
from forms_intake.known import word_for
from forms_intake.models import FieldType, Submission, Website
from forms_intake.processing.work import process_next
from forms_intake.spec.remembering import forget_specs
from forms_intake.tracking.addresses import origin_of
from tests.build import a_contact, a_context, a_form, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget_specs()


def at_kiosk(client: Client, public_id: str, **said: str) -> str:
    """Fill it in as it stands there; where that leads."""
    answer = client.post(f"/f/{public_id}/", {"_kiosk": "1", **said})
    assert answer.status_code == 303
    return str(answer["Location"])


def test_one_person_after_another_fills_it_in_and_each_becomes_a_contact_of_their_own(client: Client) -> None:
    form = a_form(redirect_url="https://www.example.com/thanks", thank_you="See you at the talk.")

    page = client.get(f"/f/{form.public_id}/?kiosk=1")
    first = at_kiosk(client, form.public_id, email="nina@nordwind.example", last_name="Lind")
    thanks = client.get(first).content.decode()
    at_kiosk(client, form.public_id, email="omar@nordwind.example", last_name="Said")
    while process_next():
        pass

    assert '<input type="hidden" name="_kiosk" value="1">' in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "See you at the talk." in thanks and "Next person" in thanks
    assert f'content="20; url=/f/{form.public_id}/?kiosk=1"' in thanks
    assert set(Contact.objects.values_list("email", flat=True)) == {"nina@nordwind.example", "omar@nordwind.example"}
    assert not client.cookies
    assert not [key for post in Submission.objects.all() for key in post.dropped if "kiosk" in key]


def test_nothing_is_filled_in_offered_or_tracked_there(client: Client) -> None:
    form = a_form()
    form.fields.filter(key="first_name").update(prefill="both")
    nina = a_contact(email="nina@nordwind.example")
    who = word_for(nina.pk)
    Website.objects.create(name="Ours", origins=[origin_of(settings.SITE_URL)], marketing_context=a_context("Ours"))

    usual = client.get(f"/f/{form.public_id}/?first_name=Ada").content.decode()
    kiosk = client.get(f"/f/{form.public_id}/?kiosk=1&first_name=Ada&who={who}").content.decode()

    assert 'value="Ada"' in usual and 'autocomplete="given-name"' in usual
    assert 'value="Ada"' not in kiosk and "Nina" not in kiosk and 'name="_who"' not in kiosk
    assert 'autocomplete="off"' in kiosk and 'autocomplete="given-name"' not in kiosk
    assert "visits-1" in usual and "visits-1" not in kiosk


def test_a_mistake_leads_back_to_the_kiosk_and_a_confirmation_too(client: Client) -> None:
    form = a_form(double_opt_in=True, language="de")
    form.fields.filter(key="email").update(required=True, type=FieldType.EMAIL)

    wrong = client.post(f"/f/{form.public_id}/", {"_kiosk": "1", "email": ""})
    waits = client.get(at_kiosk(client, form.public_id, email="nina@nordwind.example")).content.decode()

    assert wrong.status_code == 422 and 'name="_kiosk"' in wrong.content.decode()
    assert "Bitte sehen Sie in Ihr Postfach" in waits and "Nächste Person" in waits


def test_marketers_find_it_where_the_form_is_put_to_use(client: Client) -> None:
    form = a_form()
    client.force_login(a_user(Role.MARKETER))

    assert f"/f/{form.public_id}/?kiosk=1" in client.get(f"/forms/{form.pk}/share/").content.decode()
