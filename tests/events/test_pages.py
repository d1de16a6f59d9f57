"""Pages of events: kept, opened, cancelled; tickets that change nothing when they are only looked at; the door."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionType, ListExport, MarketingContext, OutboxEvent, Role
from contacts.privacy.holding import Person
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.events.clock import sweep
from forms_intake.events.editing import cancel_event
from forms_intake.events.personal import REGISTRATIONS
from forms_intake.events.tickets import code_of, token_of
from forms_intake.models import Event, EventRegistration, EventState, FormState, IntakeForm, RegistrationState
from forms_intake.spec.remembering import forget_specs
from leadcrm.api.tokens import make_token
from leads.mail.delivering import deliver_some
from leads.models import Lead
from tests.build import a_context, a_user
from tests.events.making import a_session, an_event, form_of, letters, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
State = RegistrationState
SAID = {
    "name": "Open day",
    "begins": "2031-07-03T14:00",
    "ends": "2031-07-03T17:30",
    "time_zone": "Europe/Vienna",
    "place": "Kontorhaus",
    "capacity": "2",
    "waitlist": "auto",
}
NO_SUCH_TIME = "There is no such time on that day: clocks are put forward over it."


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria", first_name="Maria"))
    return client


def ticket_of(registration: EventRegistration) -> str:
    return f"/e/ticket/{token_of(registration)}/"


def test_an_event_is_made_opened_and_registered_for_through_its_page(maria: Client) -> None:
    by_hand = a_context("Open day", "event")
    maria.post("/events/new/", SAID)
    event = Event.objects.get()
    assert event.starts_at.isoformat() == "2031-07-03T12:00:00+00:00"
    assert event.marketing_context == by_hand
    assert Client().get("/e/open-day/").status_code == 404

    maria.post(f"/events/{event.pk}/registration/open/")
    forget_specs()
    page = Client().get("/e/open-day/").content.decode()
    assert "Thursday 3 July 2031, 14:00 to 17:30 (Europe/Vienna)" in page
    assert "2 left of 2" in page
    where = re.search(r'action="(/f/[^"]+/)"', page)
    assert where
    refused = Client().post(where[1], {"first_name": "Nina"})
    assert (refused.status_code, "Thursday 3 July 2031" in refused.content.decode()) == (422, True)
    posted = {"first_name": "Nina", "last_name": "Lind", "email": "nina@nordwind.example"}
    assert Client().post(where[1], posted)["Location"].endswith("/thanks/")
    processed()

    listed = maria.get(f"/events/{event.pk}/").content.decode()
    assert "Nina Lind" in listed
    assert Lead.objects.get().marketing_context == by_hand


def test_who_saves_second_is_told_and_a_new_time_is_told_to_who_comes(maria: Client) -> None:
    event = an_event(capacity=1)
    nina = registers(event, "nina")
    registers(event, "tom")
    page = maria.get(f"/events/{event.pk}/edit/").context["form"]
    typed = {name: page[name].value() or "" for name in page.fields} | {"seen": page["seen"].value()}
    Event.objects.filter(pk=event.pk).update(place="Elsewhere")

    answer = maria.post(f"/events/{event.pk}/edit/", typed | {"capacity": "9"})
    assert answer.status_code == 422
    assert "Elsewhere" in answer.content.decode()

    OutboxEvent.objects.all().delete()
    form = answer.context["form"]
    typed |= {
        "seen": form["seen"].value(),
        "place": "Elsewhere",
        "begins": "2031-01-01T09:00",
        "ends": "2031-01-01T10:00",
    }
    assert maria.post(f"/events/{event.pk}/edit/", typed).status_code == 302
    assert letters() == ["event_changed", "event_changed"]
    event.refresh_from_db()
    assert event.sequence == 1
    assert "SEQUENCE:1" in Client().get(f"{ticket_of(nina)}event.ics").content.decode()


def test_times_that_clocks_skip_are_refused_with_the_reason_and_the_hour_there_is_twice_is_not(maria: Client) -> None:
    skipped = {"begins": "2031-03-30T02:30", "ends": "2031-03-30T03:15"}
    twice = {"begins": "2031-10-26T02:30", "ends": "2031-10-26T03:15"}

    event = maria.post("/events/new/", SAID | skipped)
    assert event.status_code == 422
    assert event.context["form"].errors == {"begins": [NO_SUCH_TIME]}

    maria.post("/events/new/", SAID | twice)
    kept = Event.objects.get()
    assert (kept.ends_at - kept.starts_at) == timedelta(minutes=105)

    session = maria.post(f"/events/{kept.pk}/sessions/new/", {"name": "Keynote", **skipped})
    assert session.status_code == 422
    assert session.context["form"].errors == {"begins": [NO_SUCH_TIME]}


def test_a_draft_is_deleted_with_its_form_and_what_people_have_seen_is_not(maria: Client) -> None:
    draft, live, again = an_event("Wrong", live=False), an_event("Right"), an_event("Again", live=False)
    a_session(draft)
    came = a_context("Another way", "manual", event=again.marketing_context)
    edit = maria.get(f"/events/{draft.pk}/edit/").content.decode()
    assert "Delete the draft" in edit and "Cancel the event" not in edit
    assert "Delete the draft of Wrong?" in maria.get(f"/events/{draft.pk}/delete/").content.decode()
    assert "Delete the draft" not in maria.get(f"/events/{live.pk}/edit/").content.decode()

    said = maria.post(f"/events/{draft.pk}/delete/", follow=True).content.decode()
    assert "The draft of Wrong is deleted." in said
    refused = maria.post(f"/events/{live.pk}/delete/")
    assert refused.status_code == 409 and "cancel it instead" in refused.content.decode()
    maria.post(f"/events/{again.pk}/delete/")

    assert list(Event.objects.values_list("name", flat=True)) == ["Right"]
    assert list(IntakeForm.objects.values_list("name", flat=True)) == ["Registration: Right"]
    assert not MarketingContext.objects.filter(kind="form").exclude(name="Registration: Right").exists()
    came.refresh_from_db()
    assert came.event_id == again.marketing_context_id
    maria.post("/events/new/", SAID | {"name": "Wrong"})
    assert Event.objects.get(name="Wrong").marketing_context == draft.marketing_context


def test_a_ticket_is_shown_by_get_and_cancelled_by_post_and_robots_change_nothing() -> None:
    event = an_event(capacity=1, online_url="https://meet.example.com/x")
    nina, tom = registers(event, "nina"), registers(event, "tom")
    anybody = Client(enforce_csrf_checks=True)

    page = anybody.get(ticket_of(nina))
    assert "You have a place." in page.content.decode()
    assert "<svg" in page.content.decode()
    assert "meet.example.com" in page.content.decode()
    assert "meet.example.com" not in anybody.get(ticket_of(tom)).content.decode()
    anybody.head(ticket_of(nina))
    nina.refresh_from_db()
    assert nina.state == State.REGISTERED
    assert "sessionid" not in anybody.cookies

    assert anybody.post(ticket_of(nina), {"do": "cancel"}).status_code == 302
    assert "Your registration is cancelled." in anybody.get(ticket_of(nina)).content.decode()
    assert "You have a place." in anybody.get(ticket_of(tom)).content.decode()
    anybody.post(ticket_of(nina), {"do": "cancel"})
    assert letters().count("cancelled") == 1
    for false in (ticket_of(nina)[:-3] + "x/", f"/e/ticket/{nina.public_id.hex}/", "/e/ticket/~/"):
        assert anybody.get(false).status_code == 404
    assert anybody.get(f"/e/ticket/{code_of(nina)}/").status_code == 404


def test_mails_bring_ticket_and_calendar_once_and_nothing_that_was_posted() -> None:
    event = an_event(capacity=1)
    registers(event, "nina")
    registers(event, "tom")
    while deliver_some():
        pass

    first, second = mail.outbox
    assert first.subject.startswith(f"You are registered: {event.name}")
    assert "Nina" not in first.body
    assert [name for name, _, _ in first.attachments] == ["ticket.png", "event.ics"]
    assert "METHOD:PUBLISH" in str(first.attachments[1][1])
    assert second.subject.startswith("You are on the waiting list")
    assert second.attachments == []
    assert deliver_some() == 0

    cancel_event(event.pk, words="The hall is flooded.", by=a_user(Role.MARKETER))
    while deliver_some():
        pass
    last = mail.outbox[-1]
    assert "The hall is flooded." in last.body
    assert "METHOD:CANCEL" in str(last.attachments[0][1])
    event.refresh_from_db()
    assert (event.state, form_of(event).state) == (EventState.CANCELLED, FormState.CLOSED)


def test_full_closed_over_and_cancelled_are_told_kindly(maria: Client) -> None:
    full = an_event(capacity=1, waitlist="none")
    registers(full)
    assert "Every place is taken" in Client().get(f"/e/{full.slug}/").content.decode()
    waiting = an_event(capacity=1)
    registers(waiting)
    assert "join the waiting list" in Client().get(f"/e/{waiting.slug}/").content.decode()
    maria.post(f"/events/{waiting.pk}/registration/close/")
    forget_specs()
    assert "Registration is closed" in Client().get(f"/e/{waiting.slug}/").content.decode()
    assert Client().post(f"/f/{form_of(waiting).public_id}/", {"email": "a@b.example"}).status_code == 410
    over = an_event()
    Event.objects.filter(pk=over.pk).update(
        starts_at=timezone.now() - timedelta(2), ends_at=timezone.now() - timedelta(1)
    )
    assert "It is over" in Client().get(f"/e/{over.slug}/").content.decode()
    sweep()
    forget_specs()
    assert Client().post(f"/f/{form_of(over).public_id}/", {"email": "a@b.example"}).status_code == 410
    cancel_event(full.pk, words="Nobody could come.", by=a_user(Role.MARKETER))
    assert "Nobody could come." in Client().get(f"/e/{full.slug}/").content.decode()


def test_an_invitation_holds_a_place_until_it_is_taken_or_runs_out() -> None:
    event = an_event(capacity=1, waitlist="invite")
    nina, tom, ida = registers(event, "nina"), registers(event, "tom"), registers(event, "ida")
    Client().post(ticket_of(nina), {"do": "cancel"})
    tom.refresh_from_db()
    assert tom.state == State.INVITED
    assert "A place is held for you" in Client().get(ticket_of(tom)).content.decode()

    EventRegistration.objects.filter(pk=tom.pk).update(invited_until=timezone.now() - timedelta(minutes=1))
    answer = Client().post(ticket_of(tom), {"do": "accept"})
    assert (answer.status_code, "has run out" in answer.content.decode()) == (409, True)
    sweep()
    ida.refresh_from_db()
    assert ida.state == State.INVITED
    Client().post(ticket_of(ida), {"do": "accept"})
    ida.refresh_from_db()
    assert ida.state == State.REGISTERED
    assert letters()[-3:] == ["lapsed", "invited", "registered"]


def test_at_the_door_people_are_found_checked_in_and_taken_back(client: Client) -> None:
    theo = a_user(Role.TELEPROSPECTOR, "theo", first_name="Theo", last_name="Tell")
    client.force_login(theo)
    event, other = an_event(capacity=1), an_event()
    talk = a_session(event, "Talk")
    nina, tom = registers(event, "nina", sessions=["Talk"]), registers(event, "tom")
    door = f"/events/{event.pk}/door/"

    found = client.get(door, {"q": f"http://testserver/events/at/{code_of(nina)}/"}, follow=True).content.decode()
    assert "Nina Lind" in found
    assert "Check in" in found
    assert "another event" in client.get(f"/events/at/{code_of(nina)}/?at={other.pk}").content.decode()
    assert client.get(f"/events/at/{token_of(nina)}/").status_code == 404

    client.post(f"{door}{nina.pk}/check-in/")
    again = client.post(f"{door}{nina.pk}/check-in/", follow=True).content.decode()
    assert "Checked in already by Theo Tell" in again
    client.post(f"{door}{nina.pk}/check-in/", {"session": talk.pk})
    came = Interaction.objects.filter(type=InteractionType.EVENT_CHECKED_IN, contact=nina.contact)
    assert sorted(one.payload.get("session", "") for one in came) == ["", "Talk"]
    refused = client.post(f"{door}{tom.pk}/check-in/", follow=True).content.decode()
    assert "On the waiting list: give them a place first." in refused
    client.post(f"{door}{tom.pk}/place/")
    client.post(f"{door}{tom.pk}/check-in/")
    client.post(f"{door}{nina.pk}/undo/")
    nina.refresh_from_db()
    tom.refresh_from_db()
    assert nina.checked_in_at is None
    assert tom.checked_in_by == theo
    assert client.get(f"/events/{event.pk}/").status_code == 403


def test_a_code_that_is_typed_at_the_door_of_a_session_leads_to_a_check_in_there(client: Client) -> None:
    client.force_login(a_user(Role.SALESPERSON, "sam"))
    event = an_event(capacity=1)
    talk = a_session(event, "Talk")
    nina, tom = registers(event, "nina", sessions=["Talk"]), registers(event, "tom")
    door = f"/events/{event.pk}/door/"

    for said in (f"http://testserver/events/at/{code_of(nina)}/", code_of(nina)):
        found = client.get(door, {"q": said, "session": str(talk.pk)}, follow=True)
        assert found.context["session_id"] == talk.pk

    placed = client.get(door, {"q": "tom", "session": str(talk.pk)}).content.decode()
    assert f'{tom.pk}/place/"' in placed and placed.count(f'name="session" value="{talk.pk}"') == 2


def test_who_walks_in_is_registered_and_checked_in_beyond_capacity(client: Client) -> None:
    client.force_login(a_user(Role.SALESPERSON, "sam"))
    event = an_event(capacity=1)
    registers(event, "nina")
    tom = registers(event, "tom")
    said = {"first_name": "Ida", "last_name": "Lund", "email": "ida@nordwind.example", "company": "Nordwind"}

    assert client.post(f"/events/{event.pk}/door/new/", said | {"email": "ida"}).status_code == 422
    client.post(f"/events/{event.pk}/door/new/", said | {"came": "on"})
    client.post(f"/events/{event.pk}/door/new/", said | {"email": tom.contact.email, "came": "on"})
    client.post(f"/events/{event.pk}/door/new/", said | {"email": "later@nordwind.example"})

    ida = EventRegistration.objects.get(contact__email="ida@nordwind.example")
    assert (ida.state, ida.walk_in, ida.checked_in_by.username) == (State.REGISTERED, True, "sam")  # type: ignore[union-attr]
    tom.refresh_from_db()
    assert (tom.state, tom.checked_in_at is not None) == (State.REGISTERED, True)
    later = EventRegistration.objects.get(contact__email="later@nordwind.example")
    assert (later.state, later.checked_in_at) == (State.REGISTERED, None)
    assert Lead.objects.count() == 4
    assert letters() == ["registered", "waiting", "registered"]


def test_who_is_still_expected_stands_at_the_door_before_anything_is_typed(client: Client) -> None:
    client.force_login(a_user(Role.SALESPERSON, "sam"))
    event = an_event(capacity=2)
    nina, ole, _ = registers(event, "nina"), registers(event, "ole"), registers(event, "waits")

    client.post(f"/events/{event.pk}/door/{nina.pk}/check-in/")

    shown = client.get(f"/events/{event.pk}/door/").context
    assert (list(shown["expected"]), list(shown["latest"])) == ([ole], [nina])
    assert list(client.get(f"/events/{event.pk}/door/?q=nina").context["expected"]) == []


def test_lists_narrow_page_export_and_print_without_formulas(maria: Client) -> None:
    event = an_event()
    a_session(event, "=1+1")
    for number in range(3):
        registers(event, f"guest{number}", company="=cmd()", sessions=["=1+1"])
    one = EventRegistration.objects.get(contact__email__startswith="guest1")

    found = maria.get(f"/events/{event.pk}/", {"q": "guest1"}).content.decode()
    assert "Guest1" in found
    assert "Guest2" not in found
    maria.post(f"/events/{event.pk}/act/", {"what": "check-in", "id": [one.pk]})
    assert "Guest1" in maria.get(f"/events/{event.pk}/", {"show": "came"}).content.decode()
    rows = b"".join(maria.get(f"/events/{event.pk}/export/")).decode()
    assert rows.count("guest") == 3
    assert "'=cmd()" in rows
    kept = ListExport.objects.get()
    assert kept.rows == 3 and kept.finished_at is not None
    badges = maria.get(f"/events/{event.pk}/badges/").content.decode()
    assert badges.count("<svg") == 3

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            maria.get(f"/events/{event.pk}/")
        return len(queries)

    few = asked()
    for number in range(3, 9):
        registers(event, f"guest{number}", sessions=["=1+1"])
    assert asked() == few


def test_registrations_are_told_and_erased_and_go_and_come_back_with_their_contact() -> None:
    event = an_event(capacity=1)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    by = a_user(Role.ADMINISTRATOR)
    person = Person((nina.contact_id,), (nina.contact.email,))
    (section,) = REGISTRATIONS.tell(person)
    assert section.rows[0]["Event"] == str(event)

    delete_contacts([nina.contact_id], by=by)
    tom.refresh_from_db()
    assert tom.state == State.REGISTERED
    restore_contact(nina.contact_id, by=by)
    nina.refresh_from_db()
    assert nina.state == State.WAITING

    assert REGISTRATIONS.erase(Person((tom.contact_id,), ())) == {"registrations for events deleted": 1}
    nina.refresh_from_db()
    assert nina.state == State.REGISTERED
    assert Contact.objects.filter(pk=tom.contact_id).exists()


def test_other_systems_read_events_and_who_is_registered() -> None:
    event = an_event(capacity=1)
    talk = a_session(event, "Talk")
    nina = registers(event, "nina", sessions=["Talk"])
    registers(event, "tom")
    _, secret = make_token(name="Shop", scopes=["submissions:read"], role=Role.MARKETER, by=a_user(Role.ADMINISTRATOR))
    caller = Client(headers={"authorization": f"Bearer {secret}"})

    (told,) = caller.get("/api/v1/events").json()["items"]
    assert (told["id"], [one["name"] for one in told["sessions"]]) == (event.pk, ["Talk"])
    (one,) = caller.get(f"/api/v1/events/{event.pk}/registrations?state=registered").json()["items"]
    assert (one["id"], one["contact_id"], one["lead_id"]) == (str(nina.public_id), nina.contact_id, nina.lead_id)
    assert one["sessions"] == [{"session_id": talk.pk, "state": "registered", "checked_in_at": None}]
    assert caller.get("/api/v1/events/999/registrations").status_code == 404


def test_a_copy_has_the_questions_and_the_sessions_of_another_event_on_its_own_day(maria: Client) -> None:
    event = an_event(capacity=30)
    talk = a_session(event, "Talk", capacity=5)
    form_of(event).fields.filter(key="job_title").update(label="Your trade")
    page = maria.get(f"/events/new/?like={event.pk}").context["form"]
    assert page["capacity"].value() == 30

    maria.post(f"/events/new/?like={event.pk}", SAID)

    copy = Event.objects.get(name="Open day")
    (theirs,) = copy.sessions.all()
    assert (theirs.name, theirs.capacity) == ("Talk", 5)
    assert theirs.starts_at - copy.starts_at == talk.starts_at - event.starts_at
    assert form_of(copy).fields.get(key="job_title").label == "Your trade"
    assert form_of(copy).fields.get(key="sessions").choices == ["Talk"]
    assert copy.state == EventState.DRAFT


def test_what_is_said_of_an_empty_place_is_what_holds(maria: Client) -> None:
    assert "Empty: online only, at the online address." in maria.get("/events/new/").content.decode()

    nowhere = maria.post("/events/new/", SAID | {"place": ""})
    assert nowhere.status_code == 422
    assert "Say where it is, or give an online address." in nowhere.content.decode()

    maria.post("/events/new/", SAID | {"place": "", "online_url": "https://meet.example/open-day"})
    assert Event.objects.get().place == ""
