"""Who gave up their whole registration and comes back has the sessions again that went with it, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.merging.service import merge_contacts
from contacts.models import Role
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.events.acting import cancel, check_in, is_there, move_up
from forms_intake.events.choosing import choose_sessions
from forms_intake.models import Event, EventRegistration, RegistrationState, SessionPlace, Submission, Waitlist
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, posts, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db


def seats(registration: EventRegistration) -> dict[str, str]:
    """What they have or wait for, by session."""
    places = SessionPlace.objects.filter(registration=registration).exclude(state=RegistrationState.CANCELLED)
    return dict(places.values_list("session__name", "state"))


def test_a_session_given_up_before_the_contact_was_deleted_does_not_come_back_with_them() -> None:
    event = an_event()
    talk, lab = a_session(event, "Talk"), a_session(event, "Lab")
    nina, by = registers(event, "nina", sessions=["Talk", "Lab"]), a_user(Role.ADMINISTRATOR)
    choose_sessions(nina.pk, [talk.pk], seen=[talk.pk, lab.pk], by=None)

    delete_contacts([nina.contact_id], by=by)
    assert seats(nina) == {}
    restore_contact(nina.contact_id, by=by)

    assert seats(nina) == {"Talk": "registered"}


def test_who_comes_back_twice_has_what_they_had_the_second_time() -> None:
    event = an_event()
    talk, lab = a_session(event, "Talk"), a_session(event, "Lab")
    nina, by = registers(event, "nina", sessions=["Talk", "Lab"]), a_user(Role.ADMINISTRATOR)
    delete_contacts([nina.contact_id], by=by)
    restore_contact(nina.contact_id, by=by)
    choose_sessions(nina.pk, [lab.pk], seen=[talk.pk, lab.pk], by=None)

    delete_contacts([nina.contact_id], by=by)
    restore_contact(nina.contact_id, by=by)

    assert seats(nina) == {"Lab": "registered"}


def test_a_place_given_again_brings_the_sessions_that_were_cancelled_with_it_as_far_as_there_is_room() -> None:
    event = an_event()
    a_session(event, "Talk")
    a_session(event, "Lab", capacity=1)
    nina, by = registers(event, "nina", sessions=["Talk", "Lab"]), a_user(Role.MARKETER)
    cancel([nina.pk], by=by, how="They called")
    tom = registers(event, "tom", sessions=["Lab"])

    move_up([nina.pk], by=by)

    assert seats(nina) == {"Talk": "registered", "Lab": "waiting"}
    assert seats(tom) == {"Lab": "registered"}


def test_who_registers_anew_has_the_sessions_they_name_now() -> None:
    event = an_event()
    a_session(event, "Talk")
    a_session(event, "Lab")
    nina = registers(event, "nina", sessions=["Talk", "Lab"])
    cancel([nina.pk], by=None, how="Their ticket")

    registers(event, "nina", sessions=["Lab"])

    assert seats(nina) == {"Lab": "registered"}


def test_who_found_it_full_and_is_given_a_place_has_the_sessions_they_chose() -> None:
    event = an_event(capacity=1, waitlist=Waitlist.NONE)
    a_session(event, "Talk")
    a_session(event, "Lab", capacity=1)
    tom = registers(event, "tom", sessions=["Lab"])
    nina, by = registers(event, "nina", sessions=["Talk", "Lab"]), a_user(Role.MARKETER)
    assert nina.state == RegistrationState.FULL

    move_up([nina.pk], by=by)

    assert seats(nina) == {"Talk": "registered", "Lab": "waiting"}
    assert seats(tom) == {"Lab": "registered"}


def test_who_registers_anew_and_finds_it_full_is_given_a_place_with_the_sessions_they_named_last() -> None:
    event = an_event(capacity=1, waitlist=Waitlist.NONE)
    a_session(event, "Talk")
    a_session(event, "Lab")
    nina, by = registers(event, "nina", sessions=["Talk"]), a_user(Role.MARKETER)
    cancel([nina.pk], by=None, how="Their ticket")
    registers(event, "tom")
    registers(event, "nina", sessions=["Lab"])

    move_up([nina.pk], by=by)

    assert seats(nina) == {"Lab": "registered"}


def test_who_found_it_full_and_has_the_place_of_a_merged_contact_has_the_sessions_of_both() -> None:
    event = an_event(capacity=1, waitlist=Waitlist.NONE)
    a_session(event, "Talk")
    a_session(event, "Lab")
    double = registers(event, "double", sessions=["Talk"])
    nina = registers(event, "nina", sessions=["Lab"])

    merge_contacts(nina.contact_id, double.contact_id, take=(), by=a_user(Role.ADMINISTRATOR))

    assert seats(nina) == {"Talk": "registered", "Lab": "registered"}


def written_down(event: Event, who: str, **origin: Any) -> None:
    """Somebody here writes them down: nobody asks for sessions there."""
    post = posts(event, who)
    Submission.objects.filter(pk=post.pk).update(origin=origin)
    processed(post)


@pytest.mark.parametrize("origin", [{"walk_in": True, "came": True}, {"walk_in": True}])
def test_who_is_registered_and_written_down_at_the_door_keeps_their_sessions(origin: dict[str, Any]) -> None:
    event = an_event()
    a_session(event, "Talk")
    nina = registers(event, "nina", sessions=["Talk"])

    written_down(event, "nina", **origin)

    assert seats(nina) == {"Talk": "registered"}
    assert letters() == ["registered"]


def test_who_found_it_full_and_walks_in_has_the_sessions_they_chose() -> None:
    event = an_event(capacity=1, waitlist=Waitlist.NONE)
    a_session(event, "Talk")
    registers(event, "tom")
    nina = registers(event, "nina", sessions=["Talk"])

    written_down(event, "nina", walk_in=True)

    assert seats(nina) == {"Talk": "registered"}


def test_who_cancelled_and_walks_in_has_the_sessions_that_went_with_that() -> None:
    event = an_event()
    a_session(event, "Talk")
    nina = registers(event, "nina", sessions=["Talk"])
    cancel([nina.pk], by=None, how="Their ticket")

    written_down(event, "nina", walk_in=True)

    assert seats(nina) == {"Talk": "registered"}


def test_who_sits_there_has_their_place_again_when_their_contact_is_restored_whatever_room_there_is() -> None:
    event, by = an_event(capacity=1), a_user(Role.ADMINISTRATOR)
    talk = a_session(event, "Talk", capacity=1)
    nina = registers(event, "nina", sessions=["Talk"])
    check_in([nina.pk], by=by, session_id=talk.pk)
    ole = registers(event, "ole", sessions=["Talk"])
    delete_contacts([nina.contact_id], by=by)
    ole.refresh_from_db()
    assert (ole.state, seats(ole)) == (RegistrationState.REGISTERED, {"Talk": "registered"})

    restore_contact(nina.contact_id, by=by)

    nina.refresh_from_db()
    assert is_there(nina) and seats(nina) == {"Talk": "registered"}
