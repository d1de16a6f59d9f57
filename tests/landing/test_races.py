"""Many at once: no visit is lost, two editors of one page both keep their block, and a test ends once."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Role
from forms_intake.landing.counting import count
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import copy_block, make_page
from forms_intake.landing.testing import choose_winner
from forms_intake.models import PageTest, PageVersion, PageVisits
from leadcrm.lib.errors import DomainError
from tests.build import a_form, a_page, a_user
from tests.landing.test_variants import under_test
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_no_visit_of_many_at_once_is_lost() -> None:
    page = a_page(a_form())

    def visit() -> None:
        for _ in range(10):
            count(page_id=page.pk, test=1, variant="A", new_visitor=True)

    at_once(*[visit] * 6)

    rows = PageVisits.objects.all()
    assert (sum(row.visits for row in rows), sum(row.visitors for row in rows)) == (60, 60)


def test_who_edits_at_once_loses_nothing() -> None:
    user = a_user(Role.MARKETER)
    page = make_page(name="Plan", definition=new_definition("Plan", [{"kind": "text", "text": "One"}]), by=None)
    block = page.draft["variants"][0]["blocks"][0]["id"]

    at_once(*[lambda: copy_block(page_id=page.pk, letter="A", block_id=block, by=user)] * 5)

    page.refresh_from_db()
    assert len({one["id"] for one in page.draft["variants"][0]["blocks"]}) == 6


def test_two_who_choose_a_winner_at_once_choose_one() -> None:
    user, page = a_user(Role.MARKETER), under_test()
    refused: list[str] = []

    def choose(letter: str) -> Any:
        try:
            choose_winner(page_id=page.pk, test=1, letter=letter, by=user)
        except DomainError as error:
            refused.append(error.code)

    at_once(lambda: choose("A"), lambda: choose("B"))

    assert refused == ["changed_since"]
    assert PageTest.objects.get().winner in ("A", "B")
    assert PageVersion.objects.filter(page=page).count() == 2
