"""However many leads become ready at once, each goes to one person, and everybody gets the same share."""

from __future__ import annotations

from collections import Counter
from functools import partial
from threading import Event
from time import sleep

import pytest
from django.db import connection, transaction

from contacts.models import User
from leads.assignment import runs
from leads.assignment.turn import take_turn
from leads.assignment.waiting import assign_due
from leads.models import AssignmentDue, AssignmentLog, AssignmentTurn, Lead, LeadEvent, Strategy
from leads.services.readiness import locked_lead, mark_sales_ready
from tests.build import a_lead
from tests.leads.assignment_rules import a_rule_for, who_sells
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def ready(lead_id: int) -> None:
    mark_sales_ready([lead_id], cause="sales_ready_score", detail="")


def assigned_to(people: list[User]) -> list[int]:
    return [Lead.objects.filter(owner=one).count() for one in people]


def test_two_hundred_at_once_are_shared_out_exactly_by_turns() -> None:
    people = who_sells(5)
    a_rule_for(*people)
    ids = [a_lead(topic=f"{number}").pk for number in range(200)]

    for start in range(0, 200, 50):
        failures = [one for one in at_once(*(partial(ready, pk) for pk in ids[start : start + 50])) if one]
        assert failures == []
    while assign_due():  # those that would have waited too long for their turn
        pass

    assert assigned_to(people) == [40] * 5
    assert Counter(AssignmentLog.objects.values_list("lead", flat=True)) == Counter(ids)
    assert LeadEvent.objects.filter(kind="assigned").count() == 200
    assert sorted(AssignmentTurn.objects.values_list("turn", flat=True)) == [196, 197, 198, 199, 200]


def test_nobody_gets_more_than_they_can_take_when_many_come_at_once() -> None:
    people = who_sells(3, capacity=4)
    a_rule_for(*people, strategy=Strategy.LOAD)
    ids = [a_lead(topic=f"{number}").pk for number in range(20)]

    at_once(*(partial(ready, pk) for pk in ids))
    while assign_due():
        pass

    assert assigned_to(people) == [4, 4, 4]
    assert AssignmentDue.objects.count() == 8


def test_who_clicks_while_others_assign_waits_for_nothing_and_the_worker_does_it() -> None:
    ann = who_sells(1)[0]
    a_rule_for(ann)
    lead = a_lead()
    with transaction.atomic():
        take_turn()
        (failure,) = at_once(partial(ready, lead.pk))
        assert failure is None

    lead.refresh_from_db()
    assert (lead.sales_ready, lead.owner) == (True, None)
    assert assign_due() == 1
    lead.refresh_from_db()
    assert lead.owner == ann
    connection.close()


def test_a_run_of_the_rules_comes_by_leads_too_that_somebody_works_on_meanwhile() -> None:
    ann, lead, locked = who_sells(1)[0], a_lead(sales_ready=True), Event()
    a_rule_for(ann)
    runs.start({"whose": "nobody"}, by=ann, preview=False)

    def work_on_it() -> None:
        with transaction.atomic():
            locked_lead(lead.pk)
            locked.set()
            sleep(0.3)

    def run() -> None:
        locked.wait(5)
        runs.advance()

    assert at_once(work_on_it, run) == [None, None]
    lead.refresh_from_db()
    assert lead.owner == ann
