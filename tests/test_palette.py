"""The palette: what can be done with the record one looks at, what one looked at, own views; by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role, SavedView, Sharing, User
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db
READY: dict[str, Any] = {"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True}


def groups(user: User, words: str = "", at: str = "/", **more: str) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{at}"}
    page = client.get("/search/", {"q": words, **more}, headers=headers)
    return {group.heading: [hit.label for hit in group.hits] for group in page.context["groups"]}


def test_actions_on_the_record_one_looks_at_are_those_it_offers():
    anna, lead = a_user(), a_lead(**READY)

    for at in (f"/leads/{lead.pk}/", f"/leads/?rating=hot&panel={lead.pk}"):
        assert {"Accept the lead", "Return to marketing", "Edit the lead"} <= set(groups(anna, at=at)["On this record"])
    assert groups(anna, "accept", f"/leads/{lead.pk}/")["On this record"] == ["Accept the lead"]
    assert "On this record" not in groups(anna, at="/leads/")
    assert "On this record" not in groups(a_user(Role.READER), at=f"/leads/{lead.pk}/")


@pytest.mark.parametrize(
    "at", ["/leads/99999/", "/leads/?panel=x", "/leads/?panel=", "/leads/0/", "x", "//[", "/accounts/7/"]
)
def test_an_address_that_shows_no_record_offers_nothing(at: str):
    assert "On this record" not in groups(a_user(), at=at)


def test_what_one_looked_at_is_named_only_to_who_may_see_it():
    hidden, seen = a_lead(a_contact("Mara", marketing_only=True)), a_lead(a_contact("Nina"), **READY)
    noted = f"leads:{hidden.pk},contacts:{seen.contact_id},leads:{seen.pk},leads:x,nonsense"

    assert groups(a_user(), recent=noted)["Looked at lately"] == ["Nina Lind", "Nina Lind"]
    assert groups(a_user(Role.MARKETER), recent=noted)["Looked at lately"] == ["Mara Lind", "Nina Lind", "Nina Lind"]
    assert "Looked at lately" not in groups(a_user(), "nina", recent=noted)


def test_views_are_found_by_name_and_only_those_one_sees():
    anna, ben = a_user(), a_user()
    SavedView.objects.create(entity="lead", name="Hot in Bergen", owner=anna)
    SavedView.objects.create(entity="contact", name="Bergen people", owner=ben, sharing=Sharing.EVERYBODY)

    assert groups(anna, "bergen")["Views"] == ["Bergen people", "Hot in Bergen"]
    assert groups(ben, "bergen")["Views"] == ["Bergen people"]
