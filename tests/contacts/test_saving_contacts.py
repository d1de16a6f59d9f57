"""Contacts are made, edited, deleted and restored, and their identities with them."""

from __future__ import annotations

import pytest

from contacts.errors import CannotRestore, ChangedMeanwhile, DuplicateContact, InvalidValues, RecordGone, UnknownField
from contacts.models import Contact, CustomFieldType, Entity, MatchKey
from contacts.services.contacts import create_contact, delete_contacts, restore_contact, update_contact
from contacts.services.strategies import create_strategy
from tests.build import a_custom_field, a_user, an_account
from tests.threads import at_once


def stored(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


@pytest.mark.django_db
def test_a_new_contact_is_stored_as_it_is_compared_and_owns_its_keys():
    a_custom_field("size", Entity.CONTACT, CustomFieldType.NUMBER)

    nina = create_contact(first_name=" Nina ", email="Nina@Example.COM", phone="(202) 555-0143", custom={"size": "12"})

    assert (nina.first_name, nina.email, nina.version) == ("Nina", "nina@example.com", 1)
    assert (nina.phone, nina.phone_e164) == ("(202) 555-0143", "+12025550143")
    assert nina.custom == {"size": 12}
    assert list(nina.match_keys.values_list("kind", "value")) == [("email", "nina@example.com")]


@pytest.mark.django_db
def test_a_second_contact_of_the_same_email_is_refused_and_the_first_is_named():
    nina = create_contact(email="nina@example.com")

    with pytest.raises(DuplicateContact) as refused:
        create_contact(email="NINA@example.com", first_name="Other")

    assert (refused.value.contact_id, refused.value.field) == (nina.pk, "email")
    assert Contact.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "nina at example"}, "email"),
        ({"role": "king"}, "role"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"account_id": 10**9}, "account"),
        ({"custom": {"shoe": "42"}}, "custom.shoe"),
    ],
)
def test_values_that_cannot_be_stored_are_refused_by_name(values, field):
    with pytest.raises(InvalidValues) as refused:
        create_contact(**values)

    assert list(refused.value.errors) == [field]
    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_only_fields_that_people_edit_can_be_set():
    with pytest.raises(UnknownField, match="consent_level"):
        create_contact(consent_level=5)


@pytest.mark.django_db
def test_an_edit_saves_only_what_was_edited_and_counts_the_version():
    nina = create_contact(first_name="Nina", city="Oslo")
    Contact.objects.filter(pk=nina.pk).update(consent_level=4)

    update_contact(nina.pk, version=1, changes={"city": "Bergen"})

    now = stored(nina)
    assert (now.first_name, now.city, now.consent_level, now.version) == ("Nina", "Bergen", 4, 2)
    assert now.updated_at > nina.updated_at


@pytest.mark.django_db
def test_an_edit_that_changes_nothing_saves_nothing():
    nina = create_contact(first_name="Nina")

    update_contact(nina.pk, version=1, changes={"first_name": " Nina "})

    assert stored(nina).version == 1


@pytest.mark.django_db
def test_an_edit_of_an_older_version_is_told_and_saves_nothing():
    nina = create_contact(first_name="Nina", email="nina@example.com")
    update_contact(nina.pk, version=1, changes={"city": "Oslo"})

    with pytest.raises(ChangedMeanwhile) as told:
        update_contact(nina.pk, version=1, changes={"email": "other@example.com"})

    assert (told.value.seen, told.value.current) == (1, 2)
    assert stored(nina).email == "nina@example.com"
    assert [key.value for key in MatchKey.objects.all()] == ["nina@example.com"]


@pytest.mark.django_db
def test_a_new_email_gives_the_old_one_free():
    nina = create_contact(email="nina@example.com")

    update_contact(nina.pk, version=1, changes={"email": "lind@example.com"})
    other = create_contact(email="nina@example.com")

    assert nina.match_keys.get().value == "lind@example.com"
    assert other.match_keys.get().value == "nina@example.com"


@pytest.mark.django_db
def test_an_edit_cannot_take_the_email_of_another():
    nina, ole = create_contact(email="nina@example.com"), create_contact(email="ole@example.com")

    with pytest.raises(DuplicateContact):
        update_contact(ole.pk, version=1, changes={"email": "nina@example.com", "city": "Oslo"})

    assert (stored(ole).email, stored(ole).city) == ("ole@example.com", "")
    assert ole.match_keys.get().value == "ole@example.com"
    assert nina.match_keys.get().value == "nina@example.com"


@pytest.mark.django_db
def test_custom_values_not_named_in_an_edit_stay_and_blank_ones_go():
    a_custom_field("size", Entity.CONTACT)
    a_custom_field("colour", Entity.CONTACT)
    old = a_custom_field("old", Entity.CONTACT)
    nina = create_contact(custom={"size": "M", "colour": "red", "old": "kept"})
    old.archived = True
    old.save()

    update_contact(nina.pk, version=1, changes={"custom": {"colour": ""}})

    assert stored(nina).custom == {"size": "M", "old": "kept"}


@pytest.mark.django_db
def test_deleting_frees_the_identity_and_restoring_takes_it_back():
    anna = a_user()
    create_strategy(name="Phone", attributes=["phone"])
    nina = create_contact(email="nina@example.com", phone="+49301234567")

    assert delete_contacts([nina.pk, 10**9], by=anna) == [nina.pk]
    assert stored(nina).deleted_by == anna
    assert not MatchKey.objects.exists()
    assert delete_contacts([nina.pk], by=anna) == []

    restore_contact(nina.pk, by=anna)
    assert stored(nina).deleted_at is None
    assert nina.match_keys.count() == 2


@pytest.mark.django_db
def test_a_contact_whose_email_was_taken_meanwhile_cannot_come_back():
    nina = create_contact(email="nina@example.com")
    delete_contacts([nina.pk], by=None)
    other = create_contact(email="nina@example.com")

    with pytest.raises(DuplicateContact) as refused:
        restore_contact(nina.pk, by=None)

    assert refused.value.contact_id == other.pk
    assert stored(nina).deleted_at is not None


@pytest.mark.django_db
def test_after_thirty_days_nothing_comes_back():
    nina = create_contact()
    Contact.objects.filter(pk=nina.pk).update(deleted_at="2020-01-01T00:00Z")

    with pytest.raises(CannotRestore):
        restore_contact(nina.pk, by=None)
    with pytest.raises(RecordGone):
        update_contact(nina.pk, version=1, changes={"city": "Oslo"})


@pytest.mark.django_db
def test_a_contact_cannot_join_a_deleted_account():
    account = an_account(deleted_at="2020-01-01T00:00Z")

    with pytest.raises(InvalidValues):
        create_contact(account_id=account.pk)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_create_the_same_person_at_once_one_succeeds():
    results = at_once(*(lambda: create_contact(email="nina@example.com") for _ in range(8)))

    [made] = [result for result in results if isinstance(result, Contact)]
    refused = [result for result in results if isinstance(result, DuplicateContact)]
    assert len(refused) == 7
    assert {error.contact_id for error in refused} == {made.pk}
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_one_version_at_once_one_is_told():
    nina = create_contact(first_name="Nina")

    results = at_once(
        lambda: update_contact(nina.pk, version=1, changes={"city": "Oslo"}),
        lambda: update_contact(nina.pk, version=1, changes={"country": "Norway"}),
    )

    assert sum(isinstance(result, ChangedMeanwhile) for result in results) == 1
    now = stored(nina)
    assert bool(now.city) != bool(now.country)
    assert now.version == 2
