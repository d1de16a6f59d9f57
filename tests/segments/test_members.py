"""Who is in a live segment follows the facts, whoever writes them."""

from __future__ import annotations

import pytest

from contacts.models import Change, Consent, ConsentLevel, Contact, Entity, InteractionType
from contacts.services.contacts import delete_contacts, restore_contact
from leads.models import Lead
from leads.models.process import Cause as ProcessCause
from leads.services.moves import move_leads
from leads.stages import Stage
from segments.models import Cause, MembershipChange, Subject
from tests.build import a_contact, a_lead, a_segment, an_account, an_interaction
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db

IN_NORWAY = {"field": "contact.country", "op": "is", "value": "NO"}
CALLED = {"did": "call", "at_least": 2, "within_days": 30}


def test_those_who_meet_the_conditions_are_in_when_it_goes_live() -> None:
    nina, otto = a_contact(country="NO"), a_contact(country="DE")

    segment = a_segment("Norway", IN_NORWAY)
    settle()

    segment.refresh_from_db()
    assert ids_in(segment) == {nina.pk} and otto.pk not in ids_in(segment)
    assert segment.members_count == 1 and segment.refreshed_at is not None and segment.error == ""
    assert [(one.contact_id, one.joined, one.cause) for one in segment.changes.all()] == [(nina.pk, True, Cause.LIVE)]


def test_somebody_new_joins_and_who_moves_away_leaves() -> None:
    segment = a_segment("Norway", IN_NORWAY)
    settle()

    nina = a_contact(country="NO")
    settle()
    assert ids_in(segment) == {nina.pk}

    Contact.objects.filter(pk=nina.pk).update(country="SE")
    settle()
    segment.refresh_from_db()
    assert ids_in(segment) == set() and segment.members_count == 0
    history = segment.changes.order_by("id").values_list("joined", "cause")
    assert list(history) == [(True, Cause.FACTS), (False, Cause.FACTS)]


def test_what_somebody_does_is_followed() -> None:
    nina = a_contact()
    an_interaction(nina, InteractionType.CALL)
    segment = a_segment("Called twice", CALLED)
    settle()
    assert ids_in(segment) == set()

    second = an_interaction(nina, InteractionType.CALL)
    settle()
    assert ids_in(segment) == {nina.pk}

    second.delete()
    settle()
    assert ids_in(segment) == set()


def test_who_is_deleted_leaves_at_once_and_comes_back_when_restored() -> None:
    nina = a_contact(country="NO")
    segment = a_segment("Norway", IN_NORWAY)
    settle()

    delete_contacts([nina.pk], by=None)
    settle()
    assert ids_in(segment) == set()

    restore_contact(nina.pk, by=None)
    settle()
    assert ids_in(segment) == {nina.pk}


def test_leads_are_followed_through_their_contact_their_account_and_their_stage() -> None:
    acme = an_account("Acme", country="NO")
    lead = a_lead(a_contact(account=acme))
    in_norway = a_segment("Norway", {"field": "account.country", "op": "is", "value": "NO"}, subject=Subject.LEAD)
    beyond = a_segment("Moved on", {"field": "stage", "op": "is_not", "value": "inquiry"}, subject=Subject.LEAD)
    settle()
    assert ids_in(in_norway) == {lead.pk} and ids_in(beyond) == set()

    acme.country = "SE"
    acme.save()
    move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, cause=ProcessCause.PERSON)
    settle()

    assert ids_in(in_norway) == set() and ids_in(beyond) == {lead.pk}


def test_a_score_is_heard_of_by_who_asked_for_it() -> None:
    hot = a_segment("Hot", {"field": "score", "op": "greater", "value": 50}, subject=Subject.LEAD)
    lead = a_lead()
    settle()

    assert hot.needs == ["scores"]
    Lead.objects.filter(pk=lead.pk).update(score=80)
    Change.objects.create(consumer="segments", subject=Entity.LEAD, subject_id=lead.pk)  # as scoring/write.py does
    settle()

    assert ids_in(hot) == {lead.pk}


def test_a_contact_leaves_when_its_lead_goes_to_another() -> None:
    nina, otto = a_contact(), a_contact("Otto")
    lead = a_lead(nina, topic="Routes")
    asking = {"related": "leads", "where": {"field": "topic", "op": "is", "value": "Routes"}}
    segment = a_segment("Asked for routes", asking)
    settle()
    assert ids_in(segment) == {nina.pk}

    Lead.objects.filter(pk=lead.pk).update(contact=otto)
    settle()

    assert ids_in(segment) == {otto.pk}


def test_what_a_colleague_does_counts_where_it_was_asked_for() -> None:
    acme = an_account("Acme")
    nina, otto = a_contact(account=acme), a_contact("Otto", account=acme)
    busy = {"related": "account.contacts", "where": {"did": "meeting"}}
    segment = a_segment("Somebody there met us", busy)
    settle()

    an_interaction(otto, InteractionType.MEETING)
    settle()

    assert ids_in(segment) == {nina.pk, otto.pk}


def test_a_consent_is_heard_of() -> None:
    nina = a_contact()
    segment = a_segment(
        "Consented", {"related": "contact.consents", "where": {"field": "given", "op": "is", "value": True}}
    )
    settle()

    Consent.objects.create(contact=nina, level=ConsentLevel.MARKETING)
    settle()

    assert ids_in(segment) == {nina.pk}


def test_without_a_live_segment_nothing_is_written_down_for_segments() -> None:
    a_segment("Draft", IN_NORWAY, live=False)

    a_contact(country="NO")
    an_interaction(a_contact())

    assert not Change.objects.filter(consumer="segments").exists()
    assert not MembershipChange.objects.exists()
