"""Sessions that change are told to who is in them, and go along when their event is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client

from contacts.models import OutboxEvent, Role
from forms_intake.events.acting import cancel
from forms_intake.events.editing import save_event
from forms_intake.events.offering import keep_session
from forms_intake.events.tickets import token_of
from forms_intake.models import Event, EventRegistration, EventSession
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, registers
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db
VIENNA, NEW_YORK = ZoneInfo("Europe/Vienna"), ZoneInfo("America/New_York")
TEN = datetime(2031, 7, 3, 10, tzinfo=VIENNA).astimezone(UTC)


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def in_vienna(**more: Any) -> Event:
    """From ten to five."""
    return an_event(starts_at=TEN, ends_at=TEN + timedelta(hours=7), time_zone="Europe/Vienna", **more)


def sequence_of(registration: EventRegistration) -> int:
    file = Client().get(f"/e/ticket/{token_of(registration)}/event.ics").content.decode()
    return int(file.partition("SEQUENCE:")[2].split("\r\n")[0])


def save(event: Event, **changed: Any) -> Any:
    before = {name: getattr(event, name) for name in changed}
    for name, value in changed.items():
        setattr(event, name, value)
    return save_event(event, before=before, campaign_id=None, product_id=None, by=a_user("marketer"))


def hours(session: EventSession, zone: ZoneInfo) -> str:
    session.refresh_from_db()
    begin, end = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    return f"{begin:%d %H:%M}-{end:%d %H:%M}"


def test_a_session_at_another_time_is_told_once_to_who_is_in_it_or_waits_for_it_and_calendars_follow(
    maria: Client,
) -> None:
    event = in_vienna()
    talk = a_session(event, "Talk", capacity=1)
    a_session(event, "Lab")
    nina, tom = registers(event, "nina", sessions=["Talk"]), registers(event, "tom", sessions=["Talk"])
    ida, gone = registers(event, "ida", sessions=["Lab"]), registers(event, "gone", sessions=["Talk"])
    cancel([gone.pk], by=None)
    everybody = (nina, tom, ida, gone)
    before = [sequence_of(one) for one in everybody]
    OutboxEvent.objects.all().delete()
    said = {"name": "Talk", "begins": "2031-07-03T11:00", "ends": "2031-07-03T12:00", "room": "", "capacity": "1"}

    answer = maria.post(f"/events/{event.pk}/sessions/{talk.pk}/", said, follow=True).content.decode()

    assert "Who is in it or waits for it is told by mail." in answer
    assert [sequence_of(one) - was for one, was in zip(everybody, before, strict=True)] == [1, 1, 0, 0]
    told = OutboxEvent.objects.filter(kind="mail").values_list("payload__registration", "payload__what")
    assert sorted(told) == sorted((str(one.public_id), "event_changed") for one in (nina, tom))

    maria.post(f"/events/{event.pk}/sessions/{talk.pk}/", said)
    assert len(letters()) == 2, "saving it as it is tells nobody"


def test_who_moves_up_in_a_session_that_is_changed_has_one_letter() -> None:
    event = in_vienna()
    talk = a_session(event, "Talk", capacity=1)
    nina, tom = registers(event, "nina", sessions=["Talk"]), registers(event, "tom", sessions=["Talk"])
    before = sequence_of(tom)
    OutboxEvent.objects.all().delete()
    talk.capacity, talk.room = 2, "Hall 2"

    assert keep_session(talk, by=a_user("marketer"))

    told = dict(OutboxEvent.objects.filter(kind="mail").values_list("payload__registration", "payload__what"))
    assert told == {str(nina.public_id): "event_changed", str(tom.public_id): "changed"}
    assert len(letters()) == 2
    assert sequence_of(tom) > before


def test_more_places_in_a_session_are_no_news_to_who_has_one() -> None:
    event = in_vienna()
    talk = a_session(event, "Talk", capacity=1)
    nina = registers(event, "nina", sessions=["Talk"])
    talk.capacity = 2

    assert not keep_session(talk, by=a_user("marketer"))

    assert (letters(), sequence_of(nina)) == (["registered"], 0)


def test_nobody_is_told_of_a_session_once_the_event_is_over() -> None:
    event = in_vienna()
    talk = a_session(event, "Talk")
    registers(event, "nina", sessions=["Talk"])
    Event.objects.update(starts_at=TEN - timedelta(days=9999), ends_at=TEN - timedelta(days=9998))
    talk = EventSession.objects.select_related("event").get(pk=talk.pk)
    talk.room = "Hall 2"

    assert not keep_session(talk, by=a_user("marketer"))
    assert letters() == ["registered"]


def test_an_event_in_another_time_zone_keeps_its_hours_and_so_do_its_sessions(maria: Client) -> None:
    event = in_vienna()
    talk = a_session(event, "Talk")
    form = maria.get(f"/events/{event.pk}/edit/").context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"seen": form["seen"].value()}

    answer = maria.post(f"/events/{event.pk}/edit/", typed | {"time_zone": "America/New_York"}, follow=True)

    event.refresh_from_db()
    assert event.starts_at.astimezone(NEW_YORK).hour == 10
    assert hours(talk, NEW_YORK) == "03 10:00-03 17:00"
    assert "1 session moves with it." in answer.content.decode()
    assert "outside of the event" not in answer.content.decode()


def test_moments_that_are_kept_in_another_time_zone_are_kept_for_sessions_too() -> None:
    event = in_vienna()
    talk = a_session(event, "Talk")

    assert save(event, time_zone="America/New_York").moved == 0

    assert hours(talk, VIENNA) == "03 10:00-03 17:00"


@pytest.mark.parametrize(
    ("begin", "end", "talk"),
    [
        ("2031-07-05 10:00", "2031-07-05 17:00", "05 10:00-05 17:00"),
        ("2031-07-03 12:30", "2031-07-03 19:30", "03 12:30-03 19:30"),
        ("2031-12-03 10:00", "2031-12-03 17:00", "03 10:00-03 17:00"),
        ("2031-07-05 09:00", "2031-07-05 18:00", "05 10:00-05 17:00"),
        ("2031-07-03 09:00", "2031-07-03 18:00", "03 10:00-03 17:00"),
        ("2031-07-03 10:00", "2031-07-04 17:00", "03 10:00-03 17:00"),
    ],
)
def test_sessions_move_by_what_begin_and_end_both_moved_by_and_otherwise_stay(begin: str, end: str, talk: str) -> None:
    event = in_vienna()
    session = a_session(event, "Talk")

    starts, ends = (datetime.fromisoformat(one).replace(tzinfo=VIENNA).astimezone(UTC) for one in (begin, end))
    save(event, starts_at=starts, ends_at=ends)

    assert hours(session, VIENNA) == talk


def test_a_moved_event_is_told_once_with_its_sessions() -> None:
    event = in_vienna()
    a_session(event, "Talk")
    nina = registers(event, "nina", sessions=["Talk"])

    later = event.starts_at + timedelta(days=1)
    save(event, starts_at=later, ends_at=later + timedelta(hours=7))

    assert letters() == ["registered", "event_changed"]
    assert sequence_of(nina) == 1


def test_a_session_outside_of_the_time_of_its_event_is_pointed_out(maria: Client) -> None:
    event = in_vienna()
    a_session(event, "Talk")
    page = f"/events/{event.pk}/sessions/"
    assert "outside" not in maria.get(page).content.decode()

    form = maria.get(f"/events/{event.pk}/edit/").context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"seen": form["seen"].value()}
    said = maria.post(f"/events/{event.pk}/edit/", typed | {"ends": "2031-07-03T15:00"}, follow=True).content.decode()

    assert "“Talk” lies outside of the event" in said
    assert "“Talk” lies outside of the event" in maria.get(page).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", ["kept", "new"])
def test_a_session_saved_while_its_event_goes_to_another_time_zone_is_at_the_hour_that_was_typed(
    maria: Client, which: str
) -> None:
    event = in_vienna()
    talk = a_session(event, "Talk")
    address = f"/events/{event.pk}/sessions/{talk.pk if which == 'kept' else 'new'}/"
    form = maria.get(address).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    typed |= {"seen": form["seen"].value(), "room": "Hall 2"} | ({} if which == "kept" else {"name": "Lab"})
    is_moved, ten = Signal(), TEN.astimezone(VIENNA).replace(tzinfo=NEW_YORK).astimezone(UTC)

    def moves() -> None:
        with transaction.atomic():
            save(event, time_zone="America/New_York", starts_at=ten, ends_at=ten + timedelta(hours=7))
            is_moved.set()
            until_somebody_waits()

    def saves() -> Any:
        is_moved.wait(20)
        return maria.post(address, typed)

    moved, saved = at_once(moves, saves)

    assert moved is None and saved.status_code == 302  # type: ignore[attr-defined]
    assert hours(EventSession.objects.get(room="Hall 2"), NEW_YORK) == "03 10:00-03 17:00"
