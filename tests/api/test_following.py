"""Other systems that ask what changed, again and again, while long transactions go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from leadcrm.lib.api.following import OVERLAP
from tests.api.calling import Api, an_api, problem_of
from tests.build import a_contact, a_lead, an_account, an_opportunity

MAKERS: dict[str, Any] = {
    "/contacts": a_contact,
    "/accounts": an_account,
    "/leads": a_lead,
    "/opportunities": an_opportunity,
}
LONG_AGO = timezone.now() - timedelta(days=2)

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_transaction() -> Iterator[Any]:
    """A cursor of a connection of its own; what it wrote is committed at the end."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
    finally:
        other.close()


def changed_by(cursor: Any, record: Any) -> None:
    """An edit, as services write it in SQL of their own."""
    cursor.execute(f"UPDATE {record._meta.db_table} SET updated_at = now() WHERE id = %s", [record.pk])


def made_long_ago(path: str, count: int) -> list[Any]:
    rows = [MAKERS[path]() for _ in range(count)]
    type(rows[0]).objects.update(updated_at=LONG_AGO)
    return rows


def touched(record: Any, **ago: float) -> None:
    type(record).objects.filter(pk=record.pk).update(updated_at=timezone.now() - timedelta(**ago))


def asked(api: Api, path: str, since: object, **more: Any) -> dict[str, Any]:
    page: dict[str, Any] = api.get(f"{path}?{urlencode({'updated_since': since, **more})}").json()
    return page


def ids_of(page: dict[str, Any]) -> list[int]:
    return [one["id"] for one in page["items"]]


@pytest.mark.parametrize("path", MAKERS)
def test_what_a_long_transaction_changed_is_listed_once_it_is_done(path: str) -> None:
    slow, quick = made_long_ago(path, 2)
    api, since = an_api(), (timezone.now() - timedelta(hours=1)).isoformat()
    with another_transaction() as going_on:
        changed_by(going_on, slow)
        time.sleep(1.2)
        touched(quick)
        time.sleep(1.2)

        meanwhile = asked(api, path, since)

    assert ids_of(meanwhile) == []
    assert ids_of(asked(api, path, meanwhile["next_since"])) == [slow.pk, quick.pk]


def test_a_transaction_that_has_not_written_yet_may_still_do_so() -> None:
    slow, quick = made_long_ago("/contacts", 2)
    api, since = an_api(), (timezone.now() - timedelta(hours=1)).isoformat()
    with another_transaction() as going_on:
        going_on.execute("SELECT now()")
        time.sleep(1.2)
        touched(quick)
        time.sleep(1.2)
        meanwhile = asked(api, "/contacts", since)
        changed_by(going_on, slow)

    assert ids_of(meanwhile) == []
    assert ids_of(asked(api, "/contacts", meanwhile["next_since"])) == [slow.pk, quick.pk]


def test_who_only_ever_asks_with_the_latest_change_they_saw_misses_nothing_either() -> None:
    slow, quick, known = made_long_ago("/contacts", 3)
    touched(known, minutes=5)
    api, since = an_api(), (timezone.now() - timedelta(hours=1)).isoformat()
    with another_transaction() as going_on:
        changed_by(going_on, slow)
        time.sleep(1.2)
        touched(quick)
        time.sleep(1.2)
        latest = asked(api, "/contacts", since)["items"][-1]["updated_at"]

    assert ids_of(asked(api, "/contacts", latest)) == [known.pk, slow.pk, quick.pk]


def test_all_pages_of_a_list_end_where_the_first_did_and_name_the_same_moment() -> None:
    first, second, third = made_long_ago("/leads", 3)
    for lead, minutes in ((first, 3), (second, 2), (third, 1)):
        touched(lead, minutes=minutes)
    api, since = an_api(), (timezone.now() - timedelta(hours=1)).isoformat()

    page = asked(api, "/leads", since, limit=1)
    touched(first)  # changes once more while the list is read
    time.sleep(1.2)
    rest = asked(api, "/leads", since, limit=5, cursor=page["next"])

    assert (ids_of(page), ids_of(rest)) == ([first.pk], [second.pk, third.pk])
    assert (rest["next"], rest["next_since"]) == ("", page["next_since"])
    assert ids_of(asked(api, "/leads", page["next_since"])) == [first.pk]


def test_little_is_listed_twice() -> None:
    old, new = made_long_ago("/accounts", 2)
    touched(old, seconds=OVERLAP.total_seconds() + 5)
    touched(new, seconds=3)
    api = an_api()

    page = asked(api, "/accounts", (timezone.now() - timedelta(hours=1)).isoformat())

    assert ids_of(page) == [old.pk, new.pk]
    assert ids_of(asked(api, "/accounts", page["next_since"])) == [new.pk]


@pytest.mark.parametrize("path", MAKERS)
def test_lists_of_everything_hold_what_is_there_at_once(path: str) -> None:
    record = MAKERS[path]()

    with another_transaction() as going_on:
        going_on.execute("SELECT now()")
        page = an_api().get(path).json()

    assert ids_of(page) == [record.pk]
    assert (page["next"], page["next_since"]) == ("", None)


@pytest.mark.parametrize("path", MAKERS)
def test_a_moment_without_a_time_zone_is_refused(path: str) -> None:
    status, code, fields = problem_of(an_api().get(f"{path}?updated_since=2026-11-28T10:00:00"))

    assert (status, code, list(fields)) == (422, "invalid_values", ["updated_since"])
    assert "timezone" in fields["updated_since"]


def test_a_cursor_of_another_list_is_refused() -> None:
    made_long_ago("/contacts", 3)
    api = an_api()
    of_all = api.get("/contacts?limit=1").json()["next"]
    of_changes = asked(api, "/contacts", LONG_AGO.isoformat(), limit=1)["next"]
    refused = (422, "invalid_values", {"cursor": "This is not a cursor of this list."})

    for words in (of_all, f"{of_changes.partition('.')[0]}", f"{of_changes}x.y", f".{of_changes}", "."):
        answer = api.get(f"/contacts?{urlencode({'updated_since': LONG_AGO.isoformat(), 'cursor': words})}")
        assert problem_of(answer) == refused
    assert problem_of(api.get(f"/contacts?cursor={of_changes}")) == refused
