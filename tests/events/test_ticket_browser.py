"""A ticket on a telephone: a place is given up only by who says so twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from forms_intake.events.tickets import token_of
from forms_intake.models import RegistrationState
from forms_intake.spec.remembering import forget_specs
from tests.events.making import an_event, registers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_one_tap_asks_and_the_second_gives_the_place_to_who_waits(page: Page, live_server):
    forget_specs()
    event = an_event(capacity=1)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_server.url}/e/ticket/{token_of(nina)}/")
    yes = page.get_by_role("button", name="Yes, cancel it")
    expect(yes).to_be_hidden()

    page.get_by_text("Cancel my registration…").click()
    expect(yes).to_be_visible()
    nina.refresh_from_db()
    assert nina.state == RegistrationState.REGISTERED
    yes.click()

    expect(page.get_by_text("Your registration is cancelled.")).to_be_visible()
    nina.refresh_from_db()
    tom.refresh_from_db()
    assert (nina.state, tom.state) == (RegistrationState.CANCELLED, RegistrationState.REGISTERED)
