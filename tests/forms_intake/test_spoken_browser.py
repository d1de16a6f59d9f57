"""A German page with a purpose, as somebody meets it: German words beside the box, and in the proof."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Consent
from forms_intake.processing.work import process_next
from forms_intake.spec.remembering import forget_specs
from tests.build import a_form, a_page, a_purpose
from tests.forms_intake.test_double_opt_in import asks_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

WORDS = "Nordwind darf mir schreiben."


def test_a_german_page_asks_in_german_words_and_the_proof_holds_them(page: Page, live_server):
    forget_specs()
    form = a_form(language="de")
    news = a_purpose("News", "Nordwind may write to me.", language="en", others={"de": WORDS})
    asks_for(form, news)
    landing = a_page(form, settings={"language": "de"})

    page.goto(f"{live_server.url}/p/{landing.slug}/")
    expect(page.get_by_label(WORDS)).not_to_be_checked()
    expect(page.get_by_text("may write to me")).to_have_count(0)
    page.locator("input[type=email], input[name=email]").first.fill("nina@nordwind.example")
    page.get_by_label(WORDS).check()
    page.get_by_role("button", name="Absenden").click()
    expect(page.get_by_role("heading", name="Vielen Dank")).to_be_visible()
    process_next()

    proof = Consent.objects.get()
    assert (proof.wording, proof.language, proof.purpose, proof.version) == (WORDS, "de", news, news.wordings.get())
