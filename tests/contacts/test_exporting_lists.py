"""A list as a file: what it shows, for who may export, written down, safe in a spreadsheet and small in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import ListExport, Role, SavedView, User
from leadcrm.lib import turns
from segments.models import Membership
from tests.build import a_contact, a_custom_field, a_lead, a_segment, a_user, an_account

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


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], bool]]:
    """Another session of the database, asked to take (`try`) or give back the turn to send a long file: more than two
    rows here.
    """
    monkeypatch.setattr(turns, "LONG", 2)
    other = connection.copy()
    asks = {"take": "SELECT pg_try_advisory_lock(%s)", "give back": "SELECT pg_advisory_unlock(%s)"}

    def ask(what: str) -> bool:
        with other.cursor() as cursor:
            cursor.execute(asks[what], [turns.SENDING])
            return bool(cursor.fetchone()[0])

    yield ask
    other.close()


def test_long_files_go_one_at_a_time_and_short_ones_at_once(elsewhere: Callable[[str], bool]):
    boss, client = a_user(Role.SALES_MANAGER, "mona", first_name="Mona", last_name="Mann"), Client()
    client.force_login(boss)
    for number in range(3):
        a_contact("Nina", f"Lind {number}")
    a_lead(a_contact("Nina", "Lind 4"))
    ListExport.objects.create(user=boss, entity="lead")
    assert elsewhere("take")

    refused: Any = client.get("/views/contact/export/?q=Lind")
    said = refused.content.decode()
    assert refused.status_code == 503 and refused["Retry-After"] == "60"
    assert "A long file for Mona Mann (leads, since" in said and "try again in a minute" in said
    assert 'href="/views/contact/export/?q=Lind"' in said and "Try again" in said
    assert ListExport.objects.count() == 1
    assert len(file_of(boss, "/views/lead/export/")) == 2

    assert elsewhere("give back")
    sent: Any = client.get("/views/contact/export/?q=Lind")
    assert sent.status_code == 200 and not elsewhere("take")
    assert sent.getvalue().count(b"\n") == 5
    assert elsewhere("take") and elsewhere("give back")
    kept = ListExport.objects.latest("pk")
    assert kept.rows == 4 and kept.finished_at is not None


def test_a_reader_who_goes_away_gives_the_turn_back_and_what_went_out_is_on_record(elsewhere: Callable[[str], bool]):
    boss, client = a_user(Role.SALES_MANAGER), Client()
    client.force_login(boss)
    for number in range(3):
        a_contact("Nina", f"Lind {number}")

    never_read = turns.InTurn(iter(["a line"]))
    assert not elsewhere("take")
    never_read.close()
    assert elsewhere("take") and elsewhere("give back")

    left: Any = client.get("/views/contact/export/")
    next(iter(left.streaming_content))
    assert not elsewhere("take")
    left._iterator.close()  # as the web server does
    assert elsewhere("take")
    kept = ListExport.objects.get()
    assert kept.rows == 3 and kept.finished_at is not None


def test_the_members_of_a_segment_are_a_file_like_any_other(elsewhere: Callable[[str], bool]):
    maria, client = a_user(Role.MARKETER), Client()
    client.force_login(maria)
    people = [a_contact("Nina", f"Lind {number}") for number in range(3)]
    segment = a_segment(kind="static")
    Membership.objects.bulk_create(Membership(segment=segment, contact=one, joined_at=timezone.now()) for one in people)
    where = f"/segments/{segment.pk}/export.csv"
    assert elsewhere("take")

    assert client.get(where).status_code == 503 and not ListExport.objects.exists()
    assert elsewhere("give back")
    assert len(file_of(maria, where)) == 4
    kept = ListExport.objects.get()
    assert (kept.user, kept.entity, kept.query, kept.rows) == (maria, "contact", f"segment={segment.pk}", 3)
