"""Two people never get the same lead, nobody gets none while there are some, and claims come back."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Absence, Role, User
from leads.calling.claims import claim, claim_next, claim_of, hold, release, skip, wait
from leads.calling.recording import Said, record_call
from leads.calling.tidying import tidy
from leads.errors import BeingCalled, ChangedHands, LeadIsClosed
from leads.models import CallClaim, CallLater, Lead
from leads.services.closing import close
from leads.stages import Stage
from tests.build import a_lead, a_reason, a_user
from tests.threads import at_once

CALLED = Stage.TELEPROSPECTING_ACCEPTANCE


def a_caller(**more: Any) -> User:
    return a_user(Role.TELEPROSPECTOR, **more)


def to_call(score: int | None = 50, **more: Any) -> Lead:
    lead = a_lead(stage=more.pop("stage", CALLED), **more)
    Lead.objects.filter(pk=lead.pk).update(score=score)
    return lead


def order_for(user: User) -> list[int]:
    """The ids in the order in which this person gets them, skipping each."""
    found = []
    while (lead_id := claim_next(by=user)) is not None:
        found.append(lead_id)
        skip(lead_id, by=user)
    return found


@pytest.mark.django_db
def test_call_backs_that_are_due_come_first_then_score_then_age():
    theo, now = a_caller(), timezone.now()
    cold, unscored = to_call(10), to_call(None)
    young, old = to_call(80), to_call(80, owner=theo, stage_entered_at=now - timedelta(days=2))
    late, due = to_call(5, stage=Stage.INQUIRY), to_call(1)
    wait(late.pk, why="call_back", due_at=now - timedelta(minutes=1), by=theo)
    wait(due.pk, why="call_back", due_at=now - timedelta(hours=1), by=theo)

    assert order_for(theo) == [one.pk for one in (due, late, old, young, cold, unscored)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "case", ["ahead", "others", "closed", "sales", "early", "no contact", "wrong number", "in hand"]
)
def test_what_is_not_to_be_called_now_is_not_given(case: str):
    theo, otto = a_caller(), a_caller()
    lead = to_call(owner=otto if case == "others" else None)
    change: dict[str, dict[str, Any]] = {
        "closed": {"status": "disqualified"},
        "sales": {"stage": Stage.SALES_ACCEPTANCE},
        "early": {"stage": Stage.MARKETING_QUALIFICATION},
        "no contact": {"contact": None},
    }
    Lead.objects.filter(pk=lead.pk).update(**change.get(case, {"topic": "x"}))
    if case == "ahead":
        wait(lead.pk, why="call_back", due_at=timezone.now() + timedelta(minutes=1), by=otto)
    if case == "wrong number":
        wait(lead.pk, why="wrong_number", due_at=timezone.now() + timedelta(days=9), by=otto, number="")
    if case == "in hand":
        claim(lead.pk, by=otto)

    assert claim_next(by=theo) is None


@pytest.mark.django_db
def test_a_lead_said_to_be_ready_is_called_and_one_with_a_new_number_again():
    theo = a_caller()
    ready = to_call(9, stage=Stage.MARKETING_QUALIFICATION, teleprospecting_ready=True)
    renumbered = to_call(8)
    wait(renumbered.pk, why="wrong_number", due_at=timezone.now() + timedelta(days=9), by=theo, number="+4930123")

    assert order_for(theo) == [ready.pk, renumbered.pk]


@pytest.mark.django_db
def test_the_next_is_the_one_in_hand_until_it_is_given_back():
    theo, otto = a_caller(), a_caller()
    best, second = to_call(90), to_call(10)

    assert [claim_next(by=theo), claim_next(by=theo), claim_next(by=otto)] == [best.pk, best.pk, second.pk]
    assert (release(best.pk, by=otto), release(best.pk, by=theo)) == (False, True)
    assert claim(best.pk, by=otto).lead_id == best.pk
    assert list(CallClaim.objects.values_list("lead", "person")) == [(best.pk, otto.pk)]
    with pytest.raises(BeingCalled, match=str(otto)):
        claim(best.pk, by=theo)
    assert claim_next(by=theo) == second.pk


@pytest.mark.django_db
def test_a_skipped_lead_is_others_at_once_and_comes_back_later():
    theo, otto = a_caller(), a_caller()
    lead = to_call()
    claim_next(by=theo)
    skip(lead.pk, by=theo, reason="Speaks French")

    assert (claim_next(by=theo), claim_next(by=otto)) == (None, lead.pk)
    release(lead.pk, by=otto)
    CallLater.objects.update(due_at=timezone.now())
    assert claim_next(by=theo) == lead.pk


@pytest.mark.django_db
def test_a_claim_runs_out_unless_it_is_held():
    theo, otto = a_caller(), a_caller()
    lead = to_call()
    claim_next(by=theo)
    CallClaim.objects.update(until=timezone.now())
    assert (claim_of(theo), hold(lead.pk, by=theo), claim_next(by=otto)) == (None, True, None)

    CallClaim.objects.update(until=timezone.now())
    assert claim_next(by=otto) == lead.pk
    assert (hold(lead.pk, by=theo), hold(lead.pk, by=otto)) == (False, True)


@pytest.mark.django_db
def test_only_own_open_leads_and_nobodys_are_taken_in_hand():
    theo = a_caller()
    others, closed = to_call(owner=a_caller()), to_call()
    close(closed.pk, by=None, status="disqualified", reason=a_reason(), note="Student")

    with pytest.raises(ChangedHands):
        claim(others.pk, by=theo)
    with pytest.raises(LeadIsClosed):
        claim(closed.pk, by=theo)
    assert not CallClaim.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leads", [60, 30])
def test_fifty_people_who_claim_at_once_get_fifty_leads_or_all_there_are(leads: int):
    callers = [a_caller() for _ in range(50)]
    made = {to_call(number % 7).pk for number in range(leads)}

    got = at_once(*(lambda user=user: claim_next(by=user) for user in callers))

    given = [one for one in got if isinstance(one, int)]
    assert {type(one) for one in got} <= {int, type(None)}, got
    assert len(given) == len(set(given)) == min(50, leads)
    assert set(given) <= made
    assert sorted(CallClaim.objects.values_list("lead", flat=True)) == sorted(given)


@pytest.mark.django_db(transaction=True)
def test_one_person_in_two_windows_gets_one_lead_and_two_persons_never_the_last_one_twice():
    theo = a_caller()
    for number in range(4):
        to_call(number)
    assert len(set(at_once(*[lambda: claim_next(by=theo)] * 6))) == 1

    Lead.objects.exclude(pk=CallClaim.objects.get().lead_id).delete()
    CallClaim.objects.update(until=timezone.now())
    got = at_once(*(lambda user=user: claim_next(by=user) for user in [a_caller() for _ in range(8)]))
    assert sorted(map(bool, got)) == [False] * 7 + [True]


@pytest.mark.django_db(transaction=True)
def test_a_lead_whose_row_is_being_written_is_waited_for():
    theo, lead = a_caller(), to_call()
    got: list[int | None] = []

    def ask() -> None:
        got.append(claim_next(by=theo))
        connection.close()

    asking = threading.Thread(target=ask)
    with transaction.atomic():
        Lead.objects.select_for_update().get(pk=lead.pk)
        asking.start()
        asking.join(0.3)
        assert got == []
        Lead.objects.filter(pk=lead.pk).update(score=51)
    asking.join(10)

    assert got == [lead.pk]


@pytest.mark.django_db
def test_what_was_to_be_called_later_goes_when_it_means_nothing_any_more_and_promises_stay():
    theo, long_ago = a_caller(), timezone.now() - timedelta(days=8)
    promised, closed, tried, fresh = to_call(), to_call(), to_call(), to_call()
    for lead, why in ((promised, "call_back"), (closed, "call_back"), (tried, "try_again")):
        wait(lead.pk, why=why, due_at=long_ago, by=theo)
    wait(fresh.pk, why="try_again", due_at=timezone.now(), by=theo)
    close(closed.pk, by=None, status="disqualified", reason=a_reason())

    assert tidy() == 2
    assert sorted(CallLater.objects.values_list("lead", flat=True)) == [promised.pk, fresh.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(("substitute", "gets"), [("none", "both"), ("nina", "nina"), ("nina, away", "both")])
def test_a_call_back_promised_by_who_is_away_goes_to_the_substitute_or_to_whoever_is_free(substitute, gets):
    theo, nina, raj = a_caller(), a_caller(), a_caller()
    now, today = timezone.now(), timezone.localdate()
    promised, other = to_call(owner=theo), to_call(owner=theo)
    wait(promised.pk, why="call_back", due_at=now - timedelta(minutes=1), by=theo)
    assert (order_for(nina), order_for(raj)) == ([], [])

    named = nina if substitute.startswith("nina") else None
    Absence.objects.create(user=theo, first_day=today, last_day=today + timedelta(days=3), substitute=named)
    if substitute.endswith("away"):
        Absence.objects.create(user=nina, first_day=today, last_day=today + timedelta(days=3))
    assert order_for(nina) == [promised.pk]
    assert order_for(raj) == ([promised.pk] if gets == "both" else [])

    with pytest.raises(ChangedHands):
        claim(other.pk, by=nina)
    CallLater.objects.filter(person__isnull=False).delete()
    claim(promised.pk, by=nina)
    record_call(promised.pk, by=nina, said=Said("voicemail", "key"))
    promised.refresh_from_db()
    assert promised.owner == theo
