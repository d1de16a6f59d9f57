"""Lists kept by hand."""

from __future__ import annotations

import pytest

from contacts.services.contacts import delete_contacts, restore_contact
from segments.errors import NotKeptByHand
from segments.models import Cause, Kind
from segments.services.picks import add, copy_members, remove
from tests.build import a_contact, a_segment, a_user
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db


def test_who_is_put_in_is_in_at_once_and_only_once() -> None:
    maria, nina = a_user("marketer"), a_contact()
    fair = a_segment("Trade fair", kind=Kind.STATIC)

    assert add(fair, [nina.pk], by=maria).joined == 1
    assert add(fair, [nina.pk, 999_999_999], by=maria).joined == 0

    assert ids_in(fair) == {nina.pk}
    assert list(fair.changes.values_list("joined", "cause")) == [(True, Cause.BY_HAND)]
    assert remove(fair, [nina.pk]).left == 1 and ids_in(fair) == set()


def test_a_deleted_contact_is_no_member_until_it_is_restored() -> None:
    nina = a_contact()
    fair = a_segment("Trade fair", kind=Kind.STATIC)
    add(fair, [nina.pk], by=None)

    delete_contacts([nina.pk], by=None)
    settle()
    assert ids_in(fair) == set()

    restore_contact(nina.pk, by=None)
    settle()
    assert ids_in(fair) == {nina.pk}


def test_who_meets_conditions_is_not_put_in_by_hand() -> None:
    nina = a_contact(country="DE")
    segment = a_segment("Norway", {"field": "contact.country", "op": "is", "value": "NO"})

    with pytest.raises(NotKeptByHand):
        add(segment, [nina.pk], by=None)

    assert not segment.picks.exists() and ids_in(segment) == set()


def test_the_members_of_now_can_be_copied_into_a_list() -> None:
    nina = a_contact(country="NO")
    segment = a_segment("Norway", {"field": "contact.country", "op": "is", "value": "NO"})
    fair = a_segment("Trade fair", kind=Kind.STATIC)
    settle()

    copy_members(segment, into=fair, by=None)

    assert ids_in(fair) == {nina.pk}
    assert fair.picks.get().source == "Members of Norway"
