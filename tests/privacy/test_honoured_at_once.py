"""Segments and models that ask for a consent follow it through the change queue, once it is given or withdrawn."""

from __future__ import annotations

import pytest

from contacts.models import Contact, How
from contacts.privacy.erasing import erase
from contacts.privacy.requests import enter
from contacts.services.consents import record_consent, withdraw_all
from contacts.services.contacts import create_contact
from scoring.lifecycle import go_live
from scoring.models import LeadScore
from scoring.queue import score_changes
from scoring.runs import advance_run
from segments.queue import refresh_changes
from tests.build import a_lead, a_model, a_purpose, a_rule, a_segment, a_user, an_interaction
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db

MAY_BE_WRITTEN_TO = {"field": "contact.consent_level", "op": "greater_or_equal", "value": 4}


@pytest.fixture
def nina() -> Contact:
    return create_contact(email="nina@nordwind.example")


def test_a_segment_follows_a_consent_and_its_withdrawal(nina: Contact) -> None:
    segment, offers = a_segment(condition=MAY_BE_WRITTEN_TO), a_purpose(level=4)
    settle()
    assert ids_in(segment) == set()

    record_consent(contact_id=nina.pk, purpose=offers)
    refresh_changes()
    assert ids_in(segment) == {nina.pk}

    withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    refresh_changes()
    assert ids_in(segment) == set()


def test_a_model_with_a_minimum_consent_follows_it_too(nina: Contact) -> None:
    model = a_model(minimum_consent=5)
    a_rule(model, 5, interaction_type="page_visited")
    an_interaction(nina)
    lead, profiling = a_lead(nina), a_purpose(level=5)
    go_live(model)
    while advance_run() or score_changes():
        pass
    assert not LeadScore.objects.filter(lead=lead).exists()

    record_consent(contact_id=nina.pk, purpose=profiling)
    score_changes()
    assert LeadScore.objects.get(lead=lead).score == 5

    record_consent(contact_id=nina.pk, purpose=profiling, given=False)
    score_changes()
    assert not LeadScore.objects.filter(lead=lead).exists()


def test_who_is_erased_leaves_segments_at_once(nina: Contact) -> None:
    segment = a_segment(condition={"field": "contact.email", "op": "is_filled"})
    settle()
    assert ids_in(segment) == {nina.pk}

    request = enter(kind="erasure", contact=nina, by=None)
    erase(request.pk, typed="nina@nordwind.example", by=a_user("administrator"))

    assert ids_in(segment) == set()
