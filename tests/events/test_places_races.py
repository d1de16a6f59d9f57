"""Many at once for few places, with real transactions and threads."""

from __future__ import annotations

import pytest
from django.db import connection

from forms_intake.events.acting import cancel, check_in
from forms_intake.models import EventRegistration, RegistrationState, Submission
from forms_intake.processing.work import process_next
from tests.build import a_user
from tests.events.making import an_event, posts, registers
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
State = RegistrationState


def work() -> None:
    while process_next(9):
        pass


def test_two_hundred_at_once_for_fifty_places_are_fifty_and_the_rest_wait_in_order() -> None:
    event = an_event(capacity=50)
    for number in range(200):
        posts(event, f"guest{number}")

    assert at_once(work, work, work, work) == [None] * 4

    rows = EventRegistration.objects.filter(event=event)
    assert rows.filter(state=State.REGISTERED).count() == 50
    assert rows.filter(state=State.WAITING).count() == 150
    assert Submission.objects.exclude(state="done").count() == 0
    line = list(rows.filter(state=State.WAITING).order_by("queued_at", "pk").values_list("submission_id", flat=True))
    assert line == sorted(line)


def test_cancelling_while_others_register_gives_every_place_once() -> None:
    event = an_event(capacity=5)
    first = [registers(event, f"early{number}") for number in range(5)]
    for number in range(30):
        posts(event, f"late{number}")

    at_once(work, work, *(lambda pk=one.pk: cancel([pk], by=None) for one in first))

    rows = EventRegistration.objects.filter(event=event)
    assert rows.filter(state=State.REGISTERED).count() == 5
    assert rows.filter(state=State.CANCELLED).count() == 5
    assert rows.filter(state=State.WAITING).count() == 25


def test_two_at_the_door_check_somebody_in_once_and_the_second_is_told_by_whom() -> None:
    event, one, other = an_event(), a_user(first_name="Ida"), a_user(first_name="Tom")
    nina = registers(event)

    done = at_once(lambda: check_in([nina.pk], by=one), lambda: check_in([nina.pk], by=other))

    assert sorted(len(each.changed) for each in done) == [0, 1]  # type: ignore[attr-defined]
    (why,) = [each.why for each in done if each.why]  # type: ignore[attr-defined]
    assert why.startswith("Checked in already by ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contacts_interaction WHERE type = 'event_checked_in'")
        assert cursor.fetchone()[0] == 1


def test_the_last_place_goes_to_one_of_two_who_post_at_once_and_to_who_waits_when_they_cancel() -> None:
    event = an_event(capacity=1)
    posts(event, "nina"), posts(event, "tom")

    at_once(lambda: process_next(1), lambda: process_next(1))
    work()

    first, second = EventRegistration.objects.filter(event=event).order_by("queued_at", "pk")
    assert {first.state, second.state} == {State.REGISTERED, State.WAITING}
    holder = first if first.state == State.REGISTERED else second
    at_once(lambda: cancel([holder.pk], by=None), lambda: cancel([holder.pk], by=None))
    assert EventRegistration.objects.filter(event=event, state=State.REGISTERED).exclude(pk=holder.pk).count() == 1
