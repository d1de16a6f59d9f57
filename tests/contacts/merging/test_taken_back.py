"""What was taken back while two contacts were one stays taken back when they are two again, of both."""

from __future__ import annotations

import pytest

from contacts.consent import asking
from contacts.merging.service import merge_contacts, undo_merge
from contacts.merging.stragglers import fetch_stragglers
from contacts.models import ConsentAsked, Contact, How
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


def test_what_a_third_person_took_back_before_they_were_merged_too_is_not_said_by_the_one_who_comes_back() -> None:
    nina, other = two()
    third = create_contact(email="nina.lind@work.example")
    for contact in (nina, other, third):
        record_consent(contact_id=contact.pk, level=4)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    withdraw_all(contact_id=third.pk, how=How.UNSUBSCRIBE, ip="192.0.2.9")
    merge_contacts(nina.pk, third.pk, take=[], by=None)

    undo_merge(merge.pk, by=None)

    assert (level_of(other), standing_of(other.pk).level) == (4, 4)
    assert not other.consents.filter(given=False).exists()
    assert level_of(nina) == 2


def test_what_somebody_brought_who_was_merged_since_still_holds_for_the_one_who_stays() -> None:
    nina, other = two()
    third = create_contact(email="nina.lind@work.example")
    for contact, level in ((nina, 5), (other, 4), (third, 5)):
        record_consent(contact_id=contact.pk, level=level)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)
    record_consent(contact_id=third.pk, level=4, given=False)
    merge_contacts(nina.pk, third.pk, take=[], by=None)

    undo_merge(merge.pk, by=None)

    assert level_of(nina) == 4


@pytest.mark.parametrize("everything", [True, False])
def test_no_older_mail_brings_back_to_either_what_was_taken_back_while_two_were_one(everything: bool) -> None:
    nina, other = two()
    news, events = a_purpose(confirm=True), a_purpose(confirm=True)
    for contact, purpose in ((nina, news), (other, news), (other, events)):
        asking.ask(contact=contact, purpose=purpose, version=None, how=How.CENTRE)
    merge = merge_contacts(nina.pk, other.pk, take=[], by=None)

    if everything:
        withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    else:
        record_consent(contact_id=nina.pk, purpose=news, given=False, how=How.CENTRE)
    undo_merge(merge.pk, by=None)

    waiting = ConsentAsked.objects.values_list("contact", "purpose")
    assert list(waiting) == ([] if everything else [(other.pk, events.pk)])


@pytest.mark.parametrize("everything", [True, False])
def test_no_question_of_those_who_became_them_follows_somebody_who_has_taken_it_back(everything: bool) -> None:
    nina, other = two()
    first, news = create_contact(email="nina.lind@work.example"), a_purpose(confirm=True)
    for contact in (nina, other, first):
        asking.ask(contact=contact, purpose=news, version=None, how=How.CENTRE)
    merge_contacts(other.pk, first.pk, take=[], by=None)
    merge_contacts(nina.pk, other.pk, take=["email"], by=None)

    if everything:
        withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    else:
        record_consent(contact_id=nina.pk, purpose=news, given=False, how=How.CENTRE)
    fetch_stragglers()

    assert not ConsentAsked.objects.exists()
