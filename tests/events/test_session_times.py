"""When a session is, in mails, on tickets and in calendars; and on which day, where an event lasts several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from forms_intake.events.calendar import calendar_of
from forms_intake.events.tickets import token_of
from forms_intake.events.words import hours_words
from forms_intake.models import Event, EventSession
from leadcrm.lib.languages import speaking
from leads.mail.delivering import deliver_some
from tests.events.making import a_session, an_event, registers
from tests.events.test_spoken import in_german

BEGIN = datetime(2030, 12, 5, 8, 0, tzinfo=UTC)  # a Thursday, nine in Vienna


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Fri 6 December, 14:00–15:30"),
        ("de", "Fr, 6. Dezember, 14:00–15:30"),
        ("fr", "ven 6 décembre, 14:00–15:30"),
        ("es", "Vie, 6 de diciembre, 14:00–15:30"),
    ],
)
def test_a_session_of_an_event_of_several_days_says_its_day(language: str, words: str) -> None:
    event = Event(starts_at=BEGIN, ends_at=BEGIN + timedelta(days=1, hours=8), time_zone="Europe/Vienna")
    begin = datetime(2030, 12, 6, 13, 0, tzinfo=UTC)

    with speaking(language):
        said = hours_words(begin, begin + timedelta(minutes=90), event)

    assert said.casefold() == words.casefold()


def test_of_one_day_only_hours_are_said_and_another_day_is_never_hidden() -> None:
    event = Event(starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=8), time_zone="Europe/Vienna")
    night = BEGIN + timedelta(hours=13)

    assert hours_words(BEGIN, BEGIN + timedelta(hours=1), event) == "09:00–10:00"
    assert hours_words(night, night + timedelta(hours=3), event) == "Thu 5 December, 22:00 – Fri 6 December, 01:00"


@pytest.mark.django_db
def test_visitors_mails_tickets_and_calendars_are_told_day_and_time_of_sessions() -> None:
    event = in_german()
    Event.objects.filter(pk=event.pk).update(ends_at=event.ends_at + timedelta(days=1))
    event.refresh_from_db()
    second = event.starts_at + timedelta(days=1)
    talk = a_session(event, "Vortrag")
    EventSession.objects.filter(pk=talk.pk).update(starts_at=second, ends_at=second + timedelta(hours=1), room="Saal 2")
    half_past_five = event.starts_at + timedelta(hours=3, minutes=30)
    a_session(event, "Werkstatt", capacity=1, starts_at=event.starts_at, ends_at=half_past_five)
    registers(event, "tom", sessions=["Werkstatt"])
    nina = registers(event, "nina", sessions=["Vortrag", "Werkstatt"])

    page = Client().get(f"/e/{event.slug}/").content.decode()
    ticket = Client().get(f"/e/ticket/{token_of(nina)}/").content.decode()
    while deliver_some():
        pass

    day = "Fr, 6. Dezember, 14:00–15:00"
    assert day in page
    assert f"{day} Vortrag, Saal 2" in ticket.partition("<details")[0]
    (letter,) = (one.body for one in mail.outbox if one.to == [nina.contact.email])
    assert f"  - {day} Vortrag, Saal 2\n" in letter
    assert "17:30 Werkstatt (Warteliste)\n" in letter
    with speaking("de"):
        file = calendar_of(nina).replace("\r\n ", "")
    assert "Fr\\, 6. Dezember\\, 14:00–15:00 Vortrag\\, Saal 2" in file
    assert "Werkstatt" not in file


@pytest.mark.django_db
def test_mails_and_tickets_of_one_day_say_the_hours() -> None:
    event = an_event(starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=2), time_zone="Europe/Vienna")
    a_session(event, "Talk")
    nina = registers(event, "nina", sessions=["Talk"])
    while deliver_some():
        pass

    assert "  - 09:00–11:00 Talk\n" in mail.outbox[-1].body
    assert "09:00–11:00 Talk" in Client().get(f"/e/ticket/{token_of(nina)}/").content.decode().partition("<details")[0]
