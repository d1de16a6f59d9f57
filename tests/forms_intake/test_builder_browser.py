"""The builder in Chromium: a field that depends on another is added, the form goes live, and a visitor meets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import Role
from forms_intake.models import FormDay, FormField, Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_form, a_user
from tests.test_dashboard_browser import desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_form_with_a_condition_is_built_goes_live_and_is_answered(desks: Any) -> None:
    form = a_form("Fleet check", state="draft")
    form.fields.filter(key="email").update(required=True)
    FormField.objects.create(
        form=form, key="fleet", label="Own fleet", type="choice", choices=["Yes", "No"], position=7
    )
    desk = desks(a_user(Role.MARKETER))
    page = desk.page
    page.goto(f"/forms/{form.pk}/")

    page.get_by_label("Any other field").select_option("whole")
    page.locator("#add").get_by_role("button", name="Add", exact=True).click()
    page.locator("#id_label").fill("How many trucks?")
    expect(page.locator("#id_show_values")).to_be_hidden()
    page.locator("#id_show_key").select_option("fleet")
    page.locator("#id_show_op").select_option("filled")
    expect(page.locator("#id_show_values")).to_be_hidden()
    page.locator("#id_show_op").select_option("is")
    page.locator("#id_show_values").fill("Yes")
    page.get_by_role("button", name="Add the field").click()
    expect(page.locator("#draft")).to_contain_text("How many trucks?")
    page.get_by_role("link", name="Go live").first.click()
    page.get_by_role("button", name="Go live").click()
    expect(page.locator("h1")).to_contain_text("Live")

    forget_specs()
    page.goto(f"/f/{form.public_id}/")
    expect(page.get_by_label("How many trucks?")).to_be_hidden()
    page.get_by_label("Own fleet").select_option("Yes")
    page.get_by_label("How many trucks?").fill("12")
    page.get_by_label("Email").fill("nina@nordwind.example")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("Thank you")

    submission = Submission.objects.get()
    form.refresh_from_db()
    assert (submission.payload["fleet"], submission.payload["how_many_trucks"]) == ("Yes", "12")
    assert submission.version == form.version
    assert not desk.complaints


WORDS = ".plot text"
HEIGHT = "words => words.map(word => word.getBoundingClientRect().height)"


@pytest.mark.parametrize("width", [390, 1000, 1440, 2200])
def test_words_below_the_drawings_of_use_it_are_as_large_as_those_of_the_home_page(desks: Any, width: int) -> None:
    form = a_form("Fleet check")
    for back in range(3):
        FormDay.objects.create(form=form, day=timezone.localdate() - timedelta(back), shard=0, visits=40, submissions=4)
    desk = desks(a_user(Role.MARKETER))
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/")
    usual = max(page.locator(WORDS).evaluate_all(HEIGHT))

    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/forms/{form.pk}/share/")
    here = page.locator(f"section[aria-labelledby=seen] {WORDS}").evaluate_all(HEIGHT)

    assert len(here) == 6
    assert all(0.8 * usual < height < 1.15 * usual for height in here), (usual, here)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_note_reads_on_over_the_link_in_it(desks: Any) -> None:
    form = a_form("Fleet check", state="draft")
    page = desks(a_user(Role.MARKETER)).page

    page.goto(f"/forms/{form.pk}/share/")

    note = page.locator("p.note.warning")
    assert note.inner_text() == "It is a draft: posts are refused until it goes live."
