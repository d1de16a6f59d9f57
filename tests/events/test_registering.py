"""Registering through a form: one registration and one lead a contact and event, places first come, first served."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.merging.service import merge_contacts
from contacts.models import Contact, Interaction, InteractionType
from forms_intake.events.acting import cancel, move_up
from forms_intake.events.arriving import LETTERS_A_DAY
from forms_intake.events.editing import save_event
from forms_intake.events.errors import SessionTaken
from forms_intake.events.offering import remove_session
from forms_intake.events.tickets import token_of
from forms_intake.models import (
    Event,
    EventRegistration,
    EventSession,
    FormVersion,
    RegistrationState,
    SessionPlace,
    Submission,
)
from forms_intake.processing.work import process_next
from leads.conditions import compile_condition, contact_vocabulary, lead_vocabulary, parse
from leads.conditions.vocabulary import Vocabulary
from leads.models import Lead
from leads.services.closing import close
from tests.build import a_campaign, a_page, a_product, a_reason, a_user
from tests.events.making import a_session, an_event, form_of, letters, posts, registers
from tests.forms_intake.posting import a_submission, processed

pytestmark = pytest.mark.django_db
State = RegistrationState


def place_in(session: EventSession, registration: EventRegistration) -> None:
    SessionPlace.objects.create(
        session=session, registration=registration, queued_at=timezone.now(), state=registration.state
    )


def states(*registrations: EventRegistration) -> list[str]:
    for one in registrations:
        one.refresh_from_db()
    return [one.state for one in registrations]


def test_a_post_makes_contact_registration_lead_interactions_and_one_letter() -> None:
    campaign, product = a_campaign(), a_product()
    event = an_event(campaign_id=campaign.pk, product_id=product.pk)

    nina = registers(event)

    assert (nina.state, nina.contact.email) == (State.REGISTERED, "nina@nordwind.example")
    lead = Lead.objects.get()
    assert nina.lead == lead
    assert (lead.marketing_context, lead.campaign, lead.product) == (event.marketing_context, campaign, product)
    assert lead.marketing_context.event_id == event.marketing_context_id
    kinds = list(Interaction.objects.order_by("pk").values_list("type", "subject", "marketing_context"))
    assert (InteractionType.EVENT_REGISTERED, event.name, event.marketing_context_id) in kinds
    assert len(kinds) == 2
    assert letters() == ["registered"]
    decision: Any = Submission.objects.get().decision
    assert decision["event"]["reason"] == "Registered."


def test_a_repeat_is_the_same_registration_lead_and_interaction_and_no_second_letter() -> None:
    event = an_event()
    nina = registers(event)
    registers(event, company="Nordwind")

    assert EventRegistration.objects.get() == nina
    assert Lead.objects.count() == 1
    assert Interaction.objects.filter(type=InteractionType.EVENT_REGISTERED).count() == 1
    assert letters() == ["registered"]


def test_two_posts_of_one_person_in_one_set_are_one_registration_and_lead() -> None:
    event = an_event()
    processed(posts(event), posts(event, company="Nordwind"))

    assert EventRegistration.objects.count() == Lead.objects.count() == Contact.objects.count() == 1


def test_a_person_has_one_lead_of_an_event_whatever_page_they_came_by_and_though_it_is_closed() -> None:
    event = an_event()
    nina = registers(event)
    page = a_page(form_of(event))
    processed(a_submission(form_of(event), page, email="nina@nordwind.example", last_name="Lind", first_name="Nina"))
    assert Lead.objects.count() == 1
    close(Lead.objects.get().pk, by=None, status="disqualified", reason=a_reason("Lost"))

    again = registers(event)

    assert Lead.objects.count() == 1
    assert again.lead == nina.lead


def test_a_form_that_makes_every_post_a_lead_still_makes_one_a_person_and_event() -> None:
    event = an_event()
    version = FormVersion.objects.get(form=event.form)
    version.definition["settings"]["always_new_lead"] = True
    version.save()

    processed(posts(event), posts(event, company="A"))
    registers(event, company="B")

    assert Lead.objects.count() == 1


def test_when_it_is_full_people_wait_in_order_and_move_up_when_somebody_cancels() -> None:
    event = an_event(capacity=1)
    nina, tom, ida = registers(event, "nina"), registers(event, "tom"), registers(event, "ida")
    assert states(nina, tom, ida) == [State.REGISTERED, State.WAITING, State.WAITING]

    cancel([nina.pk], by=None)

    assert states(nina, tom, ida) == [State.CANCELLED, State.REGISTERED, State.WAITING]
    assert letters() == ["registered", "waiting", "waiting", "cancelled", "moved"]
    assert Interaction.objects.filter(type=InteractionType.EVENT_CANCELLED, contact=nina.contact).count() == 1


def test_who_cancelled_and_registers_again_stands_at_the_end_of_the_line() -> None:
    event = an_event(capacity=1)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    cancel([nina.pk], by=None)
    registers(event, "nina", company="Again")

    assert states(nina, tom) == [State.WAITING, State.REGISTERED]
    assert EventRegistration.objects.count() == 2


def test_without_a_waiting_list_people_are_told_that_it_is_full_and_staff_may_go_beyond() -> None:
    event = an_event(capacity=1, waitlist="none")
    nina, tom = registers(event, "nina"), registers(event, "tom")
    assert states(nina, tom) == [State.REGISTERED, State.FULL]
    assert letters()[-1] == "full"

    done = move_up([tom.pk], by=a_user("marketer"))

    assert states(tom) == [State.REGISTERED]
    assert done.changed[0].steps.latest("pk").what == "Given a place, beyond the places there are"


def test_more_places_let_those_who_wait_move_up() -> None:
    event = an_event(capacity=1)
    nina, tom, ida = registers(event, "nina"), registers(event, "tom"), registers(event, "ida")
    event.capacity = 2
    save_event(event, before={"capacity": 1}, campaign_id=None, product_id=None, by=a_user("marketer"))

    assert states(nina, tom, ida) == [State.REGISTERED, State.REGISTERED, State.WAITING]


def places() -> dict[tuple[int, str], str]:
    rows = SessionPlace.objects.values_list("registration_id", "session__name", "state")
    return {(who, name): state for who, name, state in rows}


def test_sessions_have_places_and_waiting_lists_of_their_own_and_the_ticket_changes_the_choice() -> None:
    event = an_event()
    small, large = a_session(event, "Small", capacity=1), a_session(event, "Large")
    nina = registers(event, "nina", sessions=["Small", "Large"])
    tom = registers(event, "tom", sessions=["Small"])

    assert places() == {
        (nina.pk, "Small"): State.REGISTERED,
        (nina.pk, "Large"): State.REGISTERED,
        (tom.pk, "Small"): State.WAITING,
    }
    ticket = f"/e/ticket/{token_of(nina)}/"
    said = {"do": "sessions", "session": [large.pk], "seen": [small.pk, large.pk]}
    assert Client(enforce_csrf_checks=True).post(ticket, said).status_code == 302
    assert places()[nina.pk, "Small"] == State.CANCELLED
    assert places()[tom.pk, "Small"] == State.REGISTERED
    second = Client().post(ticket, said | {"session": []})
    assert (second.status_code, "had been changed" in second.content.decode()) == (409, True)
    assert places()[nina.pk, "Large"] == State.REGISTERED
    assert letters() == ["registered", "registered", "changed", "changed"]
    with pytest.raises(SessionTaken):
        remove_session(small.pk, event_id=event.pk, by=a_user("marketer"))
    cancel([nina.pk], by=None)
    assert places()[nina.pk, "Large"] == State.CANCELLED
    assert large.name in form_of(event).fields.get(key="sessions").choices


def test_who_types_the_address_of_somebody_registered_takes_no_session_from_them() -> None:
    event = an_event()
    a_session(event, "Small", capacity=1)
    a_session(event, "Large")
    nina = registers(event, "nina", sessions=["Small"])
    tom = registers(event, "tom", sessions=["Small"])
    before = places()

    for chosen in ([], ["Large"], ["Small", "Large"]):
        registers(event, "nina", sessions=chosen)

    assert places() == before
    assert letters() == ["registered", "registered", *["registered"] * 3]  # each time the person hears of it
    decision = Submission.objects.latest("pk").decision
    assert decision and "anybody can type an address" in decision["event"]["reason"]
    confirmed = posts(event, "nina", sessions=["Large"])
    Submission.objects.filter(pk=confirmed.pk).update(origin={"confirmed_at": timezone.now().isoformat()})
    processed(confirmed)
    assert (places()[nina.pk, "Small"], places()[tom.pk, "Small"]) == (State.CANCELLED, State.REGISTERED)


def test_who_waits_for_the_event_gets_their_sessions_once_they_have_a_place() -> None:
    event = an_event(capacity=1)
    a_session(event, "Small", capacity=1)
    nina, tom = registers(event, "nina", sessions=["Small"]), registers(event, "tom", sessions=["Small"])
    assert tom.places.get().state == State.WAITING

    cancel([nina.pk], by=None)

    assert tom.places.get().state == State.REGISTERED


def test_processing_many_registrations_asks_no_more_often_than_processing_few() -> None:
    event = an_event(capacity=20)
    a_session(event, "Small", capacity=5)

    def asked(people: int, tag: str) -> int:
        waiting = [posts(event, f"{tag}{n}", sessions=["Small"]) for n in range(people)]
        with CaptureQueriesContext(connection) as queries:
            processed(*waiting)
        return len(queries) - people  # refreshing them

    asked(2, "warm")
    few, many = asked(2, "a"), asked(40, "b")
    assert many <= few + 3


def test_which_event_it_was_is_asked_of_interactions_and_of_leads() -> None:
    event, other = an_event(), an_event()
    nina = registers(event, "nina")
    registers(other, "tom")
    which = {"field": "marketing_context", "op": "is", "value": event.marketing_context_id}

    def asked(tree: Any, vocabulary: Vocabulary, model: Any) -> list[int]:
        matching = compile_condition(parse(tree, vocabulary), vocabulary, now=timezone.now())
        return list(model.objects.filter(matching).values_list("pk", flat=True))

    assert asked({"did": "event_registered", "where": which}, contact_vocabulary(), Contact) == [nina.contact_id]
    of_lead = {"field": "marketing_context.event", "op": "is", "value": event.marketing_context_id}
    assert asked(of_lead, lead_vocabulary(), Lead) == [nina.lead_id]


def one_who_is_invited(**more: Any) -> tuple[Event, EventRegistration]:
    event = an_event(capacity=1, waitlist="invite", **more)
    nina, tom = registers(event, "nina"), registers(event, "tom")
    cancel([nina.pk], by=None)
    assert states(tom) == [State.INVITED]
    return event, tom


def test_who_types_the_address_of_somebody_invited_takes_no_place_for_them() -> None:
    event, tom = one_who_is_invited()
    until, path = tom.invited_until, f"/f/{form_of(event).public_id}/"
    said = {"first_name": "Tom", "last_name": "Lind"}
    known = Client().post(path, {"email": "tom@nordwind.example", **said})
    unknown = Client().post(path, {"email": "nobody@nordwind.example", **said})

    process_next()

    assert states(tom) == [State.INVITED]
    assert tom.invited_until == until
    assert letters().count("invited") == 2
    assert (known.status_code, known.headers.get("Location")) == (unknown.status_code, unknown.headers.get("Location"))
    assert known.content == unknown.content
    tom.refresh_from_db()
    assert tom.submission is not None and tom.submission.decision is not None
    assert "the link in their mail accepts it" in tom.submission.decision["event"]["reason"]

    Client().post(f"/e/ticket/{token_of(tom)}/", {"do": "accept"})
    assert states(tom) == [State.REGISTERED]


def test_who_types_it_again_and_again_fills_no_mailbox() -> None:
    event, tom = one_who_is_invited()

    processed(*(posts(event, "tom", company=f"Try {number}") for number in range(LETTERS_A_DAY + 3)))
    for number in range(LETTERS_A_DAY + 3):
        registers(event, "tom", company=f"Once more {number}")

    assert states(tom) == [State.INVITED]
    assert letters().count("invited") == 1 + LETTERS_A_DAY


def test_an_invited_person_whose_sessions_are_named_by_others_keeps_them_and_is_invited_once_more() -> None:
    event = an_event(capacity=1, waitlist="invite")
    a_session(event, "Talk"), a_session(event, "Tour")
    nina, tom = registers(event, "nina"), registers(event, "tom", sessions=["Talk"])
    cancel([nina.pk], by=None)

    registers(event, "tom", sessions=["Tour"])

    assert states(tom) == [State.INVITED]
    assert [place.session.name for place in tom.places.exclude(state=State.CANCELLED)] == ["Talk"]
    assert letters()[-2:] == ["invited", "invited"]


@pytest.mark.parametrize("origin", [{"walk_in": True}, {"api": 1}])
def test_staff_and_systems_with_a_token_accept_an_invitation_by_a_post(origin: dict[str, Any]) -> None:
    event, tom = one_who_is_invited()
    post = posts(event, "tom", company="Again")
    Submission.objects.filter(pk=post.pk).update(origin=origin)

    processed(post)

    assert states(tom) == [State.REGISTERED]


def test_who_was_registered_as_two_has_one_place_once_they_are_one() -> None:
    event, other = an_event(capacity=2), an_event()
    nina, double, ida = registers(event, "nina"), registers(event, "double"), registers(event, "ida")
    elsewhere = registers(other, "double")
    assert states(ida) == [State.WAITING]

    merge_contacts(nina.contact_id, double.contact_id, take=(), by=a_user("administrator"))

    assert states(nina, double, ida) == [State.REGISTERED, State.CANCELLED, State.REGISTERED]
    elsewhere.refresh_from_db()
    assert elsewhere.contact_id == nina.contact_id


def test_who_waits_when_the_waiting_list_is_closed_has_the_next_place() -> None:
    event = an_event(capacity=1)
    nina, ole = registers(event), registers(event, "ole")
    Event.objects.update(waitlist="none")

    cancel([nina.pk], by=a_user("marketer"))

    assert states(nina, ole) == [State.CANCELLED, State.REGISTERED]


def test_sessions_that_were_given_up_do_not_come_back_with_a_merge_and_those_one_has_stay() -> None:
    event = an_event(capacity=1)
    given_up, kept, own = a_session(event, "A"), a_session(event, "B"), a_session(event, "C")
    nina = registers(event)
    double = registers(event, "double")
    wanted = dict.fromkeys((given_up, kept), nina) | {own: double}
    for session, one in wanted.items():
        place_in(session, one)
    SessionPlace.objects.filter(session=given_up).update(state=State.CANCELLED)
    assert states(nina, double) == [State.REGISTERED, State.WAITING]

    merge_contacts(double.contact_id, nina.contact_id, take=(), by=a_user("administrator"))

    assert states(double) == [State.REGISTERED]
    held = SessionPlace.objects.filter(registration=double).exclude(state=State.CANCELLED)
    assert set(held.values_list("session__name", "state")) == {("B", State.REGISTERED), ("C", State.REGISTERED)}
