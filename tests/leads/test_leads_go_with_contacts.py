"""Deleting a contact takes its leads along: who owns them is named, asked for, and the leads' stories say so."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Contact, Role
from contacts.services.contacts import create_contact, delete_contacts, restore_contact
from leads.models import LeadEvent, Status
from tests.build import a_lead, a_user

pytestmark = pytest.mark.django_db


def test_open_leads_and_their_owners_are_named_before_the_question(client: Client) -> None:
    manager, sam = a_user(Role.SALES_MANAGER), a_user(username="sam")
    nina = create_contact(first_name="Nina")
    a_lead(nina, "Routes", owner=sam), a_lead(nina, "Closed <b>", status=Status.QUALIFIED)
    client.force_login(manager)

    page = client.get(f"/contacts/{nina.pk}/delete/").content.decode()

    assert "1 open lead goes with it" in page
    assert "Routes</a>, sam’s" in page
    assert "Closed" not in page
    assert client.post(f"/contacts/{nina.pk}/delete/").status_code == 302


def test_what_others_work_on_is_not_taken_from_them(client: Client) -> None:
    anna, sam = a_user(username="anna"), a_user(username="sam")
    nina = create_contact(first_name="Nina", owner_id=anna.pk)
    a_lead(nina, owner=sam)
    client.force_login(anna)

    asked = client.get(f"/contacts/{nina.pk}/delete/")
    refused = client.post(f"/contacts/{nina.pk}/delete/")

    assert "Others are working on these." in asked.content.decode()
    assert (asked.status_code, refused.status_code) == (200, 403)
    assert Contact.objects.alive().count() == 1
    assert not LeadEvent.objects.exists()


def test_own_leads_and_nobodys_go_along(client: Client) -> None:
    anna = a_user(username="anna")
    nina = create_contact(first_name="Nina", owner_id=anna.pk)
    a_lead(nina, owner=anna), a_lead(nina)
    client.force_login(anna)

    assert client.post(f"/contacts/{nina.pk}/delete/").status_code == 302
    assert not Contact.objects.alive().exists()


def test_a_leads_story_says_that_its_contact_went_and_came_back() -> None:
    anna = a_user(username="anna")
    nina = create_contact(first_name="Nina", last_name="Lind")
    lead = a_lead(nina)

    delete_contacts([nina.pk], by=anna)
    restore_contact(nina.pk, by=anna)

    told = LeadEvent.objects.order_by("pk").values_list("lead", "kind", "actor", "detail")
    assert list(told) == [
        (lead.pk, "deleted", anna.pk, "With its contact Nina Lind"),
        (lead.pk, "restored", anna.pk, "With its contact Nina Lind"),
    ]
