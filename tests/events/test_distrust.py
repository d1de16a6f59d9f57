"""What goes wrong only when two things meet: a line for the event and one for a session, a merge and a ticket, a click
and a clock.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Role
from contacts.services.contacts import delete_contacts
from forms_intake.events.acting import cancel, check_in, move_up
from forms_intake.events.arriving import LETTERS_A_DAY
from forms_intake.events.tickets import code_of, token_of
from forms_intake.models import Event, EventRegistration, RegistrationState, SessionPlace, Submission
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, posts, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
State = RegistrationState


def seats(session_id: int) -> dict[str, str]:
    places = SessionPlace.objects.filter(session=session_id).exclude(state=State.CANCELLED)
    return dict(places.values_list("registration__contact__first_name", "state"))


def test_a_place_in_a_session_goes_to_who_waits_for_it_before_who_only_now_has_a_place_at_the_event() -> None:
    event = an_event(capacity=2)
    small = a_session(event, "Small", capacity=1)
    nina, _, _ = (registers(event, who, sessions=["Small"]) for who in ("nina", "tom", "ida"))
    assert seats(small.pk) == {"Nina": State.REGISTERED, "Tom": State.WAITING, "Ida": State.WAITING}

    cancel([nina.pk], by=None)

    assert seats(small.pk) == {"Tom": State.REGISTERED, "Ida": State.WAITING}


def test_a_place_that_is_given_up_in_one_post_is_not_taken_by_the_next_past_who_waits_for_it() -> None:
    event = an_event()
    small = a_session(event, "Small", capacity=1)
    a_session(event, "Large")
    registers(event, "nina", sessions=["Small"])
    registers(event, "tom", sessions=["Small"])
    leaves = posts(event, "nina", sessions=["Large"])
    Submission.objects.filter(pk=leaves.pk).update(origin={"confirmed_at": timezone.now().isoformat()})

    processed(leaves, posts(event, "ida", sessions=["Small"]))

    assert seats(small.pk) == {"Tom": State.REGISTERED, "Ida": State.WAITING}


@pytest.mark.parametrize("comes_after", [True, False])
def test_who_waits_since_the_same_set_of_posts_has_the_place_in_a_session_that_a_later_one_gives_up(
    comes_after: bool,
) -> None:
    event = an_event()
    small = a_session(event, "Small", capacity=1)
    a_session(event, "Large")
    registers(event, "nina", sessions=["Small"])
    waits, leaves = posts(event, "tom", sessions=["Small"]), posts(event, "nina", sessions=["Large"])
    Submission.objects.filter(pk=leaves.pk).update(origin={"confirmed_at": timezone.now().isoformat()})
    after = [posts(event, "ida", sessions=["Small"])] if comes_after else []

    processed(waits, leaves, *after)

    assert seats(small.pk) == {"Tom": State.REGISTERED} | ({"Ida": State.WAITING} if comes_after else {})


def test_who_finds_it_full_again_and_again_is_written_to_a_few_times_a_day() -> None:
    event = an_event(capacity=1, waitlist="none")
    registers(event, "nina")

    for number in range(LETTERS_A_DAY + 3):
        registers(event, "tom", company=f"Try {number}")

    assert letters().count("full") == 1 + LETTERS_A_DAY


def test_the_ticket_of_who_was_merged_into_another_is_that_ones_ticket_until_they_are_two_again(client: Client) -> None:
    event, by = an_event(), a_user(Role.ADMINISTRATOR)
    stays, goes = registers(event, "stays"), registers(event, "goes")
    code, ticket = f"/events/at/{code_of(goes)}/", f"/e/ticket/{token_of(goes)}/"
    merge = merge_contacts(stays.contact_id, goes.contact_id, take=(), by=by)
    client.force_login(by)

    door = client.get(code).content.decode()
    assert "Stays Lind" in door and f"/{stays.pk}/check-in/" in door
    assert "You have a place." in client.get(ticket).content.decode()

    undo_merge(merge.pk, by=by)
    assert f"/{goes.pk}/check-in/" in client.get(code).content.decode()


def test_who_is_deleted_or_merged_away_is_given_no_place_at_the_door() -> None:
    event, by = an_event(capacity=5), a_user(Role.ADMINISTRATOR)
    stays, goes, gone = registers(event, "stays"), registers(event, "goes"), registers(event, "gone")
    merge_contacts(stays.contact_id, goes.contact_id, take=(), by=by)
    delete_contacts([gone.contact_id], by=by)

    assert check_in([goes.pk, gone.pk], by=by).changed == []
    done = move_up([goes.pk, gone.pk], by=by)

    assert done.changed == [] and set(done.refused) == {goes.pk, gone.pk}
    assert "merged" in done.refused[goes.pk] and "deleted" in done.refused[gone.pk]
    assert EventRegistration.objects.filter(event=event, state=State.REGISTERED).get() == stays


def test_a_click_that_comes_after_the_event_registers_nobody_for_it() -> None:
    event = an_event()
    late, in_time = posts(event, "late"), posts(event, "early")
    over = timezone.now() - timedelta(minutes=5)
    Event.objects.filter(pk=event.pk).update(starts_at=over - timedelta(hours=1), ends_at=over)
    Submission.objects.filter(pk=in_time.pk).update(received_at=over - timedelta(hours=2))

    processed(late, in_time)

    assert [one.contact.first_name for one in EventRegistration.objects.select_related("contact")] == ["Early"]
    assert late.state == "done" and late.decision is not None
    assert late.decision["event"]["reason"] == "The event was over; nobody was registered."
