"""What people read of an event, before and after they register, is in the language of its form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from forms_intake.events.acting import cancel
from forms_intake.events.facing import facts_of
from forms_intake.events.tickets import token_of
from forms_intake.events.words import moment_words, when_words
from forms_intake.models import Event, EventRegistration, IntakeForm
from forms_intake.spec.remembering import forget_specs
from leadcrm.lib.languages import speaking
from leads.mail.delivering import deliver_some
from tests.events.making import a_session, an_event, registers

pytestmark = pytest.mark.django_db

BEGIN = datetime(2030, 12, 5, 13, 0, tzinfo=UTC)
END = datetime(2030, 12, 5, 16, 30, tzinfo=UTC)


def in_german(**more: Any) -> Event:
    """An event whose form speaks German."""
    event = an_event("Offene Halle", starts_at=BEGIN, ends_at=END, time_zone="Europe/Vienna", **more)
    form = IntakeForm.objects.select_related("version").get(event=event)
    assert form.version is not None
    form.version.definition["settings"]["language"] = "de"
    form.version.save(update_fields=["definition"])
    forget_specs()
    return Event.objects.select_related("form").get(pk=event.pk)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Thursday 5 December 2030, 14:00 to 17:30 (Europe/Vienna)"),
        ("de", "Donnerstag, 5. Dezember 2030, 14:00 bis 17:30 (Europe/Vienna)"),
        ("fr", "jeudi 5 décembre 2030, 14:00 à 17:30 (Europe/Vienna)"),
        ("es", "jueves, 5 de diciembre de 2030, 14:00 a 17:30 (Europe/Vienna)"),
    ],
)
def test_days_and_hours_are_written_as_the_language_writes_them(language: str, words: str) -> None:
    event = Event(starts_at=BEGIN, ends_at=END, time_zone="Europe/Vienna")

    with speaking(language):
        assert when_words(event).casefold() == words.casefold()
        assert moment_words(None, event) == ""


def test_the_page_of_an_event_speaks_the_language_of_its_form(client: Client) -> None:
    event = in_german(capacity=20, organiser_email="team@nordwind.example")
    a_session(event, "Werkstatt")

    page = client.get(f"/e/{event.slug}/").content.decode()

    assert '<html lang="de">' in page
    assert "Donnerstag, 5. Dezember 2030, 14:00 bis 17:30" in page
    assert "<dt>Wann</dt>" in page and "<dt>Wo</dt>" in page and "Noch 20 von 20 frei" in page
    assert "<h2>Programmpunkte</h2>" in page and "Fragen? Schreiben Sie an" in page
    assert ">Anmelden</button>" in page
    assert ">When<" not in page and "Questions?" not in page
    assert translation.get_language() == "en"


def test_an_event_that_takes_nobody_says_why_in_its_language(client: Client) -> None:
    event = in_german(capacity=1)
    registers(event)
    with speaking("de"):
        assert facts_of(event)["said"][0] == "Alle Plätze sind vergeben"
    Event.objects.filter(pk=event.pk).update(state="cancelled")

    page = client.get(f"/e/{event.slug}/").content.decode()

    assert '<html lang="de">' in page and "Die Veranstaltung fällt aus" in page
    gone = client.get("/e/nowhere/", HTTP_ACCEPT_LANGUAGE="es")
    assert gone.status_code == 404 and "Este evento no existe." in gone.content.decode()


def test_a_ticket_its_mail_and_its_calendar_speak_it_whatever_the_browser_asks_for(client: Client) -> None:
    event = in_german()
    nina = registers(event)
    address = f"/e/ticket/{token_of(nina)}/"
    deliver_some()

    ticket = client.get(address, HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    file = client.get(f"{address}event.ics").content.decode()

    sent = mail.outbox[-1]
    assert '<html lang="de">' in ticket and "Sie haben einen Platz." in ticket
    assert "Donnerstag, 5. Dezember 2030" in ticket and "Meine Anmeldung stornieren" in ticket
    assert sent.subject.startswith("Sie sind angemeldet: Offene Halle")
    assert "Ihr Ticket hängt an" in sent.body and "Donnerstag, 5. Dezember 2030" in sent.body
    assert "Ihr Ticket:" in file.replace("\r\n ", "")
    assert "Your" not in str(sent.body) and "Your" not in ticket


def test_a_false_ticket_is_refused_in_the_language_of_the_browser(client: Client) -> None:
    answer = client.get("/e/ticket/x/", HTTP_ACCEPT_LANGUAGE="de")

    assert answer.status_code == 404
    assert '<html lang="de">' in answer.content.decode() and "Bitte kopieren Sie ihn" in answer.content.decode()


def test_who_comes_too_late_is_told_so_in_the_language_of_the_event(client: Client) -> None:
    event = in_german(capacity=1)
    nina = registers(event)
    EventRegistration.objects.filter(pk=nina.pk).update(state="waiting")

    late = client.post(f"/e/ticket/{token_of(nina)}/", {"do": "accept"})

    assert late.status_code == 409
    assert "Die Einladung ist abgelaufen" in late.content.decode()
    cancel([nina.pk], by=None)
    deliver_some()
    assert mail.outbox[-1].subject.startswith("Ihre Anmeldung ist storniert")


def test_sessions_are_chosen_anew_in_the_language_of_the_event(client: Client) -> None:
    event = in_german()
    session = a_session(event, "Werkstatt")
    nina = registers(event)
    address = f"/e/ticket/{token_of(nina)}/"

    ticket = client.get(address).content.decode()
    late = client.post(address, {"do": "sessions", "session": [session.pk], "seen": [session.pk]})

    assert "Andere Programmpunkte wählen" in ticket and "Meine Programmpunkte ändern" in ticket
    assert late.status_code == 409 and "waren inzwischen geändert" in late.content.decode()
