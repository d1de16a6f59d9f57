"""Visitors are spoken to in the language of the page they are on, or of the form, or of their browser."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from contacts.models import Consent, Contact, Role
from forms_intake import confirming
from forms_intake.building.checks import findings_of
from forms_intake.building.definition import fingerprint, freeze
from forms_intake.building.lifecycle import go_live
from forms_intake.models import FieldType, IntakeForm, Submission, SubmissionState
from forms_intake.processing.work import process_next
from forms_intake.spec.remembering import forget_specs
from leadcrm.lib import ratelimit
from leads.mail.delivering import deliver_some
from tests import catalogues
from tests.build import a_form, a_page, a_purpose, a_user
from tests.forms_intake.posting import a_submission, processed
from tests.forms_intake.test_double_opt_in import asks_for

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}
GERMAN: Any = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9"}
SPANISH: Any = {"HTTP_ACCEPT_LANGUAGE": "es"}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)
    forget_specs()


def link(pattern: str = r"http://[^/]+(/f/confirm/\S+)") -> str:
    deliver_some()
    found = re.search(pattern, str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_every_sentence_for_visitors_is_there_in_every_language() -> None:
    assert list(catalogues.problems()) == []
    assert len(catalogues.said()) > 90


def test_a_catalogue_that_lacks_a_sentence_or_fills_in_another_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "said", lambda: {("Go on",), ("It goes to %(whom)s.",)})
    monkeypatch.setattr(catalogues, "read", lambda _: {("It goes to %(whom)s.",): ("%(who)s",), ("Old",): ("Alt",)})

    found = [one.removeprefix("de: ") for one in catalogues.problems() if one.startswith("de")]

    assert found[:3] == ["nothing for 'Go on'", "nobody says 'Old'", "other names in 'It goes to %(whom)s.'"]
    assert "django.mo is not what django.po says" in found[3]


def test_double_opt_in_is_in_the_language_of_the_page(client: Client) -> None:
    form = a_form(double_opt_in=True, language="fr", thank_you="Bis bald.")
    a_page(
        form, title="Q4, second try", settings={"language": "de", "title": "Probefahrt", "word_thanks": "Danke sehr"}
    )

    answer = client.post(f"/f/{form.public_id}/", NINA | {"_page": "demo"})
    waits = client.get(answer["Location"]).content.decode()
    address = link()
    asked = client.get(address).content.decode()
    done = client.post(address).content.decode()

    assert '<html lang="de">' in waits and "Bitte sehen Sie in Ihr Postfach" in waits
    assert mail.outbox[0].subject.startswith("Bitte bestätigen: Probefahrt")
    assert "Der Link gilt dreißig Tage" in mail.outbox[0].body
    assert '<html lang="de">' in asked and "Ja, das war ich" in asked and "„Probefahrt“" in asked
    assert "second try" not in mail.outbox[0].body + asked
    assert "<h1>Danke sehr</h1>" in done and "Bis bald." in done and "Ihre Adresse ist bestätigt." in done
    assert not re.search(r"Please|mailbox<|Yes, |Somebody|address", waits + str(mail.outbox[0].body) + asked + done)
    assert translation.get_language() == "en"


def test_a_link_that_has_run_out_says_so_in_the_language_of_the_form_and_stays_out_of_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    form = a_form(double_opt_in=True, language="es")
    client.post(f"/f/{form.public_id}/", NINA)
    address = link()
    monkeypatch.setattr(confirming, "VALID", timedelta(seconds=-1))

    late, sent = client.get(address), client.post(address)

    assert late.status_code == 410
    assert address.split("/")[3] not in caplog.text
    assert '<html lang="es">' in late.content.decode() and "Este enlace ha caducado" in late.content.decode()
    assert "Un enlace nuevo está en camino" in sent.content.decode()
    assert Submission.objects.get().state == SubmissionState.UNCONFIRMED


def test_a_form_alone_speaks_its_language_from_the_first_word_to_the_thanks(client: Client) -> None:
    form = a_form(fields={"email": "contact.email", "fleet": "", "trucks": ""}, language="fr", thank_you="À bientôt.")
    form.fields.filter(key="email").update(required=True)
    form.fields.filter(key="fleet").update(label="Flotte", type=FieldType.CHOICE, choices=["Oui", "Non"], position=1)
    form.fields.filter(key="trucks").update(
        show_when={"key": "fleet", "op": "is", "values": ["Oui", "Non"]}, position=2
    )
    address = f"/f/{form.public_id}/"

    page = client.get(address).content.decode()
    wrong = client.post(address, {"email": ""}).content.decode()
    told = client.post(address, {"email": ""}, HTTP_ACCEPT="application/json", content_type="application/json").json()
    thanks = client.get(client.post(address, NINA)["Location"]).content.decode()

    assert '<button class="btn go" type="submit">Envoyer</button>' in page
    assert '<html lang="fr">' in page and "Seulement si « Flotte » est Oui ou Non." in page
    assert "Veuillez vérifier" in wrong and "Veuillez remplir ce champ." in wrong
    assert told["errors"]["email"] == ["Veuillez remplir ce champ."]
    assert '<html lang="fr">' in thanks and "<h1>Merci</h1>" in thanks


@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("en", "Given name", "Given name: Please fill this in."),
        ("en", "What are you called?", "What are you called? Please fill this in."),
        ("en", "You are called: ", "You are called: Please fill this in."),
        ("de", "Vorname", "Vorname: Bitte füllen Sie dies aus."),
        ("es", "¿Cómo se llama?", "¿Cómo se llama? Rellene este campo."),
        ("fr", "Prénom", "Prénom\u00a0: Veuillez remplir ce champ."),
        ("fr", "Quel est votre prénom ?", "Quel est votre prénom ? Veuillez remplir ce champ."),
        ("ja", "お名前は？", "お名前は？ "),
    ],
)
def test_the_list_of_what_is_wrong_sets_no_colon_behind_a_question(
    client: Client, language: str, label: str, said: str
) -> None:
    form = a_form(language=language)
    form.fields.filter(key="first_name").update(label=label, required=True)
    forget_specs()

    page = client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example"}).content.decode()

    assert f'<a href="#field-first_name">{said}' in page


def test_a_button_says_what_its_maker_wrote_and_the_first_thanks_are_ours_to_translate(client: Client) -> None:
    own, ours = a_form(button="Los", language="de"), a_form("Other", language="de")
    page = a_page(ours, settings={"language": "es"})

    thanks = client.get(client.post(f"/f/{ours.public_id}/", NINA)["Location"]).content.decode()

    assert ">Los</button>" in client.get(f"/f/{own.public_id}/").content.decode()
    assert ">Absenden</button>" in client.get(f"/f/{ours.public_id}/").content.decode()
    assert ">Enviar</button>" in client.get(f"/p/{page.slug}/").content.decode()
    assert "Vielen Dank. Wir melden uns." in thanks


def test_refusals_are_in_the_language_of_the_form_else_of_the_browser(client: Client) -> None:
    form = a_form(language="de", state="closed")
    live = a_form("Live", language="de")

    closed = client.get(f"/f/{form.public_id}/", **SPANISH)
    unknown = client.get("/f/nobodys-form/", **SPANISH)
    unread = client.post(f"/f/{live.public_id}/", "{", content_type="application/json")

    assert closed.status_code == 410
    assert '<html lang="de">' in closed.content.decode() and "Geschlossen" in closed.content.decode()
    assert unknown.status_code == 404
    assert "Aquí no hay nada" in unknown.content.decode() and "Accept-Language" in unknown["Vary"]
    assert unread.status_code == 400 and unread.json()["message"].startswith("Das war nicht zu lesen")
    assert "There is nothing here" in client.get("/f/nobodys-form/", HTTP_ACCEPT_LANGUAGE="ja").content.decode()


def test_words_of_a_closed_form_that_hold_a_percent_sign_stay_as_they_were_written(client: Client) -> None:
    form = a_form(state="closed", closed_message="100 % taken, %(sorry)s.", language="de")

    assert "100 % taken, %(sorry)s." in client.get(f"/f/{form.public_id}/").content.decode()


def test_on_pages_of_others_it_speaks_the_language_of_the_form(client: Client) -> None:
    form = a_form(language="de", double_opt_in=True, origins=["https://nordwind.example"])
    theirs: Any = {"HTTP_ORIGIN": "https://nordwind.example"}

    parts = client.get(f"/f/{form.public_id}/embed/", **theirs).json()
    framed = client.get(f"/f/{form.public_id}/frame/?at=https://nordwind.example").content.decode()
    refused = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN="https://other.example").json()

    assert (parts["language"], parts["direction"]) == ("de", "ltr")
    assert "(freiwillig)" in parts["html"] and parts["attention"] == "Bitte prüfen"
    assert parts["mailbox"].startswith("Bitte sehen Sie in Ihr Postfach.")
    assert parts["unsent"].startswith("Es ließ sich nicht senden")
    assert '<html lang="de">' in framed and "(freiwillig)" in framed
    assert refused["message"] == "Dieses Formular darf auf https://other.example nicht verwendet werden."


def test_preferences_are_in_the_language_of_the_browser_and_so_is_their_mail(client: Client) -> None:
    Contact.objects.create(first_name="Nina", email="nina@nordwind.example")
    news = a_purpose("Neuigkeiten", confirm=True)
    form = a_form(language="de")
    asks_for(form, news)
    client.post(f"/f/{form.public_id}/", NINA | {"agree": "yes"})
    process_next()

    question = client.get(link(r"http://[^/]+(/preferences/confirm/\S+)"), **GERMAN).content.decode()
    subject = mail.outbox[-1].subject
    own = link(r"http://[^/]+(/preferences/(?!confirm)\S+/)")
    page = client.get(own, **GERMAN).content.decode()
    gone = client.get("/preferences/x/", **SPANISH)

    assert subject.startswith("Bitte bestätigen: Neuigkeiten")
    assert "Ja, ich bin einverstanden" in question
    assert '<html lang="de">' in page and "Ihre Einstellungen" in page and "Wartet auf Ihre Bestätigung" in page
    assert gone.status_code == 404 and "Este enlace no funciona" in gone.content.decode()
    assert "Accept-Language" in gone["Vary"]


def test_who_works_here_reads_english_whatever_their_browser_asks_for(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER))

    assert '<html lang="en"' in client.get("/forms/", **GERMAN).content.decode()
    assert "Ihre " not in client.get("/forms/", **GERMAN).content.decode()


def test_the_language_of_a_form_is_chosen_waits_for_going_live_and_is_told_among_changes(client: Client) -> None:
    maria, form = a_user(Role.MARKETER), a_form()
    form.fields.filter(key="email").update(required=True)
    go_live(form_id=form.pk, seen=_seen(form), by=maria)
    client.force_login(maria)
    page = client.get(f"/forms/{form.pk}/settings/").content.decode()
    said = {"name": form.name, "creates": "both", "after_closed": "new", "thank_you": "Danke.", "button": "Senden"}

    assert client.post(f"/forms/{form.pk}/settings/", said | {"language": "de"}).status_code == 302
    assert client.post(f"/forms/{form.pk}/settings/", said | {"language": "xx"}).status_code == 422

    forget_specs()
    assert '<option value="de">Deutsch</option>' in page
    assert '<html lang="en">' in client.get(f"/f/{form.public_id}/").content.decode()
    assert "Deutsch" in client.get(f"/forms/{form.pk}/versions/").content.decode()
    go_live(form_id=form.pk, seen=_seen(form), by=maria)
    forget_specs()
    assert '<html lang="de">' in client.get(f"/f/{form.public_id}/").content.decode()


def _seen(form: IntakeForm) -> str:
    return fingerprint(freeze(IntakeForm.objects.get(pk=form.pk)))


def test_a_purpose_asks_in_the_language_of_the_form_or_page_and_the_proof_keeps_those_words(client: Client) -> None:
    news = a_purpose("News", "Write to me.", language="en", others={"de": "Schreiben Sie mir.", "fr": "Écrivez-moi."})
    form = a_form(language="de")
    asks_for(form, news)
    page = a_page(form, settings={"language": "fr"})

    alone, standing = client.get(f"/f/{form.public_id}/").content.decode(), client.get(f"/p/{page.slug}/")
    token = re.search(r'name="_token" value="([^"]+)"', alone)
    assert token
    IntakeForm.objects.update(language="es")  # no matter to who has the page open
    forget_specs()
    client.post(f"/f/{form.public_id}/", NINA | {"agree": "yes", "_token": token[1]})
    client.post(f"/f/{form.public_id}/", NINA | {"email": "tom@nordwind.example", "agree": "yes", "_page": page.slug})
    client.post(f"/f/{form.public_id}/", NINA | {"email": "ida@nordwind.example", "agree": "yes"})
    while process_next():
        pass

    assert "Schreiben Sie mir." in alone and "Écrivez-moi." in standing.content.decode()
    said = Consent.objects.order_by("contact__email").values_list("contact__email", "wording", "language")
    assert list(said) == [
        ("ida@nordwind.example", "Write to me.", "en"),
        ("nina@nordwind.example", "Schreiben Sie mir.", "de"),
        ("tom@nordwind.example", "Écrivez-moi.", "fr"),
    ]
    assert {one.version for one in Consent.objects.all()} == {news.wordings.get()}


def test_in_pages_of_others_and_in_the_mail_that_asks_back_a_purpose_is_in_the_language_of_the_form(
    client: Client,
) -> None:
    news = a_purpose("News", "Write to me.", confirm=True, others={"de": "Schreiben Sie mir."})
    form = a_form(language="de", origins=["https://nordwind.example"])
    asks_for(form, news)
    theirs: Any = {"HTTP_ORIGIN": "https://nordwind.example"}

    parts = client.get(f"/f/{form.public_id}/embed/", **theirs).json()
    framed = client.get(f"/f/{form.public_id}/frame/?at=https://nordwind.example").content.decode()
    client.post(f"/f/{form.public_id}/", NINA | {"agree": "yes"})
    process_next()
    address = link(r"http://[^/]+(/preferences/confirm/\S+)")
    asked = client.get(address).content.decode()
    client.post(address)

    assert "Schreiben Sie mir." in parts["html"] and "Schreiben Sie mir." in framed
    assert "“Schreiben Sie mir.”" in mail.outbox[-1].body
    assert "<blockquote>Schreiben Sie mir.</blockquote>" in asked
    assert Consent.objects.values_list("wording", "language").get() == ("Schreiben Sie mir.", "de")


def test_drawing_a_form_and_taking_its_post_ask_nothing_more_for_the_languages(
    client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    form = a_form(language="de")
    asks_for(form, a_purpose("News", "Write to me.", others={"de": "Schreiben Sie mir."}))
    address = f"/f/{form.public_id}/"
    page = client.get(address).content.decode()
    token = re.search(r'name="_token" value="([^"]+)"', page)
    assert token

    with django_assert_num_queries(1):
        client.post(address, NINA | {"agree": "yes", "_token": token[1]})

    assert Submission.objects.get().origin["language"] == "de"
    forget_specs()


def test_who_writes_down_for_others_reads_the_first_words_and_so_does_the_proof() -> None:
    form = a_form(language="de")
    asks_for(form, a_purpose("News", "Write to me.", language="en", others={"de": "Schreiben Sie mir."}))
    written = a_submission(form, **NINA, agree=True)
    Submission.objects.update(origin={"source": "capture"})

    processed(written)

    assert Consent.objects.values_list("wording", "language").get() == ("Write to me.", "en")


def test_a_form_that_asks_in_another_language_than_its_own_says_so_before_it_goes_live() -> None:
    form = a_form(language="de")
    asks_for(form, a_purpose("News", "Write to me.", language="en"))
    asks_for(form, a_purpose("Events", "Invite me.", language="en", others={"de": "Laden Sie mich ein."}), "invite")
    asks_for(form, a_purpose("Calls", "Call me."), "call")  # in a language that nobody said

    told = [one.words for one in findings_of(form) if "has no words" in one.words]

    assert told == ["“Agree” asks in English: its purpose has no words in Deutsch."]
    assert not any(one.stops for one in findings_of(form) if "has no words" in one.words)
