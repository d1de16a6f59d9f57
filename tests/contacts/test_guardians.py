"""Of a child nothing above Transactional counts until their guardian agrees, whoever writes it."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.errors import InvalidValues
from contacts.merging.service import merge_contacts
from contacts.models import ConsentLevel, Contact, Guardianship, Role
from contacts.services.consents import record_consent
from contacts.services.contacts import create_contact
from contacts.services.guardians import no_child, note_child
from forms_intake.models import FieldType, FormField
from tests.build import a_contact, a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


def level_of(contact: Contact) -> int:
    return Contact.objects.get(pk=contact.pk).consent_level


def test_a_child_is_kept_down_until_the_guardian_agrees_and_then_what_they_said_counts() -> None:
    child, parent = a_contact("Nina"), a_contact("Petra")
    record_consent(contact_id=child.pk, level=ConsentLevel.MARKETING)

    note_child(child.pk, guardian_id=parent.pk, agreed=False, how="", by=None)
    assert level_of(child) == ConsentLevel.TRANSACTIONAL
    record_consent(contact_id=child.pk, level=ConsentLevel.PROFILING)
    assert level_of(child) == ConsentLevel.TRANSACTIONAL

    note_child(child.pk, guardian_id=parent.pk, agreed=True, how="By letter, folder 7", by=None)
    assert level_of(child) == ConsentLevel.PROFILING


def test_no_form_lifts_a_child_either() -> None:
    child = create_contact(email="nina@nordwind.example")
    note_child(child.pk, guardian_id=None, agreed=False, how="", by=None)
    form = a_form()
    FormField.objects.create(form=form, key="news", label="News", type=FieldType.CONSENT, consent_level=4)

    done = processed(a_submission(form, email="nina@nordwind.example", first_name="Nina", news=True))[0]

    assert done.contact_id == child.pk
    assert level_of(child) == ConsentLevel.TRANSACTIONAL
    no_child(child.pk, by=None)
    assert level_of(child) == ConsentLevel.MARKETING


def test_whoever_is_merged_with_a_child_is_one() -> None:
    survivor, child = a_contact("Nina"), a_contact("Nina", "L.")
    record_consent(contact_id=survivor.pk, level=ConsentLevel.MARKETING)
    record_consent(contact_id=child.pk, level=ConsentLevel.MARKETING)
    note_child(child.pk, guardian_id=None, agreed=False, how="", by=None)

    merge_contacts(survivor.pk, child.pk, take=(), by=a_user(Role.ADMINISTRATOR))

    assert Guardianship.objects.get().child == survivor
    assert level_of(survivor) <= ConsentLevel.TRANSACTIONAL


def test_agreement_needs_a_guardian_who_is_no_child_and_words() -> None:
    child, other, parent = a_contact("Nina"), a_contact("Otto"), a_contact("Petra")
    note_child(other.pk, guardian_id=None, agreed=False, how="", by=None)

    for guardian_id, how in (
        (None, "By letter"),
        (other.pk, "By letter"),
        (child.pk, "x"),
        (parent.pk, ""),
    ):
        with pytest.raises(InvalidValues):
            note_child(child.pk, guardian_id=guardian_id, agreed=True, how=how, by=None)
    assert not Guardianship.objects.filter(child=child).exists()


def test_the_page_of_consent_says_it_and_takes_it(client: Client) -> None:
    child, parent = a_contact("Nina"), create_contact(first_name="Petra", email="petra@nordwind.example")
    client.force_login(a_user(Role.MARKETER, "mia"))
    where = f"/contacts/{child.pk}/consent/guardian/"

    refused = client.post(where, {"is_child": "on", "guardian": "nobody@x.example"}, follow=True)
    assert "No contact has the address" in refused.content.decode()
    told = client.post(where, {"is_child": "on", "guardian": "petra@nordwind.example"}, follow=True).content.decode()

    assert "guardian has not agreed" in told
    assert f"/contacts/{parent.pk}/" in told
    assert ">Child</span>" in client.get(f"/contacts/{child.pk}/").content.decode()
    client.post(where, {})
    assert not Guardianship.objects.exists()
