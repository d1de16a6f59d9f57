"""Whoever is checked in came once; a check-in that is taken back never was."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Change, Interaction, InteractionType, Role
from forms_intake.events.acting import cancel, check_in, move_up, undo_check_in
from forms_intake.events.figures import numbers_of
from forms_intake.events.listing import CAME, Asked, narrowed
from forms_intake.events.tickets import token_of
from forms_intake.models import EventRegistration, RegistrationState, Submission
from tests.build import a_user
from tests.events.making import a_session, an_event, posts, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
State = RegistrationState


def came(registration: EventRegistration) -> list[str]:
    """Where their timeline says they came to: "" is the event."""
    rows = Interaction.objects.filter(contact=registration.contact_id, type=InteractionType.EVENT_CHECKED_IN)
    return sorted(payload.get("session", "") for payload in rows.values_list("payload", flat=True))


def test_a_check_in_taken_back_counts_no_longer_and_a_second_one_counts_once() -> None:
    event, other = an_event(), an_event()
    nina, tom, elsewhere = registers(event, "nina"), registers(event, "tom"), registers(other, "nina")
    theo = a_user(Role.TELEPROSPECTOR, first_name="Theo", last_name="Tell")
    check_in([nina.pk, tom.pk], by=theo)
    check_in([elsewhere.pk], by=theo)
    assert came(nina) == ["", ""]
    Change.objects.all().delete()

    undo_check_in([nina.pk], by=theo)

    assert (came(nina), came(tom)) == ([""], [""]), "that of the other event and of the other person stay"
    assert Change.objects.filter(subject="contact", subject_id=nina.contact_id).exists(), "scores follow"
    assert not Change.objects.filter(subject="contact", subject_id=tom.contact_id).exists()
    step = nina.steps.latest("pk")
    assert step.what.startswith("Check-in taken back: ") and step.what.endswith(" by Theo Tell")
    assert step.by == theo

    check_in([nina.pk], by=theo)
    assert came(nina) == ["", ""]
    undo_check_in([nina.pk], by=theo)
    check_in([nina.pk], by=theo)
    assert came(nina) == ["", ""]


def test_who_was_cancelled_after_they_came_is_not_counted_among_those_registered_who_came() -> None:
    event = an_event()
    talk = a_session(event, "Talk")
    nina, tom = (registers(event, name, sessions=["Talk"]) for name in ("nina", "tom"))
    check_in([nina.pk, tom.pk], by=a_user())
    check_in([tom.pk], by=a_user(), session_id=talk.pk)

    cancel([tom.pk], by=a_user())

    numbers = numbers_of([event.pk])[event.pk]
    assert (numbers.registered, numbers.came, numbers.show_rate) == (1, 1, 100)
    assert numbers.sessions[talk.pk] == (1, 0, 0)


def test_what_was_written_down_at_the_door_of_a_session_goes_with_the_check_in() -> None:
    event = an_event()
    talk = a_session(event, "Talk")
    nina, by = registers(event, "nina", sessions=["Talk"]), a_user()
    check_in([nina.pk], by=by)
    check_in([nina.pk], by=by, session_id=talk.pk)
    assert came(nina) == ["", "Talk"]

    undo_check_in([nina.pk], by=by)
    assert came(nina) == []

    check_in([nina.pk], by=by, session_id=talk.pk)
    assert came(nina) == ["Talk"]


def test_who_walked_in_and_is_taken_back_and_checked_in_came_once() -> None:
    event, by = an_event(), a_user()
    post = posts(event, "tom")
    Submission.objects.filter(pk=post.pk).update(origin={"walk_in": True, "came": True, "by": by.pk})
    processed(post)
    tom = EventRegistration.objects.get()
    assert came(tom) == [""]

    undo_check_in([tom.pk], by=by)
    assert came(tom) == []
    check_in([tom.pk], by=by)

    assert came(tom) == [""]


def test_who_is_there_cannot_give_their_place_away_by_their_ticket_until_the_check_in_is_taken_back() -> None:
    event, by, anybody = an_event(capacity=1), a_user(), Client()
    nina, ole = registers(event, "nina"), registers(event, "ole")
    ticket = f"/e/ticket/{token_of(nina)}/"
    check_in([nina.pk], by=by)

    assert "Cancel my registration" not in anybody.get(ticket).content.decode()
    refused = anybody.post(ticket, {"do": "cancel"})

    assert refused.status_code == 409 and "You are checked in" in refused.content.decode()
    assert [one.state for one in EventRegistration.objects.order_by("pk")] == [State.REGISTERED, State.WAITING]
    undo_check_in([nina.pk], by=by)
    assert "Cancel my registration" in anybody.get(ticket).content.decode()
    anybody.post(ticket, {"do": "cancel"})
    ole.refresh_from_db()
    assert ole.state == State.REGISTERED


def test_staff_may_cancel_who_is_there() -> None:
    event, by = an_event(), a_user()
    nina = registers(event, "nina")
    check_in([nina.pk], by=by)

    assert cancel([nina.pk], by=by).changed == [nina]


def test_a_check_in_that_came_with_a_merged_contact_is_taken_back_from_the_timeline_too() -> None:
    event, by = an_event(), a_user(Role.ADMINISTRATOR)
    nina, double = registers(event, "nina"), registers(event, "double")
    check_in([double.pk], by=by)
    merge = merge_contacts(nina.contact_id, double.contact_id, take=(), by=by)
    assert came(nina) == [""]

    undo_check_in([nina.pk], by=by)
    assert came(nina) == []

    undo_merge(merge.pk, by=None)
    check_in([double.pk], by=by)
    assert (came(nina), came(double)) == ([], [""])


def test_who_walks_in_at_the_door_of_a_session_is_in_that_session_whatever_room_there_is(client: Client) -> None:
    client.force_login(a_user(Role.SALESPERSON, "sam"))
    event = an_event()
    talk = a_session(event, "Talk", capacity=1)
    lab = a_session(event, "Lab", starts_at=talk.starts_at, ends_at=talk.ends_at)
    registers(event, "nina", sessions=["Talk"])
    tom = registers(event, "tom", sessions=["Lab"])
    door = f"/events/{event.pk}/door/"
    assert f"new/?session={talk.pk}&amp;name=ida" in client.get(f"{door}?session={talk.pk}&q=ida").content.decode()
    said = {"first_name": "Ida", "last_name": "Lund", "came": "on"}

    page = client.get(f"{door}new/?session={talk.pk}&name=ida").content.decode()
    assert f'{door}?session={talk.pk}"' in page and "· Talk" in page
    for email in ("ida@nordwind.example", tom.contact.email, tom.contact.email):
        answer = client.post(f"{door}new/?session={talk.pk}&name=ida", said | {"email": email})
        assert answer["Location"] == f"{door}?session={talk.pk}"
    later = said | {"email": "later@nordwind.example", "came": ""}
    client.post(f"{door}new/?session={lab.pk}", later)

    places = event.registrations.values_list("contact__email", "places__session__name", "places__state")
    rows = event.registrations.filter(places__checked_in_at__isnull=False, checked_in_at__isnull=False)
    here = rows.values_list("contact__email", "places__session__name", "places__state")
    expected = [("ida@nordwind.example", "Talk", State.REGISTERED), (tom.contact.email, "Talk", State.REGISTERED)]
    assert list(here.order_by("contact__email")) == expected
    assert ("later@nordwind.example", "Lab", State.REGISTERED) in places
    assert (tom.contact.email, "Lab", State.CANCELLED) in places, "nobody is in two at once"
    told = Interaction.objects.filter(type="event_checked_in").values_list("contact__email", "payload__session")
    assert sorted(told) == [("ida@nordwind.example", "Talk"), (tom.contact.email, "Talk")]


def test_who_had_come_and_was_cancelled_is_expected_again_once_they_have_a_place_anew() -> None:
    event, by, page = an_event(), a_user(Role.SALES_MANAGER), Client()
    page.force_login(by)
    talk = a_session(event, "Talk")
    nina, tom = (registers(event, who, sessions=["Talk"]) for who in ("nina", "tom"))
    check_in([nina.pk, tom.pk], by=by, session_id=talk.pk)
    cancel([nina.pk, tom.pk], by=by)
    door = page.get(f"/events/{event.pk}/door/").content.decode()
    assert "Just came" not in door and numbers_of([event.pk])[event.pk].came == 0

    registers(event, "nina", sessions=["Talk"])
    move_up([tom.pk], by=by)

    door = page.get(f"/events/{event.pk}/door/").content.decode()
    assert "Still expected" in door and "Just came" not in door
    assert numbers_of([event.pk])[event.pk].sessions[talk.pk] == (2, 0, 0)
    check_in([nina.pk, tom.pk], by=by, session_id=talk.pk)
    assert numbers_of([event.pk])[event.pk].came == 2
    assert (came(nina), came(tom)) == (["Talk"], ["Talk"])


def test_the_list_of_who_came_has_as_many_as_are_counted() -> None:
    event, by = an_event(), a_user()
    nina, tom = registers(event, "nina"), registers(event, "tom")
    check_in([nina.pk, tom.pk], by=by)
    cancel([tom.pk], by=by)

    assert list(narrowed(event, Asked(show=CAME))) == [nina]
    assert numbers_of([event.pk])[event.pk].came == 1
