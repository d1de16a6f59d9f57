"""Contacts that may be one person are found in the background, and people say whether they are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from contacts.likeness.search import look_at_chunk, look_on
from contacts.likeness.weights import MOST_OF_ONE, WEIGHTS
from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Contact, DuplicatePair, DuplicateSearch, Likeness, Role
from contacts.services.contacts import create_contact, delete_contacts, update_contact
from tests.build import a_contact, a_user, an_account

pytestmark = pytest.mark.django_db


def settled() -> None:
    """As if all contacts were written a moment ago, by transactions that have ended."""
    Contact.objects.update(updated_at=timezone.now() - timedelta(minutes=1))


def looked() -> list[DuplicatePair]:
    settled()
    DuplicateSearch.objects.all().delete()
    look_on()
    return list(DuplicatePair.objects.filter(dismissed_at=None).order_by("-likeness", "pk"))


PHONE = {"phone": "+49 30 1", "phone_e164": "+493012345"}


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"city": "Kiel"}, {"city": "KIEL"}, ["name", "city"]),
        ({**PHONE}, {**PHONE, "first_name": "N."}, ["phone", "similar_name"]),
        ({**PHONE}, {**PHONE, "first_name": "Lind", "last_name": "Nina"}, ["phone", "swapped"]),
        ({"email": "nina.lind+x@gmail.com"}, {"email": "ninalind@web.de"}, ["name", "mailbox"]),
        ({"email": "nina@x.example"}, {"email": "lind@x.example"}, ["name", "domain"]),
        ({"email": "nina@gmail.com"}, {"email": "lind@gmail.com"}, []),
        ({}, {}, []),
        ({**PHONE, "city": "Kiel"}, {**PHONE, "city": "Kiel", "first_name": "Otto", "last_name": "Berg"}, []),
    ],
)
def test_two_reasons_make_a_pair_and_one_of_them_is_about_the_person(
    one: dict[str, Any], other: dict[str, Any], reasons: list[str]
):
    a_contact(**one)
    a_contact(**{"first_name": "Nina", "last_name": "Lind", **other})

    found = looked()

    assert [pair.reasons for pair in found] == ([reasons] if reasons else [])
    assert [pair.likeness for pair in found] == [sum(WEIGHTS[Likeness(one)] for one in reasons)] * len(found)


def test_names_that_look_alike_are_compared_within_an_account():
    nordwind = an_account()
    anna, ana = a_contact("Anna", "Müller", account=nordwind), a_contact("Anna", "Müler", account=nordwind)
    a_contact("Anna", "Müler", account=an_account("Other"))
    a_contact("Otto", "Berg", account=nordwind)

    assert [(pair.first, pair.second, pair.reasons) for pair in looked()] == [(anna, ana, ["similar_name", "account"])]


def test_a_name_that_too_many_share_says_nothing():
    for _ in range(MOST_OF_ONE + 1):
        a_contact("John", "Smith", city="London")

    assert looked() == []


def test_only_what_was_changed_is_looked_at_again_and_what_is_alike_no_more_goes():
    nina, twin = create_contact(first_name="Nina", last_name="Lind", city="Kiel"), a_contact(city="Kiel")
    assert len(looked()) == 1
    assert look_at_chunk() == 0
    update_contact(nina.pk, version=nina.version, changes={"last_name": "Berg"})
    # After both were looked at, and before whatever else, such as an autovacuum, is under way in this database.
    Contact.objects.filter(pk=nina.pk).update(updated_at=timezone.now() - timedelta(seconds=30))

    assert look_at_chunk() == 1

    assert not DuplicatePair.objects.exists()
    delete_contacts([twin.pk], by=None)


def test_the_search_costs_the_same_number_of_queries_however_many_there_are(django_assert_max_num_queries: Any):
    for number in range(30):
        a_contact("Nina", f"Lind {number // 2}", city="Kiel")
    settled()

    with django_assert_max_num_queries(12):
        look_at_chunk()
    assert DuplicatePair.objects.count() == 15


@pytest.fixture
def rita(client: Client) -> Client:
    client.force_login(a_user(Role.SALES_MANAGER, first_name="Rita", last_name="Roth"))
    return client


def test_a_pair_that_is_said_not_to_be_the_same_is_not_asked_about_again(rita: Client):
    nina, twin = a_contact(city="Kiel"), a_contact(city="Kiel")
    [pair] = looked()
    page = reverse("contacts:duplicates")
    shown = rita.get(page).content.decode()
    assert "Same name" in shown and f"{reverse('contacts:merge', args=[nina.pk])}?with={twin.pk}" in shown
    assert "Perhaps the same" in rita.get(reverse("contacts:detail", args=[twin.pk])).content.decode()

    said = rita.post(reverse("contacts:not_the_same", args=[pair.pk]), follow=True).content.decode()

    assert "are not the same" in said and "No two contacts look like one" in said
    assert looked() == []
    assert "Rita Roth" in rita.get(page, {"show": "not-the-same"}).content.decode()
    mona = Client()
    mona.force_login(a_user(Role.SALES_MANAGER))
    again = mona.post(reverse("contacts:not_the_same", args=[pair.pk]), follow=True).content.decode()
    assert "Rita Roth has said so already" in again

    rita.post(reverse("contacts:ask_again", args=[pair.pk]))
    assert DuplicatePair.objects.get().dismissed_at is None


def test_a_merged_pair_leaves_the_queue_and_what_was_dismissed_of_either_stays_so(rita: Client):
    nina, twin, third = (a_contact(city="Kiel") for _ in range(3))
    assert len(looked()) == 3
    DuplicatePair.objects.filter(first=twin, second=third).update(dismissed_at=timezone.now())
    DuplicatePair.objects.filter(first=nina, second=third).delete()

    merge = merge_contacts(nina.pk, twin.pk, take=[], by=None)

    assert looked() == []
    assert "Compare" not in rita.get(reverse("contacts:duplicates")).content.decode()
    undo_merge(merge.pk, by=None)
    assert [(pair.first, pair.second) for pair in looked()] == [(nina, twin)]


def test_pairs_with_somebody_kept_for_marketing_are_for_marketing(rita: Client):
    a_contact(city="Kiel", marketing_only=True)
    a_contact(city="Kiel")
    [pair] = looked()

    assert "Compare" not in rita.get(reverse("contacts:duplicates")).content.decode()
    assert rita.post(reverse("contacts:not_the_same", args=[pair.pk])).status_code == 404
    rita.force_login(a_user(Role.MARKETER))
    assert "Compare" in rita.get(reverse("contacts:duplicates")).content.decode()


def test_the_number_of_a_pair_says_what_it_is(rita: Client):
    a_contact(city="Kiel"), a_contact(city="Kiel")
    [pair] = looked()

    page = strip_tags(rita.get(reverse("contacts:duplicates")).content.decode())

    assert f"Likeness {pair.likeness} of 100" in page
