"""Whatever people typed, the admin shows it as text."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from contacts.models import Role
from forms_intake.models import SubmissionKey
from tests.admin.pages import address
from tests.admin.world import one_of_everything
from tests.build import a_user

# Each begins with the mark that must never stand unescaped; short columns cut the end off.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{7*7}}{% load x %}${7*7}",
    "right to left": "\u202etxt.exe <b>",
    "long": "x" * 300,
}
AT_ONCE = {"script", "attribute"}
"""Tried on every page each time; the others with the deep tests, and in every list below."""
WORDS = [
    pytest.param(words, id=name, marks=() if name in AT_ONCE else pytest.mark.deep) for name, words in HOSTILE.items()
]


@pytest.mark.django_db
@pytest.mark.parametrize("words", WORDS)
def test_hostile_words_are_inert_on_every_page_of_a_row(words: str, client: Client) -> None:
    one_of_everything(words)
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))

    shown = 0
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").last()
        assert row is not None
        if model is not SubmissionKey:
            for page in ("change", "history"):
                shown += escaped(words, inert(client, address(model, page, row.pk)))

    assert shown > 40


@pytest.mark.django_db
def test_hostile_words_are_inert_in_every_list(client: Client) -> None:
    for name, words in HOSTILE.items():
        one_of_everything(words, tag=name.replace(" ", "-"))
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))

    lists = [inert(client, address(model, "changelist")) for model in admin.site._registry]

    for words in HOSTILE.values():
        assert sum(escaped(words, page) for page in lists) > 20


def inert(client: Client, where: str) -> str:
    """A page on which none of the words is more than words."""
    answer = client.get(where)
    assert answer.status_code == 200, where
    page = answer.content.decode()
    for mark in ("<script>alert", "<img src=x", "\u202etxt.exe <b"):
        assert mark not in page, where
    return page


def escaped(words: str, page: str) -> int:
    """How often a page shows the words."""
    return page.count(words[:9].replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))
