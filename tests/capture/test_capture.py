"""Quick capture: one tap keeps a person who was met, matched as everybody, once however often it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import Consent, Contact, How, Interaction, InteractionType, Role, User
from contacts.services.contacts import create_contact
from forms_intake.capture.keeping import NOBODY
from forms_intake.models import (
    CaptureForm,
    CaptureOccasion,
    EventRegistration,
    ImportRun,
    Submission,
)
from forms_intake.spec.remembering import forget_specs
from leads.models import Lead
from tests.build import a_campaign, a_product, a_user
from tests.events.making import an_event
from tests.threads import at_once

pytestmark = pytest.mark.django_db
NINA = {"first_name": "Nina", "last_name": "Lind", "email": "nina@nordwind.example", "company": "Nordwind"}


@pytest.fixture
def sam() -> User:
    forget_specs()
    return a_user(Role.SALESPERSON, "sam", first_name="Sam", last_name="Sellers")


@pytest.fixture
def telephone(sam: User, client: Client) -> Client:
    client.force_login(sam)
    return client


def begins(telephone: Client, **said: Any) -> CaptureOccasion:
    """Choose an occasion: a stand unless something else is said."""
    chosen = {"source": "Stand B4", "did": "meeting", "leads_to": "catcher"} | said
    assert telephone.post("/capture/occasion/", chosen).status_code == 302
    return CaptureOccasion.objects.get(pk=telephone.session["capture_occasion"])


def test_without_an_occasion_one_is_asked_for_and_then_remembered(telephone: Client) -> None:
    assert telephone.get("/capture/")["Location"] == "/capture/occasion/"
    assert telephone.post("/capture/occasion/", {"did": "meeting", "leads_to": "rules"}).status_code == 422
    occasion = begins(telephone)
    assert "Stand B4" in telephone.get("/capture/").content.decode()
    assert begins(telephone) == occasion
    assert CaptureForm.objects.count() == 1


def test_one_tap_makes_contact_lead_consent_and_interaction_of_the_occasion(telephone: Client, sam: User) -> None:
    campaign, product = a_campaign(), a_product()
    occasion = begins(telephone, campaign=campaign.pk, product=product.pk)
    said = NINA | {"interest": "Fleet of forty", "note": "Call in May", "rating": "hot", "consent_how": "verbally"}

    page = telephone.post("/capture/", said | {"_token": "t1"}, follow=True).content.decode()

    assert "Nina Lind is saved: new to us." in page
    lead = Lead.objects.get()
    assert (lead.topic, lead.owner, lead.rating, lead.description) == ("Fleet of forty", sam, "hot", "Call in May")
    assert (lead.campaign, lead.product, lead.marketing_context) == (campaign, product, occasion.marketing_context)
    consent = Consent.objects.get()
    assert (consent.how, consent.source) == (How.PERSON, f"{occasion.name}: verbally, to Sam Sellers")
    assert "write to me" in consent.wording
    did = Interaction.objects.get()
    assert (did.type, did.subject, did.payload["by_id"]) == (InteractionType.MEETING, occasion.name, sam.pk)
    assert did.payload["details"] == "Call in May"


def test_the_same_sent_again_is_the_first_one_and_another_person_is_another(telephone: Client) -> None:
    begins(telephone)
    first = telephone.post("/capture/", NINA | {"_token": "t1"}, headers={"accept": "application/json"}).json()
    again = telephone.post("/capture/", NINA | {"_token": "t1"}, headers={"accept": "application/json"}).json()
    telephone.post("/capture/", NINA | {"email": "tom@nordwind.example", "_token": "t2"})

    assert first == again
    assert Submission.objects.count() == Contact.objects.count() == 2


def test_who_is_known_is_said_and_without_an_address_name_and_telephone_do(telephone: Client) -> None:
    begins(telephone)
    create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    assert "somebody we knew" in telephone.post("/capture/", NINA, follow=True).content.decode()
    by_phone = {"last_name": "Berg", "phone": "+43 1 5551234"}
    telephone.post("/capture/", by_phone)
    telephone.post("/capture/", by_phone | {"note": "Again"})

    assert Contact.objects.filter(last_name="Berg").count() == 1
    answer = telephone.post("/capture/", {"last_name": "Nobody", "note": "Kept as typed"})
    assert answer.status_code == 422
    assert NOBODY in answer.content.decode()
    assert "Kept as typed" in answer.content.decode()


def test_leads_go_by_the_rules_where_that_is_chosen_and_nobody_else_can_post_to_the_form(telephone: Client) -> None:
    begins(telephone, leads_to="rules")
    telephone.post("/capture/", NINA)

    assert Lead.objects.get().owner is None
    form = CaptureForm.objects.get().form
    assert Client().post(f"/f/{form.public_id}/", NINA).status_code == 410


def test_whoever_is_met_at_an_event_can_be_registered_and_checked_in_with_the_same_tap(telephone: Client) -> None:
    event = an_event()
    begins(telephone, source="", event=event.pk)
    telephone.post("/capture/", NINA | {"registers": "yes"})

    registration = EventRegistration.objects.get()
    assert registration.walk_in
    assert registration.checked_in_at is not None
    assert registration.lead == Lead.objects.get()
    assert Lead.objects.get().marketing_context == event.marketing_context


def test_a_list_of_badges_is_imported_with_the_occasion_filled_in(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER, "maria"))
    campaign = a_campaign()
    occasion = begins(client, campaign=campaign.pk)
    assert f"occasion={occasion.pk}" in client.get("/capture/").content.decode()
    file = SimpleUploadedFile("badges.csv", b"First name,Last name,E-mail\nNina,Lind,nina@nordwind.example\n")

    answer = client.post(f"/imports/new/?occasion={occasion.pk}", {"file": file}, follow=True).content.decode()

    mapping = ImportRun.objects.get().mapping
    assert (mapping["name"], mapping["lead"]["campaign"]) == (occasion.name, campaign.name)
    assert f"gave their card, at {occasion.name}." in answer


@pytest.mark.django_db(transaction=True)
def test_the_same_from_two_tabs_at_once_is_one_of_everything(sam: User) -> None:
    one, other = Client(), Client()
    one.force_login(sam)
    other.force_login(sam)
    occasion = begins(one)
    said = NINA | {"_token": "t1", "occasion": str(occasion.pk)}

    at_once(lambda: one.post("/capture/", said), lambda: other.post("/capture/", said))

    assert [model.objects.count() for model in (Submission, Contact, Lead)] == [1, 1, 1]
