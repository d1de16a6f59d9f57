"""What the rows of an import point to is held by the chunk: nothing points to nothing, and everybody is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from contacts.models import Account, AccountKey, Change, ChangeConsumer, Contact
from forms_intake.imports import companies, holding, import_leads, touches
from forms_intake.imports.errors import Gone
from forms_intake.imports.holding import WRITTEN, may_hold
from forms_intake.models import ImportRun, ImportState
from leads.models import Lead
from tests.build import a_contact, a_user, an_account
from tests.forms_intake.files import HEADER, a_file, a_mapping
from tests.threads import at_once

FOREIGN_KEYS = """
SELECT conrelid::regclass::text, attname, confrelid::regclass::text FROM pg_constraint
JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""
# A superuser who is somebody else for a while: nobody of them may choose whether foreign keys are checked.
ANOTHER = """
DO $$ BEGIN CREATE ROLE tests_plain; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT ALL ON ALL TABLES IN SCHEMA public TO tests_plain;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO tests_plain;
"""


def run(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def pointing_to_nothing() -> list[str]:
    found = []
    for table, column, target in run(FOREIGN_KEYS, list(WRITTEN)):
        astray = run(
            f"SELECT count(*) FROM {table} a WHERE a.{column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {target} b WHERE b.id = a.{column})"
        )
        found += [f"{table}.{column}"] if astray[0][0] else []
    return found


def elsewhere(statement: str, *parameters: Any) -> object:
    """Run by another connection, at once or not at all: what came of it, or the error."""
    return at_once(lambda: (run("SET lock_timeout = '200ms'"), run(statement, *parameters)))[0]


@pytest.fixture
def a_plain_role():
    run(ANOTHER)
    run("SET ROLE tests_plain")
    yield
    run("RESET ROLE")
    run("DROP OWNED BY tests_plain")
    run("DROP ROLE tests_plain")


@pytest.mark.django_db
def test_no_trigger_of_ours_on_new_rows_keeps_an_import_from_holding_what_they_point_to():
    assert may_hold()


@pytest.mark.django_db(transaction=True)
def test_everything_an_import_writes_points_to_something_and_is_heard_of(tmp_path):
    ChangeConsumer.objects.create(name="listener", further=["arrivals", "outcomes", "consents"])
    lines = [f"p{number}@firm{number % 3}.example,F,L,,X-{number},Firm {number % 3}" for number in range(20)]

    import_leads(a_file(tmp_path, HEADER, *lines), a_mapping())

    assert pointing_to_nothing() == []
    told = Change.objects.filter(consumer="listener").values_list("subject", "subject_id")
    assert {pk for subject, pk in told if subject == "contact"} == set(Contact.objects.values_list("pk", flat=True))
    assert {pk for subject, pk in told if subject == "lead"} == set(Lead.objects.values_list("pk", flat=True))
    assert run("SHOW session_replication_role") == [("origin",)], "whoever uses the connection next is checked again"


@pytest.mark.django_db(transaction=True)
def test_without_the_right_to_hold_an_import_does_the_same(tmp_path, a_plain_role):
    assert not may_hold()

    done = import_leads(
        a_file(tmp_path, HEADER, "a@firm.example,A,B,,1,Firm", "b@firm.example,B,C,,2,Firm"), a_mapping()
    )

    assert (done.leads_created, done.errors) == (2, 0)
    assert pointing_to_nothing() == []
    assert Account.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("domain", "address", "outlives"), [("", "a@gmail.com", False), ("firm.example", "a@firm.example", True)]
)
def test_an_account_that_is_deleted_while_its_people_come_in_is_looked_up_again_unless_it_was_held_when_it_was_found(
    tmp_path, monkeypatch, domain, address, outlives
):
    old = Account.objects.create(name="Firm", domain=domain)
    before = holding.hold_accounts

    def hold_accounts(ids, job):
        monkeypatch.setattr(companies, "hold_accounts", before)
        elsewhere("DELETE FROM contacts_account WHERE id = %s", old.pk)
        before(ids, job)

    monkeypatch.setattr(companies, "hold_accounts", hold_accounts)
    done = import_leads(a_file(tmp_path, HEADER, f"{address},A,B,,1,Firm"), a_mapping())

    assert (done.leads_created, done.errors) == (1, 0)
    account = Contact.objects.get().account_id
    assert account is not None
    assert (account == old.pk) == outlives
    assert pointing_to_nothing() == []


@pytest.mark.django_db
def test_held_is_what_was_found_by_its_own_words_not_what_was_known_by_others():
    merged, own = (
        an_account("Lind", domain="lind.example"),
        an_account("Firm", domain="firm.example", external_id="F-1"),
    )
    AccountKey.objects.create(account=merged, kind="domain", value="old.example")
    named = [{"domain": "old.example"}, {"external_id": "F-1"}]

    known = companies.Known(named, hold=True)

    assert (set(known.by_id), known.held) == ({merged.pk, own.pk}, {own.pk})


@pytest.mark.django_db(transaction=True)
def test_what_every_row_points_to_cannot_be_deleted_amid_a_chunk_and_ends_an_import_when_it_was_before(
    tmp_path, monkeypatch
):
    account = Account.objects.create(name="Firm")
    a_user(username="nina")
    mapping = a_mapping(lead={"topic": "Route planning", "owner": "nina"})
    file = a_file(tmp_path, HEADER, "a@firm.example,A,B,,1,Firm")
    before, tried = touches.store, []

    def store(*given):
        tried.append(elsewhere("DELETE FROM contacts_user WHERE username = 'nina'"))
        tried.append(elsewhere("DELETE FROM contacts_account WHERE id = %s", account.pk))
        return before(*given)

    monkeypatch.setattr(touches, "store", store)
    import_leads(file, mapping)

    assert [type(error) for error in tried] == [OperationalError, OperationalError], "they waited for the chunk"
    assert pointing_to_nothing() == []

    Lead.objects.all().delete()
    monkeypatch.setattr(touches, "store", before)
    looking = holding.hold_named

    def hold_named(job):
        elsewhere("DELETE FROM contacts_user WHERE id = %s", job.owner_id)
        looking(job)

    monkeypatch.setattr(holding, "hold_named", hold_named)
    with pytest.raises(Gone, match="user"):
        import_leads(file, mapping)

    assert ImportRun.objects.latest("pk").state == ImportState.FAILED
    assert not Lead.objects.exists()


@pytest.mark.django_db
def test_rows_that_are_copied_from_another_database_are_no_news():
    ChangeConsumer.objects.create(name="listener", further=["arrivals"])
    run("SET LOCAL session_replication_role = 'replica'")

    an_account(), a_contact()

    assert not Change.objects.filter(consumer="listener").exists()
