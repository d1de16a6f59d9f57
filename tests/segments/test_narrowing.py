"""The lists of contacts and leads narrowed by a segment or a condition, and a segment made of what a list shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from segments.models import Kind, Segment, Subject
from segments.services.picks import add
from tests.build import a_contact, a_lead, a_product, a_segment, a_user
from tests.segments.members import settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def listed(page: Any) -> list[str]:
    return [str(row) for row in page.context["list"].rows]


def test_contacts_are_listed_by_a_condition_and_by_a_segment_together(maria: Client) -> None:
    nina = a_contact("Nina", country="NO")
    a_contact("Otto", country="NO"), a_contact("Pia", country="SE")
    fair = a_segment("Fair", kind=Kind.STATIC)
    add(fair, [nina.pk], by=None)

    by_condition = maria.get("/contacts/", {"condition": 'contact.country is "NO"'})
    both = maria.get("/contacts/", {"condition": 'contact.country is "NO"', "segment": str(fair.pk)})

    assert listed(by_condition) == ["Nina Lind", "Otto Lind"]
    assert listed(both) == ["Nina Lind"] and "Members of the segment" in both.content.decode()
    assert both.context["list"].page.said == "1" and both.context["list"].filtered
    made = maria.get("/leads/by-condition/contact/", {"condition": 'contact.country is "NO"', "apply": "yes"})
    assert made["Location"] == "/contacts/?condition=contact.country+is+%22NO%22"


def test_leads_are_listed_by_a_segment(maria: Client) -> None:
    hot, cold = a_lead(topic="Hot", rating="hot"), a_lead(topic="Cold")
    segment = a_segment("Hot ones", {"field": "rating", "op": "is", "value": "hot"}, subject=Subject.LEAD)
    settle()

    page = maria.get("/leads/", {"segment": segment.pk})

    assert page.context["list"].rows == [hot] and cold.pk != hot.pk


@pytest.mark.parametrize("value", ["9" * 30, "x", "-1", "1\x00", "gone", "other"])
def test_a_segment_that_is_none_empties_the_list_and_is_said(maria: Client, value: str) -> None:
    a_contact()
    gone, other = a_segment("Gone", live=False), a_segment("Leads", subject=Subject.LEAD)
    number = {"gone": str(gone.pk), "other": str(other.pk)}.get(value, value)

    page = maria.get("/contacts/", {"segment": number})

    assert listed(page) == [] and "No contact is shown" in page.content.decode()


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER])
def test_others_learn_nothing_by_a_segment(client: Client, role: Role) -> None:
    nina = a_contact()
    fair = a_segment("Secret fair", kind=Kind.STATIC)
    add(fair, [nina.pk], by=None)
    client.force_login(a_user(role))

    page = client.get("/contacts/", {"segment": fair.pk})

    assert listed(page) == [] and "Secret fair" not in page.content.decode()
    assert "Secret fair" not in client.get("/contacts/").content.decode()
    assert "Make a segment" not in page.content.decode()


def test_a_segment_is_made_of_what_the_list_of_leads_shows(maria: Client) -> None:
    trucks = a_product("Trucks")
    shown = f"stage=inquiry&product={trucks.pk}&owner=nobody&q=nord&condition=any+call"

    form = maria.get(f"/segments/new/?subject=lead&from=list&{shown}")

    begun = 'stage is "inquiry" and product is "Trucks" and status is "open" and owner is empty and any call'
    assert form.context["form"]["condition"].value() == begun
    assert "the search for “nord”" in form.content.decode()
    assert not Segment.objects.exists()


def test_what_a_segment_of_contacts_cannot_ask_is_left_out_and_said(maria: Client) -> None:
    fair = a_segment("Fair", kind=Kind.STATIC)
    shown = f"consent=4&owner=me&condition=nonsense&segment={fair.pk}"

    form = maria.get(f"/segments/new/?subject=contact&from=list&{shown}")

    begun = 'contact.consent_level is at least 4 and any contact.segments where segment is "Fair"'
    assert form.context["form"]["condition"].value() == begun
    assert "the owner, the condition" in form.content.decode()
