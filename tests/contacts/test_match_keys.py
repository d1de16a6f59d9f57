"""One constraint decides who is first, for every writer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from contacts import match_keys
from contacts.errors import DuplicateContact, InvalidStrategy
from contacts.models import Contact, MatchKey
from contacts.services.strategies import create_strategy
from tests.build import a_contact
from tests.threads import at_once

ALL = [("email",), ("external_id",), ("phone",), ("first_name", "last_name", "phone")]


def test_a_contact_has_the_keys_it_can_fill_completely():
    keys = match_keys.keys_of({"email": "Nina@Example.com", "first_name": "Nina", "phone": "+49 30 1234567"}, ALL)

    assert keys == [("email", "nina@example.com"), ("phone", "+49301234567")]


def test_an_empty_value_is_no_key():
    assert match_keys.keys_of({"email": " ", "external_id": "", "phone": "call me"}, ALL) == []


def test_parts_of_a_key_cannot_be_shifted_into_each_other():
    kind = [("first_name", "last_name")]

    one = match_keys.keys_of({"first_name": "Ann Lee", "last_name": "Ray"}, kind)
    other = match_keys.keys_of({"first_name": "Ann", "last_name": "Lee Ray"}, kind)

    assert one != other


def test_a_key_longer_than_its_column_still_tells_people_apart():
    kind = [("external_id", "first_name", "last_name")]
    values = {"external_id": "x" * 200, "first_name": "ß" * 100, "last_name": "ß" * 100}

    [(_, one)] = match_keys.keys_of(values, kind)
    [(_, other)] = match_keys.keys_of({**values, "external_id": "y" * 200}, kind)

    assert len(one) <= 500
    assert one != other


@pytest.mark.django_db
def test_the_kinds_in_use_are_the_identities_and_those_of_strategies():
    create_strategy(name="Name and phone", attributes=["phone", "last_name", "first_name"])

    assert match_keys.kinds_in_use() == [("email",), ("external_id",), ("first_name", "last_name", "phone")]


@pytest.mark.django_db
def test_a_strategy_of_unknown_attributes_is_refused():
    with pytest.raises(InvalidStrategy):
        create_strategy(name="By shoe size", attributes=["email", "shoe_size"])


@pytest.mark.django_db
def test_a_key_goes_to_who_was_first_and_both_are_told():
    nina, other = a_contact(), a_contact()
    match_keys.claim([("email", "nina@example.com", nina.pk)])

    owners = match_keys.claim([("phone", "+49301234567", other.pk), ("email", "nina@example.com", other.pk)])

    assert owners == {("email", "nina@example.com"): nina.pk, ("phone", "+49301234567"): other.pk}


@pytest.mark.django_db
def test_of_two_wishes_in_one_call_the_earlier_wins():
    ids = match_keys.allocate_contact_ids(2)

    owners = match_keys.claim([("email", "a@b.example", ids[1]), ("email", "a@b.example", ids[0])])
    Contact.objects.bulk_create([Contact(pk=pk) for pk in ids])

    assert owners == {("email", "a@b.example"): ids[1]}


@pytest.mark.django_db
def test_claiming_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert match_keys.claim([]) == {}


@pytest.mark.django_db
def test_claiming_costs_one_statement_however_many_and_one_more_for_keys_that_others_own(django_assert_num_queries):
    ids = match_keys.allocate_contact_ids(300)
    Contact.objects.bulk_create([Contact(pk=pk) for pk in ids])
    wanted = [("email", f"{pk}@b.example", pk) for pk in ids]

    with django_assert_num_queries(1):
        match_keys.claim(wanted[1:])
    with django_assert_num_queries(2):
        assert match_keys.claim(wanted) == {(kind, value): pk for kind, value, pk in wanted}


@pytest.mark.django_db
def test_an_identity_of_another_contact_is_refused_with_its_name():
    nina = a_contact(email="nina@example.com")
    match_keys.claim_for(nina)
    other = a_contact(email="NINA@example.com")

    with pytest.raises(DuplicateContact) as refused, transaction.atomic():
        match_keys.claim_for(other)

    assert (refused.value.contact_id, refused.value.field) == (nina.pk, "email")
    assert MatchKey.objects.get().contact == nina


@pytest.mark.django_db
def test_a_weak_key_stays_with_who_had_it():
    create_strategy(name="Phone", attributes=["phone"])
    nina = a_contact(phone="+49 30 1234567")
    match_keys.claim_for(nina)

    kept = match_keys.claim_for(a_contact(phone="+49301234567", email="b@b.example"))

    assert [kind for kind, _ in kept] == ["email"]
    assert MatchKey.objects.get(kind="phone").contact == nina


@pytest.mark.django_db
def test_a_new_strategy_gives_keys_to_those_who_are_there_the_oldest_first():
    older, younger = a_contact(phone="+49 30 1234567"), a_contact(phone="+49301234567")
    gone = a_contact(phone="+49 30 7654321", deleted_at="2026-01-01T00:00Z")

    create_strategy(name="Phone", attributes=["phone"])

    assert older.match_keys.get().value == "+49301234567"
    assert not younger.match_keys.exists()
    assert not gone.match_keys.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_with_crossing_keys_agree_on_one_owner_without_deadlock():
    wanted = [(kind, f"value {number}") for kind in ("email", "phone") for number in range(20)]

    def writer(turn: int) -> Callable[[], object]:
        def write() -> dict[tuple[str, str], int]:
            with transaction.atomic():
                [contact_id] = match_keys.allocate_contact_ids(1)
                shuffled = wanted[turn:] + wanted[:turn]
                owners = match_keys.claim([(kind, value, contact_id) for kind, value in shuffled])
                Contact.objects.create(pk=contact_id)
                return owners

        return write

    for _ in range(3):
        results = at_once(*(writer(turn) for turn in range(8)))
        assert all(result == results[0] for result in results), results
        assert len(set(results[0].values())) == 1  # type: ignore[attr-defined]
        MatchKey.objects.all().delete()


@pytest.mark.django_db
def test_keys_that_were_free_a_moment_ago_are_claimed_together_or_none_of_them():
    first, second = a_contact(email=""), a_contact(email="")
    odd = ("name", 'N\n"ina", \\.')

    assert match_keys.claim_free([("email", "a@x.example", first.pk), (*odd, first.pk)])
    assert not match_keys.claim_free([("email", "a@x.example", second.pk), ("email", "b@x.example", second.pk)])

    assert match_keys.owners_of([odd]) == {odd: first.pk}, "as it was, line break and all"
    assert MatchKey.objects.filter(contact__in=[first, second]).count() == 2

    twice = [("email", "c@x.example", first.pk), ("email", "c@x.example", second.pk)]
    assert not match_keys.claim_free(twice), "one of them would have gone without, unheard"
    assert MatchKey.objects.filter(contact__in=[first, second]).count() == 2
