"""Forms of ours and of theirs on a page of another origin, sent by a browser that agreed: the visit is the person's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact, Interaction, InteractionType
from forms_intake.models import FormCapture, FormDay, IntakeForm, RawHit, Submission, Visit
from forms_intake.tracking.identities import key_of
from tests.anywhere.other_site import OtherSite, another_site
from tests.anywhere.test_elsewhere_browser import embed, listen, until
from tests.build import a_form
from tests.forms_intake.posting import processed
from tests.tracking.browsing import CHROME, a_website, tracked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = ("script", "frame", "captured")
NINA = "nina@nordwind.example"
NOT_OURS = ("() => { throw new Error('not yours') }", "'a word'", "(what, f) => f({ not: 'a cookie' })", "null")
"""What pages may call leadcrm."""
SHOP = "<form id=contact method=post action=/theirs><label>Email<input name=mail></label><button>Send</button></form>"


@pytest.fixture
def theirs(live_server: Any) -> Iterator[OtherSite]:
    with another_site(live_server.url) as site:
        yield site


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(user_agent=CHROME)
    yield context.new_page()
    context.close()


def visits_script(theirs: OtherSite) -> str:
    """The script of visits for all pages of theirs."""
    site = a_website(origins=(theirs.url,))
    return f'<script src="{theirs.crm}/static/js/visits-1.js" data-website="{site.public_id}" defer></script>'


def capture_script(form: IntakeForm, crm: str) -> str:
    return f'<script src="{crm}/f/capture.js" data-form="{form.public_id}" async></script>'


def as_it_stands(way: str, form: IntakeForm, crm: str) -> str:
    """What goes into a page of theirs."""
    if way == "captured":
        FormCapture.objects.get_or_create(form=form, name="Shop", selector="#contact", names={"mail": "email"})
        return SHOP + capture_script(form, crm)
    return embed(form, crm, ' data-as="frame" data-title="Demo"' if way == "frame" else "")


def opened(visitor: Page, address: str, way: str) -> Any:
    """The page, once the form can be sent; where it is."""
    if way == "captured":
        with visitor.expect_request(lambda one: one.url.endswith("/seen/")):  # said once the form is listened to
            visitor.goto(address)
    else:
        visitor.goto(address)
    there = visitor.frame_locator("iframe") if way == "frame" else visitor
    expect(there.get_by_label("Email")).to_be_visible()
    return there


def send(there: Any, email: str = NINA) -> None:
    before = Submission.objects.count()
    there.get_by_label("Email").fill(email)
    there.get_by_role("button", name="Send").click()
    until(lambda: Submission.objects.count() > before)


def views() -> int:
    return sum(FormDay.objects.values_list("visits", flat=True))


@pytest.mark.parametrize("way", WAYS)
def test_a_form_sent_on_their_page_says_whose_the_visits_of_its_browser_are(
    live_server: Any, theirs: OtherSite, visitor: Page, way: str
) -> None:
    form, script = a_form(origins=[theirs.url]), visits_script(theirs)
    visitor.goto(theirs.page("/pricing", script))
    visitor.evaluate("leadcrm('consent', true)")
    until(lambda: RawHit.objects.count() == 1)
    (cookie,) = visitor.context.cookies()
    asked: list[str] = []
    visitor.on("request", lambda one: asked.append(one.url + str(one.headers)))

    contact = theirs.page("/contact", script + as_it_stands(way, form, live_server.url))
    with visitor.expect_response(lambda one: one.url.endswith("/seen/")):  # before it is known whose visit it is
        there = opened(visitor, contact, way)
    send(there)

    sent = Submission.objects.get()
    assert sent.origin["visitor"] == str(key_of(cookie["value"]))
    processed(sent)
    until(lambda: RawHit.objects.count() == 2)
    tracked()
    visit = Visit.objects.get()
    assert (visit.contact, visit.pages) == (Contact.objects.get(email=NINA), 2)
    assert not Interaction.objects.filter(type=InteractionType.FORM_VISITED).exists()

    opened(visitor, contact, way)
    until(lambda: Interaction.objects.filter(type=InteractionType.FORM_VISITED).exists())
    opened(visitor, contact, way)
    until(lambda: views() == 3)
    visitor.wait_for_load_state("networkidle")
    seen = Interaction.objects.get(type=InteractionType.FORM_VISITED)
    assert (seen.contact, seen.subject) == (visit.contact, form.name)
    ours = [one for one in asked if one.startswith(live_server.url)]
    assert ours and not any(cookie["value"] in one for one in ours)


@pytest.mark.parametrize("way", WAYS)
def test_consent_counts_at_the_moment_a_form_is_sent(
    live_server: Any, theirs: OtherSite, visitor: Page, way: str
) -> None:
    form, script = a_form(origins=[theirs.url]), visits_script(theirs)
    contact = theirs.page("/contact", script + as_it_stands(way, form, live_server.url))

    there = opened(visitor, contact, way)
    visitor.evaluate("leadcrm('consent', true)")
    send(there, "given@nordwind.example")
    there = opened(visitor, contact, way)
    there.get_by_label("Email").fill("taken.back@nordwind.example")
    visitor.evaluate("leadcrm('consent', false)")
    send(there, "taken.back@nordwind.example")
    send(opened(visitor, contact, way), "never.again@nordwind.example")

    said = {one.payload["email"].partition("@")[0]: "visitor" in one.origin for one in Submission.objects.all()}
    assert said == {"given": True, "taken.back": False, "never.again": False}


@pytest.mark.deep
@pytest.mark.parametrize("way", WAYS)
def test_what_is_called_leadcrm_may_be_anything_and_the_form_is_sent(
    live_server: Any, theirs: OtherSite, browser: Browser, way: str
) -> None:
    form = a_form(origins=[theirs.url])
    contact = theirs.page("/contact", as_it_stands(way, form, live_server.url))
    for number, word in enumerate(NOT_OURS):
        context = browser.new_context(user_agent=CHROME)
        visitor = context.new_page()
        said = listen(visitor)
        visitor.add_init_script(f"window.leadcrm = {word}")

        send(opened(visitor, contact, way), f"nina{number}@nordwind.example")

        assert said == []
        context.close()
    assert ["visitor" in one.origin for one in Submission.objects.all()] == [False] * len(NOT_OURS)


def test_a_frame_whose_page_does_not_answer_is_sent_all_the_same_corrected_and_twice(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_form(origins=[theirs.url])
    frame = f'<iframe src="{live_server.url}/f/{form.public_id}/frame/?at={theirs.url}" title="Demo"></iframe>'
    there = opened(visitor, theirs.page("/contact", frame), "frame")
    there.get_by_label("Email").fill("nina@")
    there.get_by_role("button", name="Send").click()
    expect(there.get_by_role("alert")).to_contain_text("1 field needs")

    send(there)

    expect(there.get_by_role("status")).to_contain_text("Thank you")
    assert Submission.objects.get().payload["email"] == NINA


def test_a_form_of_theirs_is_seen_once_a_page_view_where_it_is_there(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_form(origins=[theirs.url])
    FormCapture.objects.create(form=form, name="Shop", selector="#contact", names={"mail": "email"})
    FormCapture.objects.create(form=form, name="Any", selector="form", names={"mail": "email"})
    script = capture_script(form, live_server.url)

    def viewed(path: str, body: str) -> None:
        with visitor.expect_response(lambda one: one.url.endswith("/capture/")):
            visitor.goto(theirs.page(path, body))
        visitor.wait_for_load_state("networkidle")

    viewed("/none", f"<h1>No form</h1>{script}")
    assert views() == 0
    viewed("/shop", SHOP + SHOP + script)
    until(lambda: views() == 1)

    viewed("/late", script)
    visitor.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", SHOP)
    until(lambda: views() == 2)
    visitor.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", SHOP)
    visitor.get_by_label("Email").first.fill(NINA)
    visitor.get_by_role("button", name="Send").first.click()
    until(lambda: Submission.objects.exists())
    visitor.wait_for_timeout(500)
    assert views() == 2

    viewed("/both", SHOP + embed(form, live_server.url) + script)
    until(lambda: views() == 3)
