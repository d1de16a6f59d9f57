"""Keyset paging visits every row once, forwards and backwards, with ties and NULLs."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast, Upper
from django.utils import timezone

from contacts.models import Contact, Role
from leadcrm.lib import facts
from leadcrm.lib.facts import patient_count, settled_count
from leadcrm.lib.paging import ID, Column, Cursor, Sort, page_of, read_cursor
from leads.models import Lead
from leads.stages import ORDER
from tests.build import a_contact, a_lead, a_user

BY_SCORE = Sort("score", "Score", (Column("score", int, nullable=True), ID), descending=True)
BY_NAME = Sort("name", "Name", (Column("last", str, Upper("last_name")), Column("first", str, Upper("first_name")), ID))


def walk(rows, sort, size):
    """The ids of every page going forward, and of every page going back from the last one."""
    forward, page = [], page_of(rows, sort, size=size)
    forward.append([row.pk for row in page.rows])
    while page.next:
        page = page_of(rows, sort, page.next, size=size)
        forward.append([row.pk for row in page.rows])
    back = [[row.pk for row in page.rows]]
    while page.previous:
        page = page_of(rows, sort, page.previous, size=size)
        back.append([row.pk for row in page.rows])
    return forward, back[::-1]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
def test_every_row_comes_once_in_order_with_ties_and_nulls_at_the_end(size):
    contact = a_contact()
    for score in [None, 5, 7, 5, None, 5, -1, None, 7]:
        a_lead(contact, score=score)
    expected = list(Lead.objects.order_by(F("score").desc(nulls_last=True), "-pk").values_list("pk", flat=True))

    forward, back = walk(Lead.objects.all(), BY_SCORE, size)

    assert [pk for page in forward for pk in page] == expected
    assert back[-1] == forward[-1]
    assert {pk for page in back for pk in page} == set(expected)
    assert len(forward[0]) == min(size, 9)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 3, 20])
def test_what_is_sought_kind_by_kind_comes_once_and_in_the_same_order(size):
    sam, contact = a_user(Role.SALESPERSON), a_contact()
    for number, score in enumerate([None, 5, 7, 5, None, 5, -1, None, 7, 3, 3]):
        ready: dict[str, Any] = {"sales_ready": True, "sales_ready_at": timezone.now()} if number % 2 else {}
        a_lead(contact, score=score, owner=sam if number % 3 else None, stage=ORDER[number % 5], **ready)
    seen = Lead.objects.visible_to(sam)
    expected = list(seen.order_by(F("score").desc(nulls_last=True), "-pk").values_list("pk", flat=True))

    forward, back = walk(seen, replace(BY_SCORE, by_kind=True), size)

    assert seen.kinds
    assert [pk for page in forward for pk in page] == expected
    assert len(expected) == 9
    assert {pk for page in back for pk in page} == set(expected)


@pytest.mark.django_db
def test_names_go_up_without_case():
    for name in ["b", "A", "a", "B", "c"]:
        a_contact(first_name="x", last_name=name)

    forward, back = walk(Contact.objects.all(), BY_NAME, 2)

    names = {contact.pk: contact.last_name for contact in Contact.objects.all()}
    assert [names[pk] for page in forward for pk in page] == ["A", "a", "b", "B", "c"]
    assert forward == back


@pytest.mark.django_db
def test_rows_added_meanwhile_shift_nothing():
    for name in "bdfhj":
        a_contact(last_name=name)
    first = page_of(Contact.objects.all(), BY_NAME, size=2)

    a_contact(last_name="a")
    a_contact(last_name="e")
    second = page_of(Contact.objects.all(), BY_NAME, first.next, size=2)

    assert [row.last_name for row in second.rows] == ["e", "f"]


@pytest.mark.django_db
def test_the_count_is_bounded():
    a_contact()

    page = page_of(Contact.objects.all(), BY_NAME)

    assert page.said == "1"
    assert (page.previous, page.next) == ("", "")


@pytest.mark.django_db
def test_a_count_that_takes_too_long_says_what_the_page_shows():
    for _ in range(3):
        a_contact()
    slow = Contact.objects.alias(slept=Cast(Func(Value(0.2), function="pg_sleep"), TextField())).filter(slept="")

    assert str(patient_count(slow, at_least=2, milliseconds=50)) == "2+"
    assert str(patient_count(Contact.objects.all(), at_least=2)) == "3"
    assert str(patient_count(slow, at_least=2, milliseconds=5000)) == "3"


@pytest.mark.django_db
def test_a_count_says_how_far_it_came_when_the_rest_would_take_too_long(monkeypatch):
    monkeypatch.setattr(facts, "SOON", 2)
    Contact.objects.bulk_create([Contact(last_name=name) for name in ("Lind", "Berg", "Holm")])

    assert str(patient_count(Contact.objects.all(), at_least=1, milliseconds=50)) == "2+"
    assert str(patient_count(Contact.objects.all(), at_least=1, milliseconds=3_600_000)) == "3"


@pytest.mark.django_db
def test_a_count_that_took_long_is_said_again_for_some_seconds_and_a_quick_one_is_not(monkeypatch, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counts"}}
    a_contact()

    said = [str(settled_count(Contact.objects.all(), at_least=1))]
    a_contact()
    said.append(str(settled_count(Contact.objects.all(), at_least=1)))
    monkeypatch.setattr(facts, "LONG_MS", 0)
    said.append(str(settled_count(Contact.objects.all(), at_least=1)))
    a_contact()
    said.append(str(settled_count(Contact.objects.all(), at_least=1)))
    cache.clear()
    said.append(str(settled_count(Contact.objects.all(), at_least=1)))

    assert said == ["1", "2", "2", "2", "3"]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "x",
        "////",
        "e30",
        str(Cursor([1])),
        str(Cursor(["1", 2])),
        str(Cursor([1, None])),
        str(Cursor([True, 1])),
        str(Cursor([2**70, 1])),
        "A" * 3000,
    ],
)
def test_a_cursor_that_cannot_be_read_is_the_first_page(words):
    assert read_cursor(words, BY_SCORE.columns) is None


@pytest.mark.parametrize("written", ["[" * 1400, '[false, "\\ud800", "x", 1]', '[false, "x", "\\u0000", 1]'])
def test_a_cursor_nobody_wrote_is_the_first_page(written):
    words = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

    assert read_cursor(words, BY_NAME.columns) is None
