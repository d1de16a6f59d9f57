"""Connectors are set up, tried and looked after on pages."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Role
from forms_intake.models import AdQuestion, Connector, Creates
from leads.models import Lead
from tests.ads.network import ACCOUNT, SECRET, TOKEN, Network, a_connector, notification, tell, worked
from tests.build import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria", first_name="Maria", last_name="Silva"))
    return client


def test_a_connector_is_made_checked_and_switched_on(marketer: Client) -> None:
    marketer.post(reverse("forms_intake:ads_new"), {"kind": "linkedin", "name": "Northwind"})
    connector = Connector.objects.get()
    overview = reverse("forms_intake:ads_connector", args=[connector.pk])
    assert "Access token is missing." in marketer.get(overview).content.decode()
    on = reverse("forms_intake:ads_do", args=[connector.pk, "on"])
    assert "cannot go live yet" in marketer.post(on, follow=True).content.decode()

    said = {
        "version": connector.version,
        "name": "Northwind",
        "account_id": ACCOUNT,
        "secret_client_secret": SECRET,
        "secret_token": TOKEN,
    }
    assert marketer.post(reverse("forms_intake:ads_settings", args=[connector.pk]), said).status_code == 302
    assert "Northwind is on." in marketer.post(on, follow=True).content.decode()
    page = marketer.get(overview).content.decode()
    assert f"/hooks/ads/{connector.address}/" in page
    assert "Northwind" in marketer.get(reverse("forms_intake:ads")).content.decode()


def test_without_secret_or_sign_in_leads_come_by_file_and_every_page_on_the_way_says_so(marketer: Client) -> None:
    way = "It needs no app, no token and no sign-in at LinkedIn."
    assert way in marketer.get(reverse("forms_intake:ads_new")).content.decode()
    made = marketer.post(reverse("forms_intake:ads_new"), {"kind": "linkedin", "name": "Northwind"}, follow=True)
    assert way in made.content.decode()
    connector = Connector.objects.get()
    overview = marketer.get(reverse("forms_intake:ads_connector", args=[connector.pk])).content.decode()
    assert way in overview and "files can be sent as it is" in overview

    rows = b"Lead ID,Email Address,Last Name\nL-1,pia@blau.example,Post\n"
    file = SimpleUploadedFile("leads.csv", rows)
    marketer.post(reverse("forms_intake:ads_file", args=[connector.pk]), {"file": file})
    worked()
    assert Contact.objects.get().email == "pia@blau.example" and Lead.objects.count() == 1
    connector.refresh_from_db()
    assert connector.state == "draft" and not connector.sealed


def test_who_saves_second_is_told_who_was_first_and_keeps_what_they_typed(marketer: Client) -> None:
    connector = a_connector(by=a_user(Role.MARKETER, "theo", first_name="Theo", last_name="Marsh"))
    said = {"version": 1, "name": "My name for it", "account_id": ACCOUNT}

    answer = marketer.post(reverse("forms_intake:ads_settings", args=[connector.pk]), said)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Theo Marsh changed this connector" in page
    assert "My name for it" in page
    assert Connector.objects.get().name == "Northwind"


def test_a_strategy_is_tried_with_the_last_answer_and_nothing_is_kept(marketer: Client, network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    worked()
    url = reverse("forms_intake:ads_strategy", args=[connector.pk])
    said = {
        "version": Connector.objects.get().version,
        "strategy": "always",
        "makes_contacts": "on",
        "after_closed": "new",
    }

    page = marketer.post(url, {**said, "try": "1"}).content.decode()

    assert "Every post to this form makes a new lead." in page
    assert (Lead.objects.count(), Contact.objects.count()) == (1, 1)
    assert Connector.objects.get().strategy == "contact"
    assert not Connector.objects.get().form.always_new_lead
    assert marketer.post(url, said).status_code == 302
    connector = Connector.objects.get()
    assert (connector.strategy, connector.form.always_new_lead, connector.form.creates) == (
        "always",
        True,
        Creates.BOTH,
    )


def test_lead_fields_ask_for_what_is_compared(marketer: Client) -> None:
    connector = a_connector()
    said = {"version": connector.version, "strategy": "fields", "makes_contacts": "on", "after_closed": "new"}

    answer = marketer.post(reverse("forms_intake:ads_strategy", args=[connector.pk]), said)

    assert answer.status_code == 422
    assert "Choose a matching strategy that compares something." in answer.content.decode()


def test_a_question_is_mapped_and_all_answers_replayed_with_one_click(marketer: Client, network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    worked()
    overview = marketer.get(reverse("forms_intake:ads_connector", args=[connector.pk])).content.decode()
    assert "1 question fills nothing yet" in overview
    said = {"version": Connector.objects.get().version, "replay": "1"}
    for one in AdQuestion.objects.all():
        said[f"fills_{one.pk}"] = one.fills or "lead.description"
        said[f"update_{one.pk}"] = "fill"

    page = marketer.post(reverse("forms_intake:ads_questions", args=[connector.pk]), said, follow=True)

    assert "1 answers are being processed again" in page.content.decode()
    worked()
    assert Lead.objects.get().description == "12"
    assert "Maria Silva" in page.content.decode()


def test_a_lead_says_which_ad_it_came_through_and_leads_to_its_connector(marketer: Client, network: Network) -> None:
    connector = a_connector()
    network.has("a-1")
    tell(connector, notification("a-1"))
    worked()

    page = marketer.get(reverse("leads:detail", args=[Lead.objects.get().pk])).content.decode()

    assert "LinkedIn: Ask for a demo, Autumn routes, ad 9001" in page
    assert reverse("forms_intake:ads_connector", args=[connector.pk]) in page
    listed = marketer.get(reverse("forms_intake:ads_leads", args=[connector.pk])).content.decode()
    assert reverse("leads:detail", args=[Lead.objects.get().pk]) in listed
