"""Sessions on the form say when and where they are, and nobody is in two at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from contacts.merging.service import merge_contacts
from contacts.models import Role
from forms_intake.building.definition import fingerprint, freeze
from forms_intake.building.lifecycle import go_live
from forms_intake.events.acting import cancel, move_up
from forms_intake.events.choosing import choose_sessions
from forms_intake.events.overlapping import SessionsOverlap
from forms_intake.events.tickets import token_of
from forms_intake.models import Event, EventRegistration, EventSession, FormCapture, RegistrationState, Submission
from forms_intake.spec.remembering import forget_specs
from tests.api.calling import an_api
from tests.build import a_user
from tests.events.making import a_session, an_event, form_of, registers
from tests.events.test_spoken import in_german
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
State = RegistrationState
SAID = {"email": "ida@nordwind.example", "first_name": "Ida", "last_name": "Lind"}
HOUR = timedelta(hours=1)


def three_sessions(event: Event) -> tuple[EventSession, EventSession, EventSession]:
    """Talk and Lab overlap; Tour begins when Talk ends."""
    begin = event.starts_at
    return (
        a_session(event, "Talk", starts_at=begin, ends_at=begin + HOUR),
        a_session(event, "Lab", starts_at=begin + HOUR / 2, ends_at=begin + 2 * HOUR),
        a_session(event, "Tour", starts_at=begin + HOUR, ends_at=begin + 2 * HOUR),
    )


def chosen(registration: EventRegistration) -> set[str]:
    places = registration.places.exclude(state=State.CANCELLED)
    return set(places.values_list("session__name", flat=True))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_beside_each_box_stand_day_hours_room_and_whether_it_is_full(client: Client) -> None:
    event = in_german()
    begin = event.starts_at
    a_session(event, "Vortrag", starts_at=begin, ends_at=begin + HOUR, room="Saal 2")
    a_session(event, "Werkstatt", starts_at=begin + HOUR, ends_at=begin + 2 * HOUR, capacity=1)
    registers(event, "tom", sessions=["Werkstatt"])

    for address in (f"/e/{event.slug}/", f"/f/{form_of(event).public_id}/frame/"):
        page = text(client.get(address))
        talk, _, lab = page.partition('value="Vortrag"')[2].partition('value="Werkstatt"')
        assert "Do, 5. Dezember, 14:00–15:00, Saal 2" in talk and "voll" not in talk
        assert "Do, 5. Dezember, 15:00–16:00 · voll: Warteliste" in lab
        assert "Die Zeiten gelten für Europe/Vienna." in lab


def test_two_that_overlap_are_refused_beside_their_field_and_what_was_typed_stays(client: Client) -> None:
    event = an_event()
    three_sessions(event)
    door = f"/f/{form_of(event).public_id}/"

    both = client.post(door, SAID | {"sessions": ["Talk", "Lab"]})
    one_after_the_other = client.post(door, SAID | {"sessions": ["Talk", "Tour"]})

    words = "“Talk” and “Lab” overlap: please choose one of them."
    assert both.status_code == 422
    assert f'<p class="errorlist" id="field-sessions-error">{words}</p>' in text(both)
    assert 'value="Talk" checked' in text(both) and 'value="ida@nordwind.example"' in text(both)
    assert one_after_the_other.status_code == 303 and Submission.objects.count() == 1


def test_programs_get_422_with_the_name_of_the_field(client: Client) -> None:
    event = in_german()
    three_sessions(event)
    door = f"/f/{form_of(event).public_id}/"

    answer = client.post(door, SAID | {"sessions": ["Lab", "Talk"]}, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json() == {
        "errors": {"sessions": ["„Talk“ und „Lab“ überschneiden sich: Bitte wählen Sie einen davon."]}
    }
    assert not Submission.objects.exists()


def test_who_is_heard_or_brought_keeps_the_first_of_two_and_that_is_noted(client: Client) -> None:
    event = an_event()
    three_sessions(event)
    form = form_of(event)
    capture = FormCapture.objects.create(form=form, name="Theirs", selector="#theirs")
    forget_specs()
    heard = SAID | {"sessions": ["Lab", "Talk", "Tour"], "_capture": str(capture.pk)}
    sent = client.post(
        f"/f/{form.public_id}/", heard, HTTP_ORIGIN="http://testserver", HTTP_SEC_FETCH_SITE="same-origin"
    )
    assert sent.status_code == 303
    (submission,) = processed(Submission.objects.get())

    ida = EventRegistration.objects.get()
    assert ida.state == State.REGISTERED and chosen(ida) == {"Talk", "Tour"}
    note = "Left out “Lab”, which overlaps “Talk”"
    assert [one.what for one in ida.steps.all()] == ["Registered", note]
    assert submission.decision is not None
    assert submission.decision["event"]["reason"] == f"Registered. {note}."


def test_a_ticket_and_staff_cannot_choose_two_at_once_either(client: Client) -> None:
    event = an_event()
    talk, lab, tour = three_sessions(event)
    nina, by = registers(event, "nina", sessions=["Talk"]), a_user(Role.MARKETER)
    words = "“Talk” and “Lab” overlap: please choose one of them."

    said = {"do": "sessions", "session": [talk.pk, lab.pk], "seen": [talk.pk]}
    refused = client.post(f"/e/ticket/{token_of(nina)}/", said)
    assert refused.status_code == 422 and words in text(refused)
    assert f'value="{lab.pk}" checked' in text(refused)
    assert text(refused).count('name="seen"') == 1
    with pytest.raises(SessionsOverlap, match="overlap"):
        choose_sessions(nina.pk, [talk.pk, lab.pk], seen=[talk.pk], by=by)
    client.force_login(by)
    desk = client.post(
        f"/events/registrations/{nina.pk}/sessions/", {"session": [talk.pk, lab.pk], "seen": f"{talk.pk}"}
    )
    assert desk.status_code == 422 and words in text(desk) and f'value="{lab.pk}" checked' in text(desk)
    assert chosen(nina) == {"Talk"}

    EventSession.objects.filter(pk=tour.pk).update(starts_at=talk.starts_at, ends_at=talk.ends_at)
    registers(event, "tom", sessions=["Lab"])
    assert choose_sessions(nina.pk, [lab.pk], seen=[talk.pk], by=by)[1]


def test_two_that_one_has_both_since_one_was_moved_stand_in_the_way_of_no_other_change() -> None:
    event = an_event()
    talk, _, tour = three_sessions(event)
    late = a_session(event, "Late", starts_at=event.starts_at + 3 * HOUR, ends_at=event.starts_at + 4 * HOUR)
    nina = registers(event, "nina", sessions=["Talk", "Tour"])
    EventSession.objects.filter(pk=tour.pk).update(starts_at=talk.starts_at, ends_at=talk.ends_at)

    choose_sessions(nina.pk, [talk.pk, tour.pk, late.pk], seen=[talk.pk, tour.pk], by=None)

    assert chosen(nina) == {"Talk", "Tour", "Late"}


def test_of_two_that_became_one_or_are_back_nobody_is_in_two_at_once() -> None:
    event = an_event(capacity=1)
    talk, _, tour = three_sessions(event)
    double, nina = registers(event, "double", sessions=["Talk"]), registers(event, "nina", sessions=["Lab"])
    by = a_user(Role.ADMINISTRATOR)

    merge_contacts(nina.contact_id, double.contact_id, take=(), by=by)
    assert chosen(nina) == {"Lab"}

    note = "Left out “Talk”, which overlaps “Lab”"
    assert nina.steps.filter(what=note).exists()

    ole = registers(event, "ole", sessions=["Talk", "Tour"])
    cancel([ole.pk], by=by)
    EventSession.objects.filter(pk=tour.pk).update(starts_at=talk.starts_at, ends_at=talk.ends_at)
    move_up([ole.pk], by=by)
    assert chosen(ole) == {"Talk"}


def test_the_api_refuses_two_at_once_and_says_that_an_event_is_full() -> None:
    event = an_event(capacity=1)
    three_sessions(event)
    api, address = an_api(Role.MARKETER), f"/forms/{form_of(event).public_id}/submissions"

    refused = api.post(address, {"values": SAID | {"sessions": ["Talk", "Lab"]}})
    assert refused.status_code == 422 and "“Talk” and “Lab” overlap" in str(refused.json())
    assert api.post(address, {"values": SAID}).json()["full"] is False
    registers(event)
    assert api.post(address, {"values": SAID | {"first_name": "Ada"}}).json()["full"] is True


def test_who_moves_a_session_is_told_how_many_are_now_in_two_at_once_and_led_to_them(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER))
    event = an_event()
    talk, lab, tour = three_sessions(event)
    for who, names in (("nina", ["Talk", "Tour"]), ("ole", ["Talk", "Tour"]), ("tom", ["Lab"]), ("eva", ["Tour"])):
        registers(event, who, sessions=names)

    def saves(session: EventSession, **typed: str) -> str:
        address = f"/events/{event.pk}/sessions/{session.pk}/"
        form = client.get(address).context["form"]
        shown = {name: form[name].value() or "" for name in form.fields} | {"seen": form["seen"].value()}
        return text(client.post(address, shown | typed, follow=True))

    begins, ends = (f"{at.astimezone(event.zone):%Y-%m-%dT%H:%M}" for at in (talk.starts_at, tour.ends_at))
    assert "at the same time" not in saves(talk, room="Hall 2")
    said = saves(tour, begins=begins, ends=ends)

    query = f"session={tour.pk}&amp;also={talk.pk}"
    assert f'<a class="link" href="/events/{event.pk}/?{query}">2 people</a> are in this and in “Talk”' in said
    assert "in “Lab” at" not in said, "nobody is in both"
    listed = client.get(f"/events/{event.pk}/?session={tour.pk}&also={talk.pk}")
    assert {one.contact.first_name for one in listed.context["page"].rows} == {"Nina", "Ole"}
    assert '<select id="also"' in text(listed)
    assert "at the same time" not in saves(tour, room="Hall 3"), "only a new time is news"


def test_when_and_where_the_sessions_of_a_draft_are_is_told_to_nobody_though_its_form_is_live(client: Client) -> None:
    event = an_event(live=False)
    a_session(event, "Talk", room="Saal 2")
    form = form_of(event)
    form.refresh_from_db()
    go_live(form_id=form.pk, seen=fingerprint(freeze(form)), by=a_user(Role.MARKETER))
    forget_specs()
    door = f"/f/{form.public_id}/"
    assert "Saal 2" not in text(client.get(door))

    Event.objects.update(state="live")
    assert "Saal 2" in text(client.get(door))
