"""A form on a page of another origin, in Chromium: by script, in a frame, refused; and whole, to the dashboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contacts.models import InteractionType, Role
from forms_intake.models import (
    Ask,
    Captcha,
    DroppedName,
    FieldType,
    FormCapture,
    FormDay,
    FormField,
    IntakeForm,
    RefusedOrigin,
    Submission,
)
from leads.models import Lead
from scoring.verify import verify
from tests.anywhere.other_site import OtherSite, another_site
from tests.build import a_form, a_model, a_rule, a_user
from tests.scoring.helpers import live
from tests.spam.test_captcha import a_service
from tests.test_main_job import A_PERSONS, PATIENCE, sign_in
from tests.workers import Worker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def theirs(live_server: Any) -> Iterator[OtherSite]:
    with another_site(live_server.url) as site:
        yield site


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(user_agent=A_PERSONS)
    yield context.new_page()
    context.close()


def a_rich_form(origin: str, **more: Any) -> IntakeForm:
    form = a_form("Ask for a demo", origins=[origin], topic="Route planning", thank_you="Thank you, Nina.", **more)
    FormField.objects.filter(key="email").update(required=True)
    rows: list[dict[str, Any]] = [
        {"key": "size", "label": "Fleet", "type": FieldType.CHOICE, "choices": ["Small", "Large"], "display": "radio",
         "help": "Vehicles you plan for."},
        {"key": "trucks", "label": "How many trucks", "type": FieldType.WHOLE,
         "show_when": {"key": "size", "op": "is", "values": ["Large"]}},
        {"key": "news", "label": "Send me news", "type": FieldType.CONSENT, "consent_level": 4},
        {"key": "secret", "label": "Only for people we know", "ask": Ask.KNOWN},
    ]  # fmt: skip
    for place, row in enumerate(rows, 3):
        FormField.objects.create(form=form, position=place, **row)
    return form


def embed(form: IntakeForm, crm: str, more: str = "") -> str:
    return f'<h1>Their page</h1><script src="{crm}/f/embed.js" data-form="{form.public_id}"{more} async></script>'


def listen(visitor: Page) -> list[str]:
    said: list[str] = []
    visitor.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    visitor.on("pageerror", lambda error: said.append(str(error)))
    return said


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_form_on_another_site_asks_corrects_and_thanks_there_and_refused_sites_are_told(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_rich_form(theirs.url)
    visitor.goto(theirs.page("/contact", embed(form, live_server.url)) + "?utm_source=fair")
    expect(visitor.get_by_label("Email")).to_be_visible()
    expect(visitor.get_by_label("How many trucks")).to_be_hidden()
    expect(visitor.get_by_label("Only for people we know")).to_have_count(0)
    said = listen(visitor)
    visitor.get_by_label("Email").fill("nina@")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Email: This is not an e-mail address.")
    expect(visitor.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    expect(visitor.get_by_label("Email")).to_have_value("nina@")
    visitor.get_by_label("Email").fill("nina@nordwind.example")
    visitor.get_by_label("Large").check()
    visitor.get_by_label("How many trucks").fill("40")
    visitor.get_by_label("Send me news").check()
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("status")).to_have_text("Thank you, Nina.")
    assert visitor.url.startswith(theirs.url)
    assert [line for line in said if "422" not in line] == []
    sent = Submission.objects.get()
    assert sent.payload == {"email": "nina@nordwind.example", "size": "Large", "trucks": "40", "news": True}
    assert (sent.origin["utm_source"], sent.origin["referrer"]) == ("fair", f"{theirs.url}/contact?utm_source=fair")

    IntakeForm.objects.update(origins=["https://www.example.com"])
    visitor.reload()
    expect(visitor.get_by_label("Email")).to_have_count(0)
    for _ in range(100):  # the console is told when the script has been
        if told := [line for line in said if "is not on its list of sites" in line and theirs.url in line]:
            break
        visitor.wait_for_timeout(100)
    assert told
    assert RefusedOrigin.objects.get().origin == theirs.url


@pytest.mark.deep
def test_on_another_site_what_is_wrong_is_said_without_a_colon_behind_a_question_too(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_form(origins=[theirs.url], language="fr")
    for key, label in (("email", "E-mail"), ("first_name", "Votre prénom ?")):
        FormField.objects.filter(form=form, key=key).update(label=label, required=True)
    visitor.goto(theirs.page("/contact", embed(form, live_server.url)))
    visitor.get_by_role("button").click()
    said = visitor.get_by_role("alert").get_by_role("link")
    expect(said).to_have_text(
        [re.compile("^E-mail\u00a0: Veuillez"), re.compile("^Votre prénom ? Veuillez".replace("?", "[?]"))]
    )


def height_of_the_form(visitor: Page) -> int:
    """The height of the frame, once its page is loaded, styles and all, and it is as high as what is in it."""
    inner = visitor.frames[-1]
    inner.wait_for_load_state("load")
    until = time.monotonic() + 20
    while True:
        outside: int = visitor.locator("iframe").evaluate("one => one.offsetHeight")
        inside = inner.evaluate("Math.ceil(document.getElementById('main').getBoundingClientRect().height)")
        if outside == inside:
            return outside
        assert time.monotonic() < until, f"the frame is {outside} px high, and what is in it {inside}"
        visitor.wait_for_timeout(50)


@pytest.mark.deep
def test_a_form_in_a_frame_is_as_high_as_what_is_in_it_and_refused_by_the_browser_elsewhere(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_rich_form(theirs.url)
    visitor.goto(theirs.page("/framed", embed(form, live_server.url, ' data-as="frame" data-title="Demo"')))
    frame = visitor.frame_locator("iframe[title=Demo]")
    expect(frame.get_by_label("Email")).to_be_visible()
    before = height_of_the_form(visitor)
    frame.get_by_label("Large").check()
    expect(frame.get_by_label("How many trucks")).to_be_visible()
    assert height_of_the_form(visitor) > before
    frame.get_by_label("Email").fill("nina@")
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("alert")).to_contain_text("1 field needs")
    frame.get_by_label("Email").fill("nina@nordwind.example")
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("status")).to_contain_text("Thank you, Nina.")
    assert Submission.objects.get().payload["email"] == "nina@nordwind.example"

    bare = f'<iframe src="{live_server.url}/f/{form.public_id}/frame/" title="Bare"></iframe>'
    IntakeForm.objects.update(origins=["https://www.example.com"])
    with visitor.expect_console_message(lambda message: "frame-ancestors" in message.text):
        visitor.goto(theirs.page("/bare", bare))
    expect(visitor.frame_locator("iframe").get_by_label("Email")).to_have_count(0)


@pytest.mark.deep
def test_a_form_that_leads_elsewhere_takes_the_page_there_from_a_script_and_from_a_frame(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    next_page = theirs.page("/next", "<h1>Their next page</h1>")
    form = a_form(origins=[theirs.url], redirect_url=next_page)
    for number, more in enumerate(("", ' data-as="frame" data-title="Demo"')):
        visitor.goto(theirs.page(f"/{number}", embed(form, live_server.url, more)))
        there: Any = visitor.frame_locator("iframe") if more else visitor
        there.get_by_label("Email").fill(f"nina{number}@nordwind.example")
        there.get_by_role("button", name="Send").click()
        expect(visitor.get_by_role("heading", name="Their next page")).to_be_visible()
    assert Submission.objects.count() == 2


@pytest.mark.deep
def test_a_form_of_theirs_goes_on_its_way_and_what_is_mapped_comes_here_too(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_form(origins=[theirs.url])
    names = {"mail": "email", "vorname": "first_name", "nachname": "last_name"}
    FormCapture.objects.create(form=form, name="Shop", selector="#contact", names=names)
    fields = "".join(
        f"<label>{name}<input name={name} {more}></label>"
        for name, more in (
            ("mail", ""), ("vorname", ""), ("nachname", ""), ("plz", ""), ("pin", "type=password"),
            ("card", "autocomplete=cc-number"), ("file", "type=file"),
        )
    )  # fmt: skip
    script = f'<script src="{live_server.url}/f/capture.js" data-form="{form.public_id}" async></script>'
    said = listen(visitor)
    with visitor.expect_request(lambda one: one.url.endswith("/seen/")):  # said once the form is listened to
        visitor.goto(
            theirs.page(
                "/shop", f'<form id=contact method=post action="/theirs">{fields}<button>Go</button></form>{script}'
            )
        )
    typed = {"mail": "nina@nordwind.example", "vorname": "Nina", "nachname": "4111 1111 1111 1111", "plz": "1010",
             "pin": "secret", "card": "4111"}  # fmt: skip
    for name, value in typed.items():
        visitor.locator(f"[name={name}]").fill(value)
    visitor.get_by_role("button", name="Go").click()
    expect(visitor.get_by_role("heading", name="Their own thanks")).to_be_visible()
    until(lambda: Submission.objects.exists() and DroppedName.objects.exists())
    assert Submission.objects.get().payload == {"email": "nina@nordwind.example", "first_name": "Nina"}
    assert list(DroppedName.objects.values_list("name", flat=True)) == ["plz"]
    assert len(theirs.posted) == 1 and "pin=secret" in theirs.posted[0]
    assert said == []


@pytest.mark.deep
def test_a_form_that_asks_browsers_for_work_gets_it_on_another_site_too(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_form(origins=[theirs.url], captcha=Captcha.PROOF)
    for number, more in enumerate(("", ' data-as="frame" data-title="Demo"')):
        visitor.goto(theirs.page(f"/{number}", embed(form, live_server.url, more)))
        there: Any = visitor.frame_locator("iframe") if more else visitor
        there.get_by_label("Email").fill(f"nina{number}@nordwind.example")
        there.get_by_role("button", name="Send").click()
        expect(there.get_by_role("status")).to_contain_text("Thank you")
    assert [(one.state, one.marks) for one in Submission.objects.all()] == [("pending", [])] * 2


TURNSTILE = """const answered = () => document.querySelectorAll(".cf-turnstile").forEach((place) => {
  const answer = document.createElement("input");
  Object.assign(answer, { type: "hidden", name: "cf-turnstile-response", value: `word of ${place.dataset.sitekey}` });
  place.append(answer, "A person, says Turnstile");
});
if (document.readyState === "loading") addEventListener("DOMContentLoaded", answered);
else answered();"""


@pytest.mark.deep
def test_a_captcha_of_others_is_answered_on_another_site_without_their_code_in_its_page(
    live_server: Any, theirs: OtherSite, visitor: Page, settings: Any
) -> None:
    settings.CAPTCHA_SERVICE, settings.CAPTCHA_SITE_KEY, settings.CAPTCHA_SECRET = "turnstile", "site", "secret"
    form = a_form(origins=[theirs.url], captcha=Captcha.SERVICE, thank_you="Thank you, Nina.")
    said = listen(visitor)
    visitor.route(
        "https://challenges.cloudflare.com/**",
        lambda route: route.fulfill(body=TURNSTILE, content_type="text/javascript"),
    )
    with a_service({"success": True}) as (settings.CAPTCHA_URL, asked):
        visitor.goto(theirs.page("/contact", embed(form, live_server.url)) + "?utm_source=fair")
        frame = visitor.frame_locator("iframe")
        expect(frame.get_by_text("A person, says Turnstile")).to_be_visible()
        frame.get_by_label("Email").fill("nina@nordwind.example")
        frame.get_by_role("button", name="Send").click()
        expect(frame.get_by_role("status")).to_contain_text("Thank you, Nina.")
    sent = Submission.objects.get()
    assert (sent.state, sent.marks, sent.origin["utm_source"]) == ("pending", [], "fair")
    assert asked[0]["response"] == ["word of site"]
    assert visitor.evaluate("[...document.scripts].map((one) => new URL(one.src).origin)") == [live_server.url]
    assert sum(FormDay.objects.values_list("visits", flat=True)) == 1
    assert said == []


@pytest.mark.deep
def test_a_form_filled_in_on_another_site_is_a_sales_ready_lead_on_an_open_dashboard(
    live_server: Any, worker: Worker, browser: Browser, theirs: OtherSite, visitor: Page
) -> None:
    a_user(Role.SALESPERSON, "sam")
    model = a_model("Demand", threshold=30)
    a_rule(model, 40, "Asked for a demo", interaction_type=InteractionType.FORM_SUBMITTED)
    live(model)
    form = a_rich_form(theirs.url)
    salesperson = browser.new_context().new_page()
    sign_in(salesperson, live_server.url, "sam")
    salesperson.goto(f"{live_server.url}/leads/ready/?tab=unassigned")
    visitor.goto(theirs.page("/contact", embed(form, live_server.url)))
    visitor.get_by_label("Email").fill("nina@nordwind.example")
    visitor.get_by_label("First name").fill("Nina")
    visitor.get_by_label("Last name").fill("Lind")
    visitor.get_by_role("button", name="Send").click()
    expect(salesperson.get_by_role("row", name=re.compile("Nina Lind"))).to_be_visible(timeout=PATIENCE)
    expect(visitor.get_by_role("status")).to_have_text("Thank you, Nina.")
    lead = Lead.objects.get()
    assert (lead.sales_ready, lead.score) == (True, 40)
    assert verify() == []
    salesperson.context.close()


def test_a_german_form_on_an_english_page_speaks_german_and_says_so_to_screen_readers(
    live_server: Any, theirs: OtherSite, visitor: Page
) -> None:
    form = a_rich_form(theirs.url, language="de", double_opt_in=True)
    complaints = listen(visitor)
    visitor.goto(theirs.page("/kontakt", embed(form, live_server.url)))
    expect(visitor.locator("form")).to_have_attribute("lang", "de")

    visitor.get_by_role("button", name="Send").click()
    expect(visitor.get_by_role("alert")).to_contain_text("Bitte prüfen")
    expect(visitor.get_by_role("alert")).to_contain_text("Bitte füllen Sie dies aus.")
    visitor.get_by_label("Email").fill("nina@nordwind.example")
    visitor.get_by_role("button", name="Send").click()

    thanks = visitor.get_by_role("status")
    expect(thanks).to_contain_text("Bitte sehen Sie in Ihr Postfach")
    expect(thanks).to_have_attribute("lang", "de")
    assert visitor.locator("html").get_attribute("lang") == "en"
    assert Submission.objects.get().state == "asked"
    assert not [one for one in complaints if "422" not in one]
