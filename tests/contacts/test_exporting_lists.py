"""A list as a file: what it shows, for who may export, written down, safe in a spreadsheet and small in memory."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import ListExport, Role, SavedView, User
from tests.build import a_contact, a_custom_field, a_lead, a_user, an_account

pytestmark = pytest.mark.django_db


def file_of(user: User, address: str) -> list[list[str]]:
    client = Client()
    client.force_login(user)
    answer: Any = client.get(address)
    assert answer.status_code == 200, answer.content
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_a_file_has_the_columns_and_the_order_of_the_list_and_all_its_rows():
    boss, ben = a_user(Role.SALES_MANAGER), a_user(first_name="Ben", last_name="Berg")
    a_custom_field("fleet", label="Fleet size")
    low = a_lead(a_contact("=HYPERLINK(1)", "Lind"), "Low", score=3, owner=ben, custom={"fleet": 40})
    high = a_lead(None, "High", account=an_account("Nordwind"), score=70)
    none = a_lead(topic="None", rating="hot")
    a_lead(topic="Closed", status="qualified")
    columns = "column=contact&column=score&column=owner&column=custom.fleet"

    rows = file_of(boss, f"/views/lead/export/?{columns}")

    assert rows == [
        ["Id", "Contact", "Score", "Owner", "Fleet size"],
        [str(high.pk), "Nordwind", "70", "", ""],
        [str(low.pk), "'=HYPERLINK(1) Lind", "3", "Ben Berg", "40"],
        [str(none.pk), "Nina Lind", "", "", ""],
    ]
    kept = ListExport.objects.get()
    assert (kept.user, kept.entity, kept.rows, kept.columns) == (
        boss,
        "lead",
        3,
        ["contact", "score", "owner", "custom.fleet"],
    )
    assert kept.finished_at is not None
    assert file_of(boss, "/views/lead/export/?rating=hot")[1:] == file_of(boss, "/views/lead/export/")[3:]


def test_a_file_holds_only_what_the_person_may_see():
    boss = a_user(Role.SALES_MANAGER)
    a_contact("Hidden", marketing_only=True)
    seen = a_contact("Seen")

    assert [row[0] for row in file_of(boss, "/views/contact/export/")[1:]] == [str(seen.pk)]


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.READER])
def test_who_may_not_export_gets_no_file_and_no_button(role: Role):
    client = Client()
    client.force_login(a_user(role))

    assert client.get("/views/lead/export/").status_code == 403
    assert "/export/" not in client.get("/leads/").content.decode()
    assert not ListExport.objects.exists()


def test_a_list_that_cannot_be_met_gives_no_file_of_everything():
    boss = a_user(Role.MARKETER)
    view = SavedView.objects.create(entity="lead", name="Old", owner=boss, query={"colour": ["red"]})
    client = Client()
    client.force_login(boss)

    assert client.get(f"/views/lead/export/?view={view.pk}~&colour=red").status_code == 422
    assert client.get("/views/lead/export/?condition=nonsense(").status_code == 422


def test_reading_a_longer_list_takes_no_more_queries_a_row():
    boss = a_user(Role.SALES_MANAGER)
    counts = []
    for number in (2, 60):
        for _ in range(number):
            a_contact(account=an_account())
        with CaptureQueriesContext(connection) as queries:
            file_of(boss, "/views/contact/export/")
        counts.append(len(queries))

    assert counts[0] == counts[1]
