"""A rehearsal in Chromium: asked for, read and taken over, on a phone and in the dark too, without scripts as well."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Role
from scoring.models import Rule
from scoring.rehearsal import run
from scoring.rehearsal.services import rehearse
from tests.build import a_model, a_rule, a_user
from tests.scoring.rehearsal.past import OSLO, a_history, rehearsed
from tests.scoring.test_models_browser import SHOTS, looks, shot
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fits(page: Page, name: str) -> None:
    for look in looks(page):
        shot(page, f"rehearsal-{name}-{look}")
        assert page.evaluate(TOO_WIDE) == [], f"{name} {look}"


def test_every_state_fits_and_complains_of_nothing(desks: Any) -> None:
    full, few, broken = a_history(400), a_model("Fit"), a_model("Empty one")
    a_rule(few, 20, "Comes from Oslo", condition=OSLO)
    rehearsed(full)
    desk = desks(a_user(Role.MARKETER))
    for name, model in (("full", full), ("none", few), ("broken", broken)):
        desk.page.goto(f"/scoring/{model.pk}/rehearsal/")
        fits(desk.page, name)
    desk.page.goto(f"/scoring/{full.pk}/rehearsal/leads/?turn=ready")
    fits(desk.page, "leads")
    rehearse(few.pk)
    desk.page.goto(f"/scoring/{few.pk}/rehearsal/")
    expect(desk.page.get_by_text("Rehearsing: open leads")).to_be_visible()
    fits(desk.page, "running")
    while run.advance():
        pass
    expect(desk.page.get_by_text("Against known outcomes")).to_be_visible()
    fits(desk.page, "other")
    assert SHOTS or desk.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_points_are_chosen_edited_and_taken_over(desks: Any, scripts: bool) -> None:
    model = a_history()
    rehearsed(model)
    desk = desks(a_user(Role.MARKETER), java_script_enabled=scripts)
    page = desk.page
    page.goto(f"/scoring/{model.pk}/rehearsal/")

    page.get_by_label("New points of Visits").fill("12")
    page.get_by_label("Take over the points of Visits").check()
    page.get_by_label("Take over the points of Comes from Oslo").uncheck()
    page.get_by_role("button", name="Take what is chosen into the draft").click()

    expect(page.get_by_text("1 rule of the draft changed")).to_be_visible()
    assert dict(Rule.objects.values_list("name", "points"))["Visits"] == 12
    assert dict(Rule.objects.values_list("name", "points"))["Comes from Oslo"] == 5
