"""Custom fields marked searchable get an index, and conditions on them use it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Account, Contact, CustomFieldType, Entity
from leads.conditions import Vocabulary, compile_condition, contact_vocabulary, lead_vocabulary, parse
from leads.models import Lead
from leads.searchable import PREFIX, PRESENT, TURN, keep_indexes
from leads.tasks import keep_indexes as the_task
from tests.build import a_contact, a_custom_field, a_lead, an_account
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CASES = [
    (CustomFieldType.TEXT, "Acme 5", [("is", "ACME 5"), ("contains", "cme"), ("is_one_of", ["acme 5", "other"])]),
    (CustomFieldType.NUMBER, 7.5, [("is", 7.5), ("greater", 7), ("between", [7, 8])]),
    (CustomFieldType.DATE, "2026-03-29", [("on", "2026-03-29"), ("after", "2026-03-28"), ("before", "2026-03-30")]),
    (CustomFieldType.CHOICE, "a", [("is", "a"), ("is_one_of", ["a", "b"])]),
    (CustomFieldType.MULTI_CHOICE, ["a", "b"], [("contains_any", ["a"]), ("contains_all", ["a", "b"])]),
    (CustomFieldType.YES_NO, True, [("is", True)]),
]


@pytest.fixture(autouse=True)
def no_index_is_left() -> Any:
    yield
    for name in indexes():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {name}")


def indexes() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(PRESENT, [PREFIX])
        return dict(cursor.fetchall())


def plan_of(model: Any, tree: dict, vocabulary: Vocabulary) -> tuple[str, int]:
    """How PostgreSQL finds the rows when it would rather not read the whole table, and how many there are."""
    rows = model.objects.filter(compile_condition(parse(tree, vocabulary), vocabulary, now=timezone.now()))
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            return rows.explain(), rows.count()
        finally:
            cursor.execute("RESET enable_seqscan")


@pytest.mark.parametrize(("type", "value", "questions"), CASES, ids=[str(case[0]) for case in CASES])
def test_conditions_use_the_index_of_a_searchable_field(type: str, value: Any, questions: list[Any]) -> None:
    choices = ["a", "b"] if "choice" in type else []
    field = a_custom_field("it", Entity.CONTACT, type, choices=choices, searchable=True)
    own = a_custom_field("it", Entity.LEAD, type, choices=choices, searchable=True)
    a_lead(a_contact(custom={"it": value}), custom={"it": value})
    a_lead(a_contact(custom={"it": {"odd": 1}}), custom={"it": None})
    keep_indexes()

    for op, operand in questions:
        of_contact = {"field": "contact.custom.it", "op": op, "value": operand}
        plan, found = plan_of(Contact, of_contact, contact_vocabulary())
        assert f"{PREFIX}{field.pk}" in plan, (op, plan)
        of_lead = {"field": "custom.it", "op": op, "value": operand}
        plan, found_leads = plan_of(Lead, of_lead, lead_vocabulary())
        assert f"{PREFIX}{own.pk}" in plan, (op, plan)
        assert found == found_leads == 1
        assert plan_of(Lead, {"not": of_lead}, lead_vocabulary())[1] == 1


def test_the_index_serves_who_asks_across_records() -> None:
    """Leads by a field of their contact, contacts by one of their account; deleted accounts are none."""
    of_contact = a_custom_field("it", Entity.CONTACT, CustomFieldType.NUMBER, searchable=True)
    of_account = a_custom_field("it", Entity.ACCOUNT, CustomFieldType.NUMBER, searchable=True)
    account, closed = an_account(custom={"it": 7}), an_account(custom={"it": 7}, deleted_at=timezone.now())
    a_lead(a_contact(custom={"it": 7}, account=account))
    a_lead(a_contact(custom={"it": 8}, account=closed))
    a_lead(None, account=account)
    Contact.objects.bulk_create(Contact(first_name="other") for _ in range(2000))
    Account.objects.bulk_create(Account(name="other") for _ in range(500))
    keep_indexes()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact, contacts_account, leads_lead")

    asked = {"field": "contact.custom.it", "op": "is", "value": 7}
    plan, found = plan_of(Lead, asked, lead_vocabulary())
    assert (f"{PREFIX}{of_contact.pk}" in plan, found) == (True, 1), plan
    assert plan_of(Lead, {"not": asked}, lead_vocabulary())[1] == 2
    asked = {"field": "account.custom.it", "op": "greater", "value": 6}
    plan, found = plan_of(Contact, asked, contact_vocabulary())
    assert (f"{PREFIX}{of_account.pk}" in plan, found) == (True, 1), plan
    assert plan_of(Contact, {"not": asked}, contact_vocabulary())[1] == 2001
    assert plan_of(Lead, asked, lead_vocabulary())[1] == 2


def test_the_index_comes_and_goes_with_the_mark() -> None:
    field = a_custom_field("it", Entity.ACCOUNT, CustomFieldType.NUMBER)
    an_account(custom={"it": "n/a"})
    the_task()
    assert indexes() == {}

    field.searchable = True
    field.save()
    the_task()
    the_task()
    assert indexes() == {f"{PREFIX}{field.pk}": True}

    field.delete()
    the_task()
    assert indexes() == {}


def test_an_index_that_was_left_half_built_is_built_anew() -> None:
    field = a_custom_field("it", Entity.LEAD, CustomFieldType.NUMBER, searchable=True)
    keep_indexes()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [f"{PREFIX}{field.pk}"]
        )
    assert indexes() == {f"{PREFIX}{field.pk}": False}

    keep_indexes()

    assert indexes() == {f"{PREFIX}{field.pk}": True}


def test_two_workers_build_an_index_once() -> None:
    for number in range(3):
        a_custom_field(f"it{number}", Entity.LEAD, CustomFieldType.TEXT, searchable=True)

    assert at_once(keep_indexes, keep_indexes) == [None, None]
    keep_indexes()

    assert len(indexes()) == 3
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({TURN}), pg_advisory_unlock({TURN})")
        assert cursor.fetchone() == (True, True)
