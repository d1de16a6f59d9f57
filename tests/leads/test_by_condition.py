"""The lead list narrowed by a condition in its address: shared, counted honestly, and never a silent "all"."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import contacts.narrowing
from contacts.models import Role
from leads.models import Lead, Status
from tests.build import a_contact, a_lead, a_user, an_account, an_interaction

pytestmark = pytest.mark.django_db

HOT = 'rating is "hot"'
LONG = f'topic is "{"x" * 490}" or ' * 9 + HOT


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def listed(page: Any) -> list[str]:
    return [lead.topic for lead in page.context["list"].rows]


def test_the_list_shows_whom_the_condition_meets_and_says_it(marketer: Client) -> None:
    busy = a_contact("Nina")
    a_lead(busy, "Busy", rating="hot"), a_lead(topic="Idle", rating="hot"), a_lead(busy, "Cold")
    an_interaction(busy, "call")

    page = marketer.get("/leads/", {"condition": f"{HOT} and any call"})

    assert listed(page) == ["Busy"]
    assert page.context["list"].page.said == "1"
    assert "Sales rating is Hot and had a call." in page.content.decode()


def test_other_filters_sorts_and_pages_keep_the_condition(marketer: Client) -> None:
    for number in range(60):
        a_lead(topic=f"Hot {number}", rating="hot")
    a_lead(topic="Closed", rating="hot", status=Status.QUALIFIED), a_lead(topic="Cold")

    page = marketer.get("/leads/", {"condition": HOT, "sort": "oldest"})
    following = marketer.get("/leads/" + page.context["list"].next_url)

    assert listed(page)[0] == "Hot 0"
    assert listed(following) == [f"Hot {number}" for number in range(50, 60)]
    assert ("condition", HOT) in page.context["list"].kept
    assert listed(marketer.get("/leads/", {"condition": HOT, "status": "qualified"})) == ["Closed"]


@pytest.mark.parametrize("text", ["nonsense is 5", "{", '{"all": []}', 'topic is "', "\0", "(" * 5000])
def test_a_condition_that_cannot_be_read_is_said_and_shows_nobody(marketer: Client, text: str) -> None:
    a_lead(topic="Anybody")

    page = marketer.get("/leads/", {"condition": text, "status": "any"})

    assert page.status_code == 200
    assert listed(page) == []
    assert "cannot be used any more" in page.content.decode() and "No lead is shown" in page.content.decode()
    edited = marketer.get("/leads/by-condition/lead/", {"condition": text})
    assert edited.status_code == 200


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER])
def test_others_learn_nothing_by_a_condition(client: Client, role: str) -> None:
    client.force_login(a_user(role))
    a_lead(topic="Anybody", rating="hot")

    page = client.get("/leads/", {"condition": HOT})

    assert listed(page) == []
    assert "Marketers and administrators" in page.content.decode()
    assert "By condition" not in page.content.decode()
    assert client.get("/leads/by-condition/lead/").status_code == 403


def test_the_page_that_makes_it_leads_to_the_list(marketer: Client) -> None:
    answer = marketer.get(
        "/leads/by-condition/lead/", {"condition": '{"all": [{"did": "call"}]}', "apply": "yes", "owner": "me"}
    )

    assert answer.status_code == 302
    assert answer["Location"] == "/leads/?owner=me&condition=all+of+%28any+call%29&status=any"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "This field is required"),
        ("rating", "At line 1, column 7"),
        (f'topic is "{"x" * 490}" or ' * 9 + HOT, "too long for an address"),
    ],
)
def test_what_is_no_condition_comes_back_as_it_was_typed(marketer: Client, typed: str, told: str) -> None:
    page = marketer.get("/leads/by-condition/lead/", {"condition": typed, "apply": "yes"})

    assert page.status_code == 422
    assert told in page.content.decode()
    assert page.context["form"]["condition"].value() == typed


def test_a_list_that_would_take_too_long_says_so(marketer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_lead(topic="Anybody")
    monkeypatch.setattr(contacts.narrowing, "READING_MS", 1)
    slow = Lead.objects.extra(where=["pg_sleep(0.05) IS NOT NULL"])
    monkeypatch.setattr(Lead.objects, "visible_to", lambda user: slow)

    page = marketer.get("/leads/", {"condition": "everything"})

    assert page.status_code == 200 and listed(page) == []
    assert "takes longer than" in page.content.decode()


def test_hostile_words_in_a_condition_stay_words(marketer: Client) -> None:
    a_lead(a_contact(account=an_account("<b>Nord</b>")), "<script>alert(1)</script>")

    page = marketer.get("/leads/", {"condition": 'topic is "<script>alert(1)</script>"'}).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
