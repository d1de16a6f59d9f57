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


@pytest.mark.django_db
@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_are_inert_on_every_page(words: str, client: Client) -> None:
    one_of_everything(words)
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))

    shown = 0
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").last()
        assert row is not None
        pages = [address(model, "changelist")]
        if model is not SubmissionKey:
            pages += [address(model, "change", row.pk), address(model, "history", row.pk)]
        for where in pages:
            answer = client.get(where)
            assert answer.status_code == 200, where
            page = answer.content.decode()
            for mark in ("<script>alert", "<img src=x", "\u202etxt.exe <b"):
                assert mark not in page, where
            shown += page.count(words[:9].replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))

    assert shown > 40
