"""Rows inserted as arrays are the rows that bulk_create would have written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError, transaction

from contacts.models import Account, Contact, Interaction, InteractionType
from leadcrm.lib.rows import insert

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
ODD = 'Ann "O\'Neil" \\ {a,b} NULL\n%s 東京'


def test_values_come_back_as_they_went_in() -> None:
    account = Account.objects.create(name="Nordwind")
    insert([Contact(pk=7, first_name=ODD, account=account, custom={"size": 3, "tags": ["a", None]})])

    ann = Contact.objects.get(pk=7)

    assert (ann.first_name, ann.account_id, ann.custom) == (ODD, account.pk, {"size": 3, "tags": ["a", None]})
    assert (ann.last_name, ann.deleted_at, ann.consent_level) == ("", None, 0)
    assert ann.created_at is not None


def test_ids_from_the_database_are_set_in_the_order_given() -> None:
    ann = Contact.objects.create(first_name="Ann")
    made = insert(
        Interaction(contact=ann, type=InteractionType.CALL, subject=f"Call {n}", occurred_at=AT) for n in range(50)
    )

    assert [Interaction.objects.get(pk=one.pk).subject for one in made] == [f"Call {n}" for n in range(50)]
    assert {one.occurred_at for one in Interaction.objects.all()} == {AT}


def test_nothing_is_cut_off_to_fit() -> None:
    with pytest.raises(DataError), transaction.atomic():
        insert([Contact(pk=7, first_name="x" * 1000)])

    assert not Contact.objects.filter(pk=7).exists()


def test_the_database_still_refuses_what_is_taken() -> None:
    insert([Contact(pk=7)])

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Contact(pk=7)])


def test_no_rows_are_no_statement() -> None:
    assert insert(iter(())) == []
