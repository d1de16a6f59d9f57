"""An event that does not take place takes its registrations with it, and tells each person once."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Interaction, InteractionType, OutboxEvent, OutboxWish, Role
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.events.acting import accept_invitation, cancel, move_up
from forms_intake.events.calendar import calendar_of
from forms_intake.events.editing import cancel_event
from forms_intake.events.figures import numbers_of
from forms_intake.events.tickets import token_of
from forms_intake.models import EventRegistration, RegistrationState, SessionPlace
from leads.mail.delivering import deliver_some
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, registers

pytestmark = pytest.mark.django_db
State = RegistrationState
CALLED_OFF = "the event was cancelled"


def states(*registrations: EventRegistration) -> list[str]:
    for one in registrations:
        one.refresh_from_db()
    return [one.state for one in registrations]


def test_who_is_registered_or_waits_is_cancelled_with_it_and_nobody_moves_up() -> None:
    event = an_event(capacity=2)
    a_session(event, "Talk", capacity=1)
    nina, gone = registers(event, "nina", sessions=["Talk"]), registers(event, "gone")
    tom, ida = registers(event, "tom"), registers(event, "ida")
    cancel([gone.pk], by=None)
    assert states(nina, tom, ida, gone) == [State.REGISTERED, State.REGISTERED, State.WAITING, State.CANCELLED]
    OutboxEvent.objects.all().delete()
    by = a_user(Role.MARKETER)

    cancel_event(event.pk, words="The hall is flooded.", by=by)

    assert states(nina, tom, ida, gone) == [State.CANCELLED] * 4
    assert {one.cancelled_how for one in (nina, tom, ida)} == {CALLED_OFF}
    assert (gone.cancelled_how, nina.cancelled_by, ida.invited_until) == ("by themselves", by, None)
    assert set(SessionPlace.objects.values_list("state", "left_with_event")) == {(State.CANCELLED, True)}
    assert nina.steps.latest("pk").what == f"Cancelled: {CALLED_OFF}"
    assert letters() == ["event_cancelled"] * 3
    told = {row.payload["registration"] for row in OutboxEvent.objects.filter(kind="mail")}
    assert told == {str(one.public_id) for one in (nina, tom, ida)}
    assert not Interaction.objects.filter(type=InteractionType.EVENT_CANCELLED, contact=nina.contact).exists()
    numbers = numbers_of([event.pk])[event.pk]
    assert (numbers.held, numbers.waiting, numbers.cancelled) == (0, 0, 4)


def test_the_one_letter_arrives_and_calendars_and_tickets_say_so() -> None:
    event = an_event(capacity=1)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    while deliver_some():
        pass
    before = len(mail.outbox)

    cancel_event(event.pk, words="The hall is flooded.", by=a_user(Role.MARKETER))
    while deliver_some():
        pass

    sent = mail.outbox[before:]
    assert sorted(one.to[0] for one in sent) == ["nina@nordwind.example", "tom@nordwind.example"]
    assert all(one.subject.startswith("Cancelled: ") and "The hall is flooded." in one.body for one in sent)
    assert all("METHOD:CANCEL" in str(one.attachments[0][1]) for one in sent)
    nina = EventRegistration.objects.select_related("event").get(pk=nina.pk)
    assert "SEQUENCE:2" in calendar_of(nina)
    for one in (nina, tom):
        ticket = Client().get(f"/e/ticket/{token_of(one)}/").content.decode()
        assert "This event does not take place. The hall is flooded." in ticket
        assert "Register again" not in ticket and "Cancel my registration" not in ticket


def test_nobody_has_a_place_again_at_an_event_that_does_not_take_place() -> None:
    event = an_event(capacity=1, waitlist="invite")
    nina, tom = registers(event, "nina"), registers(event, "tom")
    cancel([nina.pk], by=None)
    assert states(tom) == [State.INVITED]
    by = a_user(Role.ADMINISTRATOR)

    cancel_event(event.pk, words="", by=by)
    assert accept_invitation(tom).refused
    assert move_up([tom.pk], by=by).refused
    delete_contacts([tom.contact_id], by=by)
    restore_contact(tom.contact_id, by=by)

    assert states(nina, tom) == [State.CANCELLED, State.CANCELLED]


def test_other_systems_hear_of_every_registration_in_as_many_statements_as_of_one() -> None:
    OutboxWish.objects.create(kind="registration.cancelled")
    by = a_user(Role.MARKETER)

    def called_off(people: int, tag: str) -> tuple[int, int]:
        event = an_event()
        for number in range(people):
            registers(event, f"{tag}{number}")
        OutboxEvent.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            cancel_event(event.pk, words="", by=by)
        facts = OutboxEvent.objects.filter(kind="registration.cancelled", payload__actor_id=by.pk)
        return len(queries), facts.count()

    few, two = called_off(2, "a")
    many, nine = called_off(9, "b")
    assert (two, nine) == (2, 9)
    assert many == few
