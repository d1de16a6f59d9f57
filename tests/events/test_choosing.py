"""Staff change the sessions of somebody's registration, and cancel many: nobody has a place too many or too few."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.errors import ChangedSince
from forms_intake.events.acting import cancel, check_in
from forms_intake.events.choosing import choose_sessions
from forms_intake.events.errors import NotNow
from forms_intake.models import EventRegistration, RegistrationState, RegistrationStep, SessionPlace
from leadcrm.lib.errors import DomainError
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, registers
from tests.threads import at_once

State = RegistrationState
pytestmark = pytest.mark.django_db


def states(session_id: int) -> list[tuple[str, str]]:
    rows = SessionPlace.objects.filter(session=session_id).exclude(state=State.CANCELLED).order_by("pk")
    return list(rows.values_list("registration__contact__first_name", "state"))


def test_a_place_is_changed_who_waits_moves_up_and_both_are_told() -> None:
    event, by = an_event(), a_user(Role.MARKETER, first_name="Mia")
    small, large = a_session(event, "Small", capacity=1), a_session(event, "Large")
    nina = registers(event, "nina", sessions=["Small"])
    registers(event, "omar", sessions=["Small"])
    assert [state for _, state in states(small.pk)] == ["registered", "waiting"]
    before = letters().count("changed")

    one, is_new = choose_sessions(nina.pk, [large.pk], seen=[small.pk], by=by)

    assert is_new and one.sequence == nina.sequence + 1
    assert states(small.pk) == [("Omar", "registered")] and states(large.pk) == [("Nina", "registered")]
    assert letters().count("changed") == before + 2
    step = RegistrationStep.objects.filter(registration=nina).latest("pk")
    assert (step.what, step.by) == ("Sessions changed: in “Large”; out of “Small”", by)
    assert choose_sessions(nina.pk, [large.pk], seen=[large.pk], by=by)[1] is False


def test_a_full_session_means_waiting_unless_a_place_beyond_is_given() -> None:
    event, by = an_event(), a_user(Role.MARKETER)
    small = a_session(event, "Small", capacity=1)
    registers(event, "omar", sessions=["Small"])
    nina = registers(event, "nina")

    choose_sessions(nina.pk, [small.pk], seen=[], by=by)
    assert dict(states(small.pk)) == {"Omar": "registered", "Nina": "waiting"}
    choose_sessions(nina.pk, [small.pk], seen=[small.pk], by=by, beyond=True)
    assert dict(states(small.pk)) == {"Omar": "registered", "Nina": "registered"}


def test_what_cannot_be_changed_is_said_and_the_second_of_two_is_told() -> None:
    event, by = an_event(), a_user(Role.MARKETER, first_name="Mia")
    one, other = a_session(event, "One"), a_session(event, "Other")
    nina = registers(event, "nina", sessions=["One"])
    elsewhere = a_session(an_event(), "Elsewhere")

    choose_sessions(nina.pk, [other.pk, elsewhere.pk], seen=[one.pk], by=by)
    assert states(elsewhere.pk) == []
    with pytest.raises(ChangedSince, match=r"changed their sessions, which are now: Other"):
        choose_sessions(nina.pk, [one.pk], seen=[one.pk], by=by)
    check_in([nina.pk], by=by, session_id=other.pk)
    with pytest.raises(NotNow, match="checked in to “Other”"):
        choose_sessions(nina.pk, [], seen=[other.pk], by=by)
    cancel([nina.pk], by=by)
    with pytest.raises(NotNow, match="Cancelled: give them a place first"):
        choose_sessions(nina.pk, [one.pk], seen=[], by=by)
    with pytest.raises(NotNow, match="gone"):
        choose_sessions(10**9, [], seen=[], by=by)


@pytest.mark.django_db(transaction=True)
def test_many_who_change_at_once_for_few_places_get_each_once() -> None:
    event, by = an_event(), a_user(Role.MARKETER)
    few, many = a_session(event, "Few", capacity=3), a_session(event, "Many")
    guests = [registers(event, f"guest{number}", sessions=["Many"]) for number in range(8)]

    at_once(*(lambda pk=one.pk: choose_sessions(pk, [few.pk], seen=[many.pk], by=by) for one in guests))
    assert Counter(state for _, state in states(few.pk)) == {"registered": 3, "waiting": 5}

    seated = SessionPlace.objects.filter(session=few, state=State.REGISTERED).values_list("registration", flat=True)
    leaving = list(seated)
    refused: list[str] = []

    def out(pk: int) -> None:
        try:
            choose_sessions(pk, [many.pk], seen=[few.pk], by=by)
        except DomainError as error:
            refused.append(error.code)

    at_once(*(lambda pk=pk: out(pk) for pk in [*leaving, *leaving]))
    assert sorted(refused) == ["changed_since"] * 3
    assert Counter(state for _, state in states(few.pk)) == {"registered": 3, "waiting": 2}


def test_cancelling_asks_first_how_many_and_whom_and_what_follows(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER))
    event = an_event(capacity=2)
    ids = [registers(event, name).pk for name in ("nina", "omar", "pia")]
    address = f"/events/{event.pk}/act/"

    asked = client.post(address, {"what": "cancel", "id": ids[:2], "back": "show=registered"})
    text = " ".join(asked.content.decode().split())
    assert asked.status_code == 200 and not EventRegistration.objects.filter(state=State.CANCELLED).exists()
    assert "Cancel 2 registrations?" in text and "Nina Lind" in text and "Pia Lind" not in text
    assert "2 places become free, and 1 who waits moves up at once" in text and "cannot be undone" in text

    done = client.post(address, {"what": "cancel", "sure": "1", "id": ids[:2], "back": "show=registered"})
    assert done["Location"] == f"/events/{event.pk}/?show=registered"
    rows = dict(EventRegistration.objects.values_list("pk", "state"))
    assert [rows[pk] for pk in ids] == [State.CANCELLED, State.CANCELLED, State.REGISTERED]
    again = client.post(address, {"what": "cancel", "id": ids[:2]}, follow=True)
    assert "They are cancelled already." in again.content.decode()


def test_the_page_shows_how_full_each_is_and_keeps_what_was_ticked(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER))
    event = an_event()
    small = a_session(event, "Small", capacity=1)
    registers(event, "omar", sessions=["Small"])
    nina = registers(event, "nina")
    address = f"/events/registrations/{nina.pk}/sessions/"

    assert "1 of 1 places" in client.get(address).content.decode()
    refused = client.post(address, {"session": [small.pk], "seen": str(small.pk)})
    assert refused.status_code == 409 and f'value="{small.pk}" checked' in refused.content.decode()
    assert client.post(address, {"session": [small.pk], "seen": ""}).status_code == 302
    assert dict(states(small.pk)) == {"Omar": "registered", "Nina": "waiting"}
