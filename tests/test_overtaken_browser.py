"""Answers that overtake each other in Chromium: what was asked last stays, and nothing that is typed is lost."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from contacts.models import Role, User
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import make_page
from leads.models import Lead
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user
from tests.leads.test_condition_editor_browser import opened, press
from tests.scoring.test_hints_browser import a_scored_lead
from tests.test_dashboard_browser import at_rest
from tests.test_dashboard_browser import desks as free_desks

__all__ = ["free_desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def desks(free_desks: Any) -> Any:
    """Desks of which something is routed from the first page on: of a page that is there before, Chromium may let pass
    what it asks in the moment that something is.
    """

    def desk(user: User, **options: Any) -> Any:
        found = free_desks(user, **options)
        found.page.route("**/*", lambda route: route.continue_())
        return found

    return desk


class Held:
    """What a page asks of such addresses, kept from the server until the test lets it go on."""

    def __init__(self, page: Page, address: str, method: str = "GET") -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(
            address, lambda route: self.routes.append(route) if route.request.method == method else route.continue_()
        )

    def until(self, count: int) -> None:
        end = time.monotonic() + 20
        while len(self.routes) < count:
            assert time.monotonic() < end, self.routes
            self.page.wait_for_timeout(20)

    def go_on(self, number: int, **answer: Any) -> None:
        """And the page has made of the answer what it makes of it."""
        self.until(number + 1)
        route = self.routes[number]
        with self.page.expect_event("requestfinished", lambda one: one == route.request):
            route.fulfill(**answer) if answer else route.continue_()
        self.page.wait_for_timeout(100)


def open_palette(page: Page) -> None:
    page.bring_to_front()
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_a_cell_that_was_left_and_begun_again_keeps_what_is_typed(desks: Any) -> None:
    lead = a_lead(a_contact("Nina"), "Fleet")
    desk = desks(a_user(Role.SALES_MANAGER), viewport=WIDE)
    page = desk.page
    page.goto("/leads/?column=contact&column=topic&column=rating")
    cells = Held(page, "**/cell/**")
    topic = page.locator(f"a[data-cell][href*='/{lead.pk}/cell/topic/']")

    topic.press("Enter")
    cells.until(1)
    topic.press("Escape")
    topic.press("Enter")
    cells.go_on(1)
    field = page.locator("td.editing input[name=topic]")
    field.fill("Trucks")
    cells.go_on(0)
    expect(field).to_have_value("Trucks")

    field.press("Escape")
    topic.press("Enter")
    cells.until(3)
    page.locator("a[data-cell][href*='/cell/rating/']").click()
    cells.go_on(3)
    expect(page.locator("td.editing select")).to_be_focused()
    cells.go_on(2)
    expect(page.locator("td.editing")).to_have_count(1)
    expect(page.locator("td.editing select")).to_be_focused()
    expect(topic).to_have_text("Fleet")
    assert desk.complaints == []


def test_a_form_asked_for_twice_keeps_what_is_typed_into_it(desks: Any) -> None:
    nina = a_contact("Nina")
    desk = desks(a_user(Role.SALES_MANAGER))
    desk.page.goto(f"/contacts/{nina.pk}/")
    forms = Held(desk.page, "**/log/**")

    press(desk.page, "l", "l")
    forms.go_on(1)
    subject = desk.page.locator("#sheet #id_subject")
    subject.fill("Budget for next year")
    forms.go_on(0)

    expect(subject).to_have_value("Budget for next year")
    assert desk.complaints == []


def test_what_was_done_to_a_record_stays_with_its_row_when_another_is_beside_the_list_by_then(desks: Any) -> None:
    new = {"stage": Stage.MARKETING_QUALIFICATION}
    nina, ole = a_lead(a_contact("Nina", "Lind"), score=70, **new), a_lead(a_contact("Ole", "Berg"), score=20, **new)
    page = desks(a_user(Role.MARKETER), viewport=WIDE).page
    page.goto("/leads/?column=contact&column=stage")
    panel = page.locator("#panel")
    page.get_by_role("link", name="Nina Lind").click()
    expect(panel.locator("h1")).to_contain_text("Nina Lind")
    posts = Held(page, f"**/leads/{nina.pk}/**", "POST")

    panel.get_by_role("checkbox", name="Teleprospecting ready").click()
    posts.until(1)
    page.locator("tbody").get_by_role("link", name="Ole Berg").click()
    expect(panel.locator("h1")).to_contain_text("Ole Berg")
    posts.go_on(0)

    row = page.locator("tbody tr", has_text="Nina Lind")
    expect(row).to_contain_text(Lead.objects.get(pk=nina.pk).get_stage_display())
    assert Lead.objects.get(pk=nina.pk).stage != Lead.objects.get(pk=ole.pk).stage
    expect(panel.locator("h1")).to_contain_text("Ole Berg")


def test_two_cards_that_are_moved_at_once_are_both_where_they_are(desks: Any) -> None:
    a_lead(a_contact("Nina", "Lind")), a_lead(a_contact("Ole", "Berg"))
    desk = desks(a_user(Role.SALES_MANAGER), viewport=WIDE)
    page = desk.page
    page.goto("/leads/board/")
    columns = Held(page, "**/leads/board/?*column=*")
    old, new = (page.locator(f'[data-column="{key}"]') for key in (Stage.INQUIRY, Stage.MARKETING_QUALIFICATION))

    old.get_by_role("link", name="Nina Lind").press("Shift+ArrowRight")
    columns.until(1)
    before = columns.routes[0].fetch()  # Ole is still there then
    old.get_by_role("link", name="Ole Berg").press("Shift+ArrowRight")
    columns.until(2)
    columns.go_on(0, response=before)
    columns.go_on(1)
    columns.go_on(3)
    columns.go_on(2)

    expect(old).to_contain_text("Nothing here.")
    expect(new.get_by_role("link", name="Nina Lind")).to_be_visible()
    expect(new.get_by_role("link", name="Ole Berg")).to_be_focused()
    assert desk.complaints == []


def test_the_card_that_was_moved_last_keeps_the_focus_when_its_column_is_drawn_anew(desks: Any) -> None:
    a_lead(a_contact("Nina", "Lind")), a_lead(a_contact("Ole", "Berg"))
    page = desks(a_user(Role.SALES_MANAGER), viewport=WIDE).page
    page.goto("/leads/board/")
    columns = Held(page, "**/leads/board/?*column=*")
    old, new = (page.locator(f'[data-column="{key}"]') for key in (Stage.INQUIRY, Stage.MARKETING_QUALIFICATION))

    old.get_by_role("link", name="Nina Lind").press("Shift+ArrowRight")
    columns.until(1)
    old.get_by_role("link", name="Ole Berg").press("Shift+ArrowRight")
    for number in (1, 2):
        columns.go_on(number)
    expect(new.get_by_role("link", name="Ole Berg")).to_be_focused()
    for number in (0, 3):
        columns.go_on(number)

    expect(new.get_by_role("link", name="Nina Lind")).to_be_visible()
    expect(new.get_by_role("link", name="Ole Berg")).to_be_focused()


def test_why_a_score_is_what_it_is_is_not_shown_beside_a_row_that_was_left_meanwhile(desks: Any) -> None:
    a_scored_lead("Nina")
    page = desks(a_user(Role.SALES_MANAGER), viewport=WIDE).page
    page.goto("/leads/")
    hints = Held(page, "**/hints/**")
    hint = page.get_by_role("tooltip")

    press(page, "j")
    hints.until(1)
    press(page, "Escape")
    hints.go_on(0)
    expect(hint).to_be_hidden()
    page.locator("h1").click()
    press(page, "j")
    expect(hint).to_be_visible()


def test_the_bell_has_the_count_that_was_asked_for_last(desks: Any) -> None:
    page = desks(a_user(Role.SALES_MANAGER)).page
    page.goto("/leads/")
    counts = Held(page, f"**{page.locator('[data-bell]').get_attribute('data-bell')}")

    for _ in range(2):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    counts.go_on(1, json={"count": "2"})
    counts.go_on(0, json={"count": "1"})

    expect(page.locator("[data-bell-count]")).to_have_text("2")


def test_a_page_beside_its_editor_has_what_was_typed_last(desks: Any) -> None:
    made = make_page(name="Plan", definition=new_definition("Plan", [{"kind": "hero", "heading": "Plan"}]), by=None)
    page = desks(a_user(Role.MARKETER), viewport=WIDE).page
    page.goto(f"/pages/{made.pk}/")
    at_rest(page)
    page.locator(f"#edit-{made.draft['variants'][0]['blocks'][0]['id']}").click()
    page.wait_for_url("**/blocks/**")  # and its scripts, which run after it can be seen
    drawn = Held(page, "**/typed/**", "POST")

    page.get_by_label("Heading").fill("Typed first")
    drawn.until(1)
    page.get_by_label("Heading").fill("Typed last")
    drawn.go_on(1)
    typed = page.frame_locator("#glass").get_by_role("heading", name="Typed last")
    expect(typed).to_be_visible()
    drawn.go_on(0)

    expect(typed).to_be_visible()


def test_what_is_typed_while_a_condition_is_read_stays_in_the_text_view(desks: Any) -> None:
    page = opened(desks, 'rating is "hot"').page
    page.get_by_role("button", name="Text view").click()
    area = page.locator("textarea[name=condition]")
    reads = Held(page, "**/read/", "POST")

    page.get_by_role("button", name="Tree view").click()
    reads.until(1)
    area.fill('rating is "hot" and topic is "A"')
    reads.go_on(0)
    expect(area).to_be_visible()
    expect(area).to_have_value('rating is "hot" and topic is "A"')

    page.get_by_role("button", name="Tree view").click()
    reads.go_on(1)
    expect(page.locator("select.what")).to_have_count(2)


def test_enter_takes_the_value_that_was_chosen_before_those_for_the_last_letters_came(desks: Any) -> None:
    a_lead(a_contact(country="Norway")), a_lead(a_contact(country="Denmark"))
    page = opened(desks, 'contact.country is one of ("Denmark")').page
    box = page.get_by_role("combobox", name="Add to values of contact's country")
    values = Held(page, "**/values/**")

    box.focus()
    values.go_on(0)
    box.press_sequentially("nor")
    press(page, "ArrowDown")
    expect(page.get_by_role("option", name="Norway")).to_have_attribute("aria-selected", "true")
    values.go_on(1)
    press(page, "Enter")

    expect(page.get_by_role("button", name="Take away Norway")).to_be_visible()


def test_values_that_esc_has_closed_stay_closed_though_letters_were_typed_just_before(desks: Any) -> None:
    a_lead(a_contact(country="Norway")), a_lead(a_contact(country="Denmark"))
    page = opened(desks, 'contact.country is one of ("Denmark")').page
    box = page.get_by_role("combobox", name="Add to values of contact's country")
    box.focus()
    expect(page.get_by_role("option", name="Norway")).to_be_visible()

    press(page, "n", "Escape")

    page.wait_for_timeout(500)
    expect(box).to_have_attribute("aria-expanded", "false")


def test_enter_in_the_palette_goes_to_what_was_typed_and_not_to_what_was_found_before(desks: Any) -> None:
    a_contact("Nina", "Lind")
    ole = a_contact("Ole", "Berg")
    page = desks(a_user(Role.SALES_MANAGER)).page
    page.goto("/leads/")
    found = Held(page, "**/search/?*")

    open_palette(page)
    found.go_on(0)
    page.keyboard.type("Nina")
    found.go_on(1)
    expect(page.get_by_role("option", name="Nina Lind").first).to_have_attribute("aria-selected", "true")
    page.locator("#palette-q").fill("Ole")
    found.until(3)
    press(page, "Enter")
    found.go_on(2)

    page.wait_for_url(f"**/contacts/{ole.pk}/")


def test_enter_in_a_palette_that_was_closed_meanwhile_goes_nowhere(desks: Any) -> None:
    a_contact("Ole", "Berg")
    page = desks(a_user(Role.SALES_MANAGER)).page
    page.goto("/leads/")
    found = Held(page, "**/search/?*")
    open_palette(page)
    found.go_on(0)

    page.keyboard.type("Ole")
    found.until(2)
    press(page, "Enter", "Escape")
    found.go_on(1)

    page.wait_for_timeout(300)
    assert page.url.endswith("/leads/")


def test_enter_in_the_palette_leads_to_the_page_of_what_is_found_when_no_answer_comes(desks: Any) -> None:
    page = desks(a_user(Role.SALES_MANAGER)).page
    page.goto("/leads/")
    found = Held(page, "**/search/?*")
    open_palette(page)
    found.go_on(0)

    for words, hurries in (("Ole", True), ("Nina", False)):
        number = len(found.routes)
        page.locator("#palette-q").fill(words)
        found.until(number + 1)
        if hurries:
            press(page, "Enter")
        found.go_on(number, status=503, body="")
        if not hurries:
            press(page, "Enter")
        found.go_on(number + 1)
        page.wait_for_url(f"**/search/?q={words}*")
        page.goto("/leads/")
        open_palette(page)
        found.go_on(number + 2)
