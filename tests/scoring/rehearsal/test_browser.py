"""A rehearsal in Chromium: asked for, read and taken over, on a phone and in the dark too, without scripts as well."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Role
from scoring.models import Rule
from scoring.rehearsal import run
from scoring.rehearsal.services import rehearse
from tests.build import a_model, a_rule, a_user
from tests.scoring.rehearsal.past import OSLO, a_history, rehearsed
from tests.scoring.test_models_browser import SIZES, shot
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_fits_and_complains_of_nothing(desks: Any, size: str, scheme: str) -> None:
    full, few, broken = a_history(400), a_model("Fit"), a_model("Empty one")
    a_rule(few, 20, "Comes from Oslo", condition=OSLO)
    rehearsed(full)
    desk = desks(a_user(Role.MARKETER), viewport=SIZES[size], color_scheme=scheme)
    for name, model in (("full", full), ("none", few), ("broken", broken)):
        desk.page.goto(f"/scoring/{model.pk}/rehearsal/")
        assert desk.page.evaluate(TOO_WIDE) == [], name
        shot(desk.page, f"rehearsal-{name}-{size}-{scheme}")
    desk.page.goto(f"/scoring/{full.pk}/rehearsal/leads/?turn=ready")
    assert desk.page.evaluate(TOO_WIDE) == []
    rehearse(few.pk)
    desk.page.goto(f"/scoring/{few.pk}/rehearsal/")
    expect(desk.page.get_by_text("Rehearsing: open leads")).to_be_visible()
    shot(desk.page, f"rehearsal-running-{size}-{scheme}")
    assert desk.page.evaluate(TOO_WIDE) == []
    while run.advance():
        pass
    expect(desk.page.get_by_text("Against known outcomes")).to_be_visible()
    shot(desk.page, f"rehearsal-other-{size}-{scheme}")
    assert desk.complaints == []


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
