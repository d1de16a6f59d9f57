"""Pages speak one language, ours of their words included, and what marketers wrote stays theirs."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake import validation
from forms_intake.landing.languages import IN_ENGLISH, KNOWN, LABELS, NAMES, PROBLEMS, translated, words_of
from forms_intake.models import FieldType, LandingPage
from leadcrm.lib.languages import LANGUAGES
from tests.build import a_form, a_page, a_user

pytestmark = pytest.mark.django_db


def test_every_word_of_every_language_is_said_and_has_a_label() -> None:
    assert set(LABELS) == set(NAMES)
    assert set(KNOWN) <= set(LANGUAGES)
    assert all(text.strip() for words in KNOWN.values() for text in asdict(words).values())
    others = [asdict(words) for code, words in KNOWN.items() if code != "en"]
    assert all(one["fill_in"] != IN_ENGLISH.fill_in and one["email"] != IN_ENGLISH.email for one in others)


def test_what_validation_says_of_answers_is_known_here() -> None:
    said = {*validation.MISSING, *(problem for _, problem in validation.WRITTEN.values())}
    german = KNOWN["de"]

    assert set(PROBLEMS) >= validation.MISSING
    assert all(translated(one, german) in asdict(german).values() for one in said | set(PROBLEMS))
    assert translated("Nur Adressen der Firma.", german) == "Nur Adressen der Firma."
    assert translated("Please fill this in.", IN_ENGLISH) == "Please fill this in."
    assert words_of("ja").fill_in == IN_ENGLISH.fill_in
    assert words_of("de", {"word_optional": " nach Wunsch "}).optional == "nach Wunsch"


def test_a_page_its_mistakes_and_its_thanks_are_in_its_language(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    form.fields.filter(key="email").update(required=True)
    form.fields.filter(key="company").update(type=FieldType.CHOICE, choices=["Eins", "Zwei"])
    a_page(form, settings={"language": "de", "word_thanks": "Danke sehr"})

    page = client.get("/p/demo/").content.decode()
    wrong = client.post(f"/f/{form.public_id}/", {"email": "", "_page": "demo"}).content.decode()
    sent = client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "_page": "demo"})
    thanks = client.get(sent["Location"]).content.decode()

    assert '<html lang="de">' in page and '<html lang="de">' in wrong and '<html lang="de">' in thanks
    for words in ("Zum Inhalt", "kennzeichnet Pflichtfelder", "(freiwillig)", "Bitte wählen"):
        assert words in page
    assert "Bitte prüfen" in wrong and "Bitte füllen Sie dies aus." in wrong
    assert not [one for one in ("(optional)", "Please", "your attention", "Skip to") if one in page + wrong]
    assert "<h1>Danke sehr</h1>" in thanks


def test_languages_from_the_right_are_drawn_from_there(client: Client) -> None:
    a_page(a_form(), settings={"language": "he"})

    assert '<html lang="he" dir="rtl">' in client.get("/p/demo/").content.decode()


def test_marketers_choose_the_language_and_put_our_words_otherwise(client: Client) -> None:
    page = a_page(a_form())
    client.force_login(a_user(Role.MARKETER))
    said = {"name": "Demo", "slug": "demo", "title": "Demo", "language": "pl", "word_yes": "No jasne"}

    assert client.post(f"/pages/{page.pk}/settings/", said).status_code == 302
    settings = LandingPage.objects.get().draft["settings"]
    assert (settings["language"], settings["word_yes"]) == ("pl", "No jasne")
    shown = client.get(f"/pages/{page.pk}/settings/").content.decode()
    assert 'placeholder="Wypełnij to pole."' in shown
    changes = client.get(f"/pages/{page.pk}/versions/").content.decode()
    assert "Polski" in changes and "No jasne" in changes
    assert client.post(f"/pages/{page.pk}/settings/", said | {"language": "xx"}).status_code == 422
