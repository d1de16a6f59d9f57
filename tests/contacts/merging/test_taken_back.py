"""What was taken back while two contacts were one stays taken back when they are two again, of both."""

from __future__ import annotations

import pytest

from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Contact, How
from contacts.services.consents import record_consent, standing_of, withdraw_all
from contacts.services.contacts import create_contact
from tests.build import a_purpose

pytestmark = pytest.mark.django_db


def two() -> tuple[Contact, Contact]:
    return create_contact(email="nina@nordwind.example"), create_contact(email="n.lind@home.example")


def level_of(contact: Contact) -> int:
    return Contact.objects.get(pk=contact.pk).consent_level


@pytest.mark.parametrize("theirs_last", [False, True])
def test_what_was_taken_back_while_two_were_one_stays_taken_back_when_they_are_two_again(theirs_last: bool) -> None:
    nina, other = two()
    record_consent(contact_id=nina.pk, level=4)
    withdraw_all(contact_id=other.pk, how=How.UNSUBSCRIBE)
    if not theirs_last:
        record_consent(contact_id=nina.pk, level=4)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    added = withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    undo_merge(merge.pk, by=None)

    assert added
    assert level_of(nina) == 2


def test_who_unsubscribes_while_they_are_merged_is_not_written_to_when_they_are_two_again() -> None:
    nina, other = two()
    record_consent(contact_id=other.pk, level=4)
    record_consent(contact_id=nina.pk, level=4)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    undo_merge(merge.pk, by=None)

    assert (level_of(nina), level_of(other)) == (2, 2)
    assert standing_of(other.pk).level == 2
    kept = other.consents.get(given=False)
    assert (kept.how, kept.recorded_at) == (How.UNSUBSCRIBE, nina.consents.get(given=False).recorded_at)


def test_a_purpose_taken_back_while_two_were_one_is_taken_back_of_who_had_agreed_to_it_alone() -> None:
    nina, other = two()
    news, events = a_purpose(level=4), a_purpose(level=3)
    for contact, purpose in ((nina, events), (other, news), (other, events)):
        record_consent(contact_id=contact.pk, purpose=purpose)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    record_consent(contact_id=nina.pk, purpose=news, given=False, how=How.CENTRE)
    undo_merge(merge.pk, by=None)

    assert level_of(other) == 3
    assert not standing_of(other.pk).agrees_to(news.pk) and standing_of(other.pk).agrees_to(events.pk)
    assert standing_of(nina.pk).agrees_to(events.pk)
