"""Taking up what waits in the change queue: of one subject in a row, or of many in the lane of imports."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from contacts.models import Change
from contacts.waiting import TOGETHER, are_fresh, claim_changes
from tests.build import a_lead
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def note(*ids: int, bulk: bool = False) -> None:
    """As the triggers do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('leadcrm.bulk', %s, true)", ["on" if bulk else ""])
        cursor.execute("SELECT contacts_note_changes('lead', %s)", [list(ids)])
        cursor.execute("SELECT set_config('leadcrm.bulk', '', true)")


def test_what_an_import_changes_at_once_waits_in_rows_of_two_hundred_and_is_taken_up_whole():
    ids = range(1, 2 * TOGETHER + 51)
    note(*ids, *ids, bulk=True)

    rows = Change.objects.filter(consumer="scoring").order_by("id")
    assert [1 + len(row.more_ids or ()) for row in rows] == [TOGETHER, TOGETHER, 50]
    assert not are_fresh()

    first = claim_changes("scoring", bulk=True, most=2 * TOGETHER)
    rest = claim_changes("scoring", bulk=True, most=2 * TOGETHER)

    assert first == {"contact": set(), "account": set(), "lead": set(range(1, 2 * TOGETHER + 1))}
    assert rest["lead"] == set(range(2 * TOGETHER + 1, 2 * TOGETHER + 51))
    assert claim_changes("scoring", bulk=True, most=TOGETHER) == {}


def test_of_one_lead_an_import_tells_as_anybody_does_and_both_lanes_are_apart():
    note(7, bulk=True)
    note(8, 9)

    assert set(Change.objects.filter(consumer="scoring").values_list("subject_id", "more_ids", "bulk")) == {
        (7, None, True),
        (8, None, False),
        (9, None, False),
    }
    assert are_fresh()
    assert claim_changes("scoring", bulk=False, most=1)["lead"] == {8}, "the oldest first"
    assert claim_changes("scoring", bulk=False, most=9)["lead"] == {9}
    assert claim_changes("scoring", bulk=True, most=9)["lead"] == {7}


def test_rows_of_many_and_rows_of_one_wait_in_one_line_and_the_oldest_comes_first():
    many = set(range(100, 100 + TOGETHER))
    for one in (1, 2):
        note(one, bulk=True)
    note(*many, bulk=True)
    note(3, bulk=True)

    taken = [claim_changes("scoring", bulk=True, most=TOGETHER)["lead"] for _ in range(3)]

    assert taken == [{1, 2}, many, {3}]
    assert claim_changes("scoring", bulk=True, most=TOGETHER) == {}


def test_nothing_waits_for_a_consumer_that_is_not_told():
    a_lead()

    assert claim_changes("nobody", bulk=False, most=9) == {}


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_has_taken_up_is_passed_by_and_waits_again_if_that_fails():
    Change.objects.all().delete()
    with transaction.atomic():
        note(1, 2)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        taken = claim_changes("scoring", bulk=False, most=1)
        [others] = at_once(lambda: claim_changes("scoring", bulk=False, most=9))
        raise ZeroDivisionError

    assert (taken, others) == tuple({"contact": set(), "account": set(), "lead": {one}} for one in (1, 2))
    assert claim_changes("scoring", bulk=False, most=9)["lead"] == {1}
