"""Whatever people, visitors and imports wrote, the pages for people show it as text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Account, Contact, Role
from leads.models import Lead
from leads.stages import Stage
from tests.admin.world import one_of_everything
from tests.build import a_user

SCRIPT, ATTRIBUTE = "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'
PAGES = [
    "home",
    "search",
    "leads:list",
    "leads:ready",
    "leads:new",
    "leads:detail",
    "leads:why",
    "leads:edit",
    "leads:close",
    "leads:delete",
    "leads:for_contact",
    "leads:for_account",
    "contacts:list",
    "contacts:detail",
    "contacts:edit",
    "contacts:delete",
    "contacts:log",
    "contacts:options",
    "accounts:list",
    "accounts:detail",
    "accounts:edit",
    "accounts:delete",
    "accounts:options",
]


def address(name: str, words: str) -> str:
    """The page of the row that holds the words; lists and search also say what was looked for."""
    place, _, page = name.partition(":")
    if page.startswith("for_"):
        place = page.removeprefix("for_") + "s"
    models = {"leads": Lead, "contacts": Contact, "accounts": Account}
    of_one = page in {"detail", "why", "edit", "close", "delete", "log", "for_contact", "for_account"}
    args = [models[place]._default_manager.earliest("pk").pk] if of_one else []
    asked = {"q": words, "contact": words, "account": words} if page in {"", "options"} else {}
    return f"{reverse(name, args=args)}?{urlencode(asked)}"


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.MARKETER])
@pytest.mark.parametrize("words", [SCRIPT, ATTRIBUTE], ids=["script", "attribute"])
def test_hostile_words_are_inert_on_every_page(words: str, role: str, client: Client) -> None:
    one_of_everything(words)
    Lead.objects.update(sales_ready=True, sales_ready_at="2026-01-01T00:00Z", stage=Stage.SALES_ACCEPTANCE)
    client.force_login(a_user(role, first_name=words, last_name=words))
    mute = []

    for name in PAGES:
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address(name, words), headers=headers)
            page = answer.content.decode()
            assert answer.status_code == 200, name
            assert "<script>alert" not in page, name
            assert "<img src=x" not in page, name
            if not headers and "&lt;script&gt;alert" not in page and "&lt;img src=x" not in page:
                mute.append(name)

    assert mute == []


def test_a_mark_that_turns_a_name_is_no_initial() -> None:
    assert Contact(first_name="Nina", last_name="\u202eLind").initials == "NL"
    assert Contact(first_name="\u2067", last_name="Lind").initials == "L"
