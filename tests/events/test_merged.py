"""Two contacts who wait for one event and turn out to be one person, and then to be two after all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Merge, Role
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.events.acting import cancel, check_in, undo_check_in
from forms_intake.events.choosing import choose_sessions
from forms_intake.events.figures import numbers_of
from forms_intake.models import EventRegistration, EventSession, RegistrationState, SessionPlace, Waitlist
from tests.build import a_user
from tests.events.making import a_session, an_event, letters, registers

pytestmark = pytest.mark.django_db
State = RegistrationState


def states(*registrations: EventRegistration) -> list[str]:
    for one in registrations:
        one.refresh_from_db()
    return [one.state for one in registrations]


def merged(survivor: EventRegistration, gone: EventRegistration) -> Merge:
    return merge_contacts(survivor.contact_id, gone.contact_id, take=(), by=a_user(Role.ADMINISTRATOR))


def places_in(session: EventSession) -> list[tuple[int, str]]:
    """Who has a place in a session or waits for one, in the order of its line."""
    rows = SessionPlace.objects.filter(session=session).exclude(state=State.CANCELLED).order_by("queued_at", "pk")
    return list(rows.values_list("registration", "state"))


def line(event_id: int) -> list[EventRegistration]:
    rows = EventRegistration.objects.filter(event=event_id, state=State.WAITING)
    return list(rows.order_by("queued_at", "pk"))


def test_a_merged_contact_keeps_the_earlier_place_in_the_line_and_undoing_gives_both_theirs_back() -> None:
    event = an_event(capacity=1)
    holder, early, between, late = (registers(event, who) for who in ("holder", "early", "between", "late"))
    assert line(event.pk) == [early, between, late]

    merge = merged(late, early)
    assert line(event.pk) == [late, between]
    assert states(early) == [State.CANCELLED]

    undo_merge(merge.pk, by=None)
    assert line(event.pk) == [early, between, late]
    assert letters().count("cancelled") == 0

    merged(late, early)
    cancel([holder.pk], by=None)
    assert states(late, between) == [State.REGISTERED, State.WAITING]


def test_who_came_first_keeps_their_own_place_in_the_line_when_a_later_one_is_merged_into_them() -> None:
    event = an_event(capacity=1)
    _, early, between, late = (registers(event, who) for who in ("holder", "early", "between", "late"))

    merge = merged(early, late)
    assert line(event.pk) == [early, between]

    undo_merge(merge.pk, by=None)
    assert line(event.pk) == [early, between, late]


def test_a_place_that_went_to_the_merged_contact_goes_back_with_its_sessions_when_that_is_undone() -> None:
    event = an_event(capacity=1)
    talk, lab = a_session(event, "Talk", capacity=1), a_session(event, "Lab")
    early, late = registers(event, "early", sessions=["Talk"]), registers(event, "late", sessions=["Lab"])
    places = SessionPlace.objects.exclude(state=State.CANCELLED).order_by("session__starts_at")
    before = list(places.values_list("registration", "session", "state"))
    assert before == [(early.pk, talk.pk, State.REGISTERED), (late.pk, lab.pk, State.WAITING)]

    merge = merged(late, early)
    assert states(early, late) == [State.CANCELLED, State.REGISTERED]
    assert set(places.values_list("registration", "state")) == {(late.pk, State.REGISTERED)}

    undo_merge(merge.pk, by=None)
    assert states(early, late) == [State.REGISTERED, State.WAITING]
    assert list(places.values_list("registration", "session", "state")) == before


def test_an_invitation_that_runs_is_not_lost_by_a_merge_and_runs_on_when_that_is_undone() -> None:
    event = an_event(capacity=1, waitlist=Waitlist.INVITE)
    holder, early, late = (registers(event, who) for who in ("holder", "early", "late"))
    cancel([holder.pk], by=None)
    assert states(early, late) == [State.INVITED, State.WAITING]
    until = early.invited_until

    merge = merged(late, early)
    assert states(early, late) == [State.CANCELLED, State.INVITED]
    assert late.invited_until == until

    undo_merge(merge.pk, by=None)
    assert states(early, late) == [State.INVITED, State.WAITING]
    assert early.invited_until == until and until is not None


def test_whom_the_place_in_the_line_brought_a_place_keeps_it_and_the_other_is_first_in_the_line_again() -> None:
    event = an_event(capacity=1)
    holder, early, between, late = (registers(event, who) for who in ("holder", "early", "between", "late"))
    merge = merged(late, early)
    cancel([holder.pk], by=None)
    assert states(late) == [State.REGISTERED]

    undo_merge(merge.pk, by=None)

    assert states(late) == [State.REGISTERED]
    assert line(event.pk) == [early, between]


def test_who_left_the_line_themselves_waits_in_the_place_of_whom_was_merged_into_them_until_that_is_undone() -> None:
    event = an_event(capacity=1)
    _, other, early = (registers(event, who) for who in ("holder", "other", "early"))
    cancel([other.pk], by=None)
    other.refresh_from_db()
    how = (other.cancelled_at, other.cancelled_how)

    merge = merged(other, early)
    assert line(event.pk) == [other]

    undo_merge(merge.pk, by=None)
    assert line(event.pk) == [early]
    assert states(other) == [State.CANCELLED] and (other.cancelled_at, other.cancelled_how) == how


def test_undoing_a_merge_after_the_event_leaves_its_registrations_as_they_are() -> None:
    event = an_event(capacity=1)
    _, early, late = (registers(event, who) for who in ("holder", "early", "late"))
    merge = merged(late, early)
    past = event.starts_at - timedelta(days=30)
    type(event).objects.filter(pk=event.pk).update(starts_at=past, ends_at=past + timedelta(hours=1))

    undo_merge(merge.pk, by=None)

    assert states(early, late) == [State.CANCELLED, State.WAITING]


def came(registration: EventRegistration) -> tuple[bool, set[str]]:
    """Whether they came, and to which sessions."""
    registration.refresh_from_db()
    places = registration.places.filter(checked_in_at__isnull=False)
    return registration.checked_in_at is not None, set(places.values_list("session__name", flat=True))


def is_in(registration: EventRegistration) -> set[str]:
    return set(registration.places.filter(state=State.REGISTERED).values_list("session__name", flat=True))


def test_who_came_as_the_one_that_was_merged_away_has_come_and_undoing_gives_the_check_ins_back() -> None:
    event, by = an_event(), a_user()
    talk = a_session(event, "Talk", capacity=1)
    a_session(event, "Lab", starts_at=talk.starts_at, ends_at=talk.ends_at)
    nina, double = registers(event, "nina", sessions=["Lab"]), registers(event, "double", sessions=["Talk"])
    waits = registers(event, "waits", sessions=["Talk"])
    check_in([double.pk], by=by, session_id=talk.pk)
    double.refresh_from_db()
    at = double.checked_in_at

    merge = merged(nina, double)

    assert came(nina) == (True, {"Talk"}) and is_in(nina) == {"Talk"}, "they sit there, not in the lab"
    assert (nina.checked_in_at, nina.checked_in_by) == (at, by)
    assert came(double) == (False, set()), "one person came, once"
    assert is_in(waits) == set()
    assert numbers_of([event.pk])[event.pk].came == 1

    undo_merge(merge.pk, by=None)

    assert (came(nina), is_in(nina)) == ((False, set()), {"Lab"})
    assert (came(double), is_in(double)) == ((True, {"Talk"}), {"Talk"})
    assert (states(double), double.checked_in_at, double.checked_in_by) == ([State.REGISTERED], at, by)
    assert is_in(waits) == set()


def test_two_who_both_came_and_are_one_came_once_and_undoing_gives_each_their_own() -> None:
    event, by, sam = an_event(capacity=2), a_user(), a_user(Role.SALESPERSON, "sam")
    talk, lab = a_session(event, "Talk"), a_session(event, "Lab")
    nina, double = (registers(event, who, sessions=["Talk", "Lab"]) for who in ("nina", "double"))
    waits = registers(event, "waits")
    check_in([nina.pk], by=by, session_id=talk.pk)
    check_in([double.pk], by=sam, session_id=lab.pk)

    merge = merged(nina, double)
    assert (came(nina), nina.checked_in_by) == ((True, {"Talk", "Lab"}), by)
    assert came(double) == (False, set())
    assert states(waits) == [State.REGISTERED]

    undo_merge(merge.pk, by=None)
    assert (came(nina), nina.checked_in_by) == ((True, {"Talk"}), by)
    assert (came(double), double.checked_in_by) == ((True, {"Lab"}), sam)
    assert states(double, waits) == [State.REGISTERED, State.REGISTERED], "who is there has a place, whatever room"


def test_a_check_in_that_was_taken_back_since_a_merge_stays_so_when_that_is_undone() -> None:
    event, by = an_event(), a_user()
    nina, double = registers(event, "nina"), registers(event, "double")
    check_in([double.pk], by=by)
    merge = merged(nina, double)
    undo_check_in([nina.pk], by=by)

    undo_merge(merge.pk, by=None)

    assert (came(nina), came(double)) == ((False, set()), (False, set()))
    assert states(nina, double) == [State.REGISTERED, State.REGISTERED]


def test_who_came_to_a_session_since_a_merge_is_at_its_event_when_that_is_undone() -> None:
    event, by = an_event(), a_user()
    lab = a_session(event, "Lab")
    nina, double = registers(event, "nina", sessions=["Lab"]), registers(event, "double")
    check_in([double.pk], by=by)
    merge = merged(nina, double)
    check_in([nina.pk], by=by, session_id=lab.pk)

    undo_merge(merge.pk, by=None)

    assert (came(nina), came(double)) == ((True, {"Lab"}), (True, set()))


def test_undoing_a_merge_after_the_event_gives_back_who_came() -> None:
    event, by = an_event(), a_user()
    nina, double = registers(event, "nina"), registers(event, "double")
    check_in([double.pk], by=by)
    past = event.starts_at - timedelta(days=30)
    type(event).objects.filter(pk=event.pk).update(starts_at=past, ends_at=past + timedelta(hours=1))
    merge = merged(nina, double)
    assert came(nina) == (True, set())

    undo_merge(merge.pk, by=None)

    assert (came(nina), came(double)) == ((False, set()), (True, set()))
    assert states(nina, double) == [State.REGISTERED, State.REGISTERED]


def test_who_has_two_places_at_an_event_keeps_the_sessions_of_both_until_they_are_two_again() -> None:
    event = an_event()
    talk, lab = a_session(event, "Talk", capacity=1), a_session(event, "Lab", capacity=1)
    one, other = registers(event, "one", sessions=["Talk"]), registers(event, "other", sessions=["Lab"])

    merge = merged(other, one)
    assert [*places_in(talk), *places_in(lab)] == [(other.pk, State.REGISTERED)] * 2

    undo_merge(merge.pk, by=None)
    assert [*places_in(talk), *places_in(lab)] == [(one.pk, State.REGISTERED), (other.pk, State.REGISTERED)]


@pytest.mark.parametrize("goes", ["merged", "merged and two again", "deleted and restored"])
def test_who_chose_a_session_later_than_others_stays_behind_them_in_its_line(goes: str) -> None:
    event = an_event()
    lab = a_session(event, "Lab", capacity=1)
    holder, early, other = registers(event, "holder", sessions=["Lab"]), registers(event, "early"), registers(event)
    between = registers(event, "between", sessions=["Lab"])
    choose_sessions(early.pk, [lab.pk], seen=[], by=None)

    if goes == "deleted and restored":
        delete_contacts([early.contact_id], by=None)
        restore_contact(early.contact_id, by=None)
    else:
        merge = merged(other, early)
        if "again" in goes:
            undo_merge(merge.pk, by=None)

    last = other if goes == "merged" else early
    assert [pk for pk, _ in places_in(lab)] == [holder.pk, between.pk, last.pk]


def test_who_was_only_invited_is_invited_again_when_a_merge_with_who_had_a_place_is_undone() -> None:
    event = an_event(capacity=2, waitlist=Waitlist.INVITE)
    first, other, one = (registers(event, who) for who in ("first", "other", "one"))
    cancel([first.pk], by=None)
    assert states(one) == [State.INVITED]
    until = one.invited_until

    undo_merge(merged(other, one).pk, by=None)

    assert states(one, other) == [State.INVITED, State.REGISTERED]
    assert one.invited_until == until


def test_who_cancelled_a_registration_is_known_again_when_a_merge_is_undone() -> None:
    event, sam = an_event(capacity=1), a_user()
    _, other, early = (registers(event, who) for who in ("holder", "other", "early"))
    cancel([other.pk], by=sam)

    undo_merge(merged(other, early).pk, by=None)

    assert states(other) == [State.CANCELLED] and other.cancelled_by == sam


def test_undoing_a_merge_holds_all_its_events_at_once_so_that_they_are_held_in_one_order() -> None:
    low, high = an_event(), an_event()
    registers(low, "one")
    one, other = registers(high, "one"), registers(high, "other")
    merge = merged(other, one)

    with CaptureQueriesContext(connection) as queries:
        undo_merge(merge.pk, by=None)

    held = [one["sql"] for one in queries if 'FOR NO KEY UPDATE OF "forms_intake_event"' in one["sql"]]
    assert len(held) == 1


def test_a_merge_from_before_it_was_kept_how_registrations_stood_is_undone_all_the_same() -> None:
    low, high = an_event(), an_event()
    moved = registers(low, "one")
    one, other = registers(high, "one"), registers(high, "other")
    contact_id = one.contact_id
    merge = merged(other, one)
    merge.rows.filter(what="forms_intake.EventRegistration.stood").delete()

    undo_merge(merge.pk, by=None)

    moved.refresh_from_db()
    assert moved.contact_id == contact_id
    assert states(one, other) == [State.CANCELLED, State.REGISTERED]


def test_a_place_in_a_session_for_which_the_other_waited_goes_back_to_who_had_it_when_a_merge_is_undone() -> None:
    event = an_event()
    lab = a_session(event, "Lab", capacity=1)
    one, between, other = (registers(event, who, sessions=["Lab"]) for who in ("one", "between", "other"))
    before = places_in(lab)

    merge = merged(other, one)
    assert dict(places_in(lab)) == {between.pk: State.WAITING, other.pk: State.REGISTERED}

    undo_merge(merge.pk, by=None)
    assert places_in(lab) == before == [
        (one.pk, State.REGISTERED), (between.pk, State.WAITING), (other.pk, State.WAITING),
    ]  # fmt: skip
