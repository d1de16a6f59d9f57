"""The guardian of a child agrees purpose by purpose: that counts, what the child says waits, and all of it is proof."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from contacts.consent.links import token_of
from contacts.consent.purposes import add_wording
from contacts.merging.service import merge_contacts
from contacts.models import Consent, ConsentLevel, Contact, Guardianship, How, Purpose, Role
from contacts.services.consents import record_consent, said_by, standing_of, withdraw_all
from contacts.services.contacts import create_contact
from contacts.services.guardians import agree_for, no_child, note_child
from forms_intake.models import FieldType, FormField
from tests.build import a_contact, a_form, a_user
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db


def level_of(contact: Contact) -> int:
    return Contact.objects.get(pk=contact.pk).consent_level


def a_purpose(name: str, level: int) -> Purpose:
    purpose = Purpose.objects.create(name=name, level=level)
    add_wording(purpose_id=purpose.pk, text=f"Yes, send me {name}.", by=None)
    return purpose


@pytest.fixture
def news() -> Purpose:
    return a_purpose("news", ConsentLevel.SUBSCRIPTIONS)


@pytest.fixture
def offers() -> Purpose:
    return a_purpose("offers", ConsentLevel.MARKETING)


@pytest.fixture
def parent() -> Contact:
    return create_contact(first_name="Petra", email="petra@nordwind.example")


@pytest.fixture
def child(parent: Contact) -> Contact:
    child = create_contact(first_name="Nina", email="nina@nordwind.example")
    note_child(child.pk, guardian_id=parent.pk, agreed=False, how="", by=None)
    return child


def test_what_the_guardian_agrees_to_counts_and_nothing_else_that_the_child_says(
    child: Contact, news: Purpose, offers: Purpose
) -> None:
    record_consent(contact_id=child.pk, purpose=offers)
    assert level_of(child) == ConsentLevel.TRANSACTIONAL
    assert not standing_of(child.pk).agrees_to(offers.pk) and said_by(child.pk).agrees_to(offers.pk)

    changed = agree_for(child.pk, purposes=[news.pk], seen=[news.pk], by=None, how=How.PERSON, source="By letter")
    assert changed == ["news"]
    now = standing_of(child.pk)
    assert (level_of(child), now.agrees_to(news.pk), now.agrees_to(offers.pk)) == (3, True, False)
    proof = Consent.objects.latest("pk")
    assert (proof.by_guardian, proof.source, proof.wording) == (
        True,
        "Guardian: Petra. By letter",
        "Yes, send me news.",
    )

    record_consent(contact_id=child.pk, level=ConsentLevel.PROFILING)
    assert level_of(child) == 3
    agree_for(child.pk, purposes=[], seen=[news.pk], by=None, how=How.PERSON)
    assert level_of(child) <= ConsentLevel.TRANSACTIONAL and not standing_of(child.pk).agrees_to(news.pk)


def test_no_form_lifts_a_child_above_what_the_guardian_agreed_to(child: Contact, news: Purpose) -> None:
    agree_for(child.pk, purposes=[news.pk], seen=[], by=None)
    form = a_form()
    FormField.objects.create(form=form, key="all", label="All", type=FieldType.CONSENT, consent_level=5)
    processed(a_submission(form, email="nina@nordwind.example", first_name="Nina", all=True))
    assert level_of(child) == 3


def test_a_child_takes_back_what_the_guardian_agreed_to_and_grown_up_their_own_word_counts(
    child: Contact, news: Purpose, offers: Purpose
) -> None:
    agree_for(child.pk, purposes=[news.pk, offers.pk], seen=[], by=None)
    record_consent(contact_id=child.pk, purpose=offers, given=False, how=How.CENTRE)
    assert (level_of(child), standing_of(child.pk).agrees_to(offers.pk)) == (3, False)
    withdraw_all(contact_id=child.pk, how=How.UNSUBSCRIBE)
    assert level_of(child) == ConsentLevel.TRANSACTIONAL
    assert Guardianship.objects.get().most == ConsentLevel.TRANSACTIONAL
    record_consent(contact_id=child.pk, purpose=offers)
    no_child(child.pk, by=None)
    assert level_of(child) == ConsentLevel.MARKETING


def test_whole_agreement_lifts_all_and_taken_back_leaves_the_purposes(
    child: Contact, parent: Contact, news: Purpose
) -> None:
    agree_for(child.pk, purposes=[news.pk], seen=[], by=None)
    record_consent(contact_id=child.pk, level=ConsentLevel.PROFILING)
    note_child(child.pk, guardian_id=parent.pk, agreed=True, how="By letter", by=None)
    assert level_of(child) == ConsentLevel.PROFILING
    note_child(child.pk, guardian_id=parent.pk, agreed=False, how="", by=None)
    assert level_of(child) == 3


def test_merged_with_somebody_a_child_keeps_what_the_guardian_said(child: Contact, news: Purpose) -> None:
    agree_for(child.pk, purposes=[news.pk], seen=[], by=None)
    survivor = a_contact("Nina")
    record_consent(contact_id=survivor.pk, level=ConsentLevel.PROFILING)
    merge_contacts(survivor.pk, child.pk, take=(), by=a_user(Role.ADMINISTRATOR))
    assert level_of(survivor) <= 3 and standing_of(survivor.pk).agrees_to(news.pk)


def test_a_guardian_agrees_on_their_own_page_and_nobody_elses_child_can_be_answered_for(
    child: Contact, parent: Contact, news: Purpose, offers: Purpose
) -> None:
    mine = Client()
    address = f"/preferences/{token_of(parent)}/"
    page = mine.get(address).content.decode()
    assert "For Nina" in page and "nina@nordwind" not in page
    part = page[page.index(f'id="child-{child.pk}"') :]
    found = re.search(r'name="shown" value="([^"]+)"', part)
    assert found is not None
    said = {"child": child.pk, "shown": found[1], "purpose": [news.pk]}
    add_wording(purpose_id=news.pk, text="Other words", by=None)

    assert "Saved: news" in mine.post(address, said).content.decode()
    proof = Consent.objects.get()
    assert (proof.contact, proof.by_guardian, proof.how) == (child, True, How.CENTRE)
    assert proof.version is not None and proof.version.number == 1 and proof.ip
    assert level_of(child) == 3 and level_of(parent) == 0

    stranger = create_contact(email="otto@nordwind.example")
    refused = mine.post(f"/preferences/{token_of(stranger)}/", said | {"purpose": [offers.pk]}).content.decode()
    assert "open in another way" in refused and "For Nina" not in refused
    own = mine.get(f"/preferences/{token_of(child)}/").content.decode()
    assert "For Nina" not in own
    assert mine.post(address, said | {"purpose": []}).status_code == 200
    assert level_of(child) <= ConsentLevel.TRANSACTIONAL


def test_staff_write_it_down_with_how_they_know_and_see_what_waits(
    child: Contact, news: Purpose, offers: Purpose
) -> None:
    client = Client()
    client.force_login(a_user(Role.MARKETER, "mia"))
    record_consent(contact_id=child.pk, purpose=offers)
    where = f"/contacts/{child.pk}/consent/guardian/"
    said = {"is_child": "on", "guardian": "petra@nordwind.example", "purposes": [news.pk], "seen": ""}

    assert "Say how they agreed" in client.post(where, said, follow=True).content.decode()
    assert not Consent.objects.filter(by_guardian=True).exists()
    text = client.post(where, said | {"how": "By letter"}, follow=True).content.decode()
    assert "guardian agreed in part" in text and "waits for the guardian" in text and "by the guardian, since" in text
    assert level_of(child) == 3


def test_a_guardian_agrees_in_the_words_their_page_showed(client: Client, child: Contact, parent: Contact) -> None:
    news = Purpose.objects.create(name="news", level=3)
    add_wording(purpose_id=news.pk, text="Yes.", language="en", others={"de": "Ja."}, by=None)
    address = f"/preferences/{token_of(parent)}/"
    page = client.get(address, HTTP_ACCEPT_LANGUAGE="de").content.decode()
    shown = re.findall(r'name="shown" value="([^"]+)"', page)[-1]

    client.post(address, {"child": child.pk, "shown": shown, "purpose": news.pk}, HTTP_ACCEPT_LANGUAGE="en")

    proof = Consent.objects.get(contact=child)
    assert (proof.wording, proof.language, proof.by_guardian) == ("Ja.", "de", True)
