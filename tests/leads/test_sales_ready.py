"""Sales ready: set, cleared, accepted and returned, by score and by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Role
from leads.errors import AlreadyAccepted, AlreadyTaken, LeadIsClosed, ReadinessRefused, ReasonMissing
from leads.models import Cause, Lead, LeadEvent, Notice, NoticeKind, StageChange, Status
from leads.services.closing import assign, take
from leads.services.readiness import accept, clear_sales_ready, mark_sales_ready, return_to_marketing, set_sales_ready
from leads.services.records import update_lead
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_recycle_reason, a_user
from tests.threads import at_once


def a_ready_lead(**more: Any) -> Lead:
    more = {"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True, "sales_ready_at": "2026-01-01T00:00Z", **more}
    return a_lead(**more)


def stored(lead: Lead) -> Lead:
    found: Lead = Lead.objects.get(pk=lead.pk)
    return found


@pytest.mark.django_db
def test_scores_make_leads_sales_ready_and_put_them_in_front_of_sales():
    contact = a_contact()
    new, working = a_lead(contact), a_lead(contact, stage=Stage.TELEPROSPECTING_QUALIFICATION)

    marked = mark_sales_ready([working.pk, new.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand")

    assert marked == [new.pk, working.pk]
    for lead in (stored(new), stored(working)):
        assert lead.sales_ready
        assert lead.sales_ready_at is not None
        assert lead.stage == Stage.SALES_ACCEPTANCE
        assert lead.version == 1
    assert set(LeadEvent.objects.values_list("kind", "detail")) == {("sales_ready", "Demand")}
    assert StageChange.objects.filter(cause=Cause.SALES_READY_BY_SCORE).count() == 2


@pytest.mark.django_db
def test_scores_leave_closed_held_and_ready_leads_alone():
    contact = a_contact()
    left = [
        a_lead(contact, status=Status.QUALIFIED),
        a_lead(contact, ready_hold=True),
        a_ready_lead(contact=contact),
        a_lead(contact, deleted_at="2026-01-01T00:00Z"),
    ]

    assert mark_sales_ready([lead.pk for lead in left], cause=Cause.SALES_READY_BY_SCORE, detail="Demand") == []

    assert not LeadEvent.objects.exists()
    assert not StageChange.objects.exists()
    assert stored(left[2]).sales_ready_at == Lead.objects.get(pk=left[2].pk).sales_ready_at


@pytest.mark.django_db
def test_marking_costs_the_same_for_one_and_for_many(django_assert_num_queries):
    contact = a_contact()
    ids = [a_lead(contact).pk for _ in range(31)]

    for some in (ids[:1], ids[1:]):
        with django_assert_num_queries(18):
            mark_sales_ready(some, cause=Cause.SALES_READY_BY_SCORE, detail="Demand")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "keeps"), [("teleprospector", False), ("marketer", False), ("salesperson", True)])
def test_what_becomes_ready_is_nobodys_where_who_had_it_does_not_sell(role: str, keeps: bool) -> None:
    sam, owner = a_user(), a_user(role)
    lead = a_lead(owner=owner)

    mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand")

    assert stored(lead).owner == (owner if keeps else None)
    told = {(owner.pk, NoticeKind.READY)} if keeps else {(owner.pk, NoticeKind.TAKEN), (sam.pk, NoticeKind.IN_QUEUE)}
    assert set(Notice.objects.values_list("to", "kind")) == told
    details = set(LeadEvent.objects.filter(kind="assigned").values_list("detail", flat=True))
    assert details == (set() if keeps else {"To nobody since it is sales ready"})


@pytest.mark.django_db
def test_an_accepted_lead_that_is_given_to_nobody_waits_for_sales_once_more() -> None:
    anna = a_user()
    given, edited = (a_ready_lead(owner=anna, accepted_at="2026-01-02T00:00Z", accepted_by=anna) for _ in range(2))

    assign([given.pk], to=None, by=anna)
    after = update_lead(edited.pk, version=edited.version, changes={"owner_id": None}, by=anna)

    assert (after.accepted_at, after.accepted_by) == (None, None)
    for lead in (given, edited):
        now = stored(lead)
        assert (now.owner, now.accepted_at, now.accepted_by) == (None, None, None)
        assert now.sales_ready_at is not None and now.sales_ready_at > timezone.now() - timedelta(minutes=1)
    assert Lead.objects.sales_ready().count() == 2
    waits_since = stored(given).sales_ready_at
    assign([given.pk], to=anna, by=anna)
    assign([given.pk], to=None, by=anna)
    assert stored(given).sales_ready_at == waits_since


@pytest.mark.django_db
def test_a_person_sets_sales_ready_with_a_reason_and_ends_a_hold():
    lead, anna = a_lead(ready_hold=True), a_user()

    with pytest.raises(ReasonMissing):
        set_sales_ready(lead.pk, by=anna, reason="")
    set_sales_ready(lead.pk, by=anna, reason="Asked for an offer")

    now = stored(lead)
    assert (now.sales_ready, now.ready_hold, now.stage) == (True, False, Stage.SALES_ACCEPTANCE)
    event = LeadEvent.objects.get()
    assert (event.kind, event.actor, event.detail) == ("sales_ready", anna, "Asked for an offer")
    with pytest.raises(ReadinessRefused):
        set_sales_ready(lead.pk, by=anna, reason="Again")


@pytest.mark.django_db
def test_clearing_holds_the_lead_where_it_is():
    lead = a_ready_lead()

    clear_sales_ready(lead.pk, by=a_user(), reason="A student")

    now = stored(lead)
    assert (now.sales_ready, now.sales_ready_at, now.ready_hold) == (False, None, True)
    assert now.stage == Stage.SALES_ACCEPTANCE
    assert mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_SCORE, detail="Demand") == []


@pytest.mark.django_db
def test_accepting_makes_the_salesperson_the_owner():
    lead, anna = a_ready_lead(), a_user()

    accept(lead.pk, by=anna)

    now = stored(lead)
    assert (now.accepted_by, now.owner) == (anna, anna)
    assert now.accepted_at is not None
    assert now.sales_ready
    assert now.version == 2
    assert LeadEvent.objects.get().kind == LeadEvent.Kind.ACCEPTED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"stage": Stage.SALES_ACCEPTANCE}, ReadinessRefused),
        ({"stage": Stage.INQUIRY, "sales_ready": True}, ReadinessRefused),
        ({"stage": Stage.SALES_ACCEPTANCE, "sales_ready": True, "status": Status.QUALIFIED}, LeadIsClosed),
    ],
)
def test_only_open_sales_ready_leads_in_sales_acceptance_can_be_accepted(more, error):
    lead = a_lead(**more)

    with pytest.raises(error):
        accept(lead.pk, by=a_user())

    assert stored(lead).accepted_at is None
    assert not LeadEvent.objects.exists()


@pytest.mark.django_db
def test_returning_goes_back_to_marketing_and_forgets_the_acceptance():
    lead, anna = a_ready_lead(), a_user()
    accept(lead.pk, by=anna)

    return_to_marketing(lead.pk, by=anna, reason=a_recycle_reason(), note="This year")

    now = stored(lead)
    assert (now.stage, now.sales_ready, now.ready_hold) == (Stage.MARKETING_QUALIFICATION, False, True)
    assert (now.accepted_at, now.accepted_by) == (None, None)
    assert StageChange.objects.get().reason == "No budget: This year"
    assert list(LeadEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["accepted", "returned", "assigned"]


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "keeps"), [(Role.SALESPERSON, False), (Role.TELEPROSPECTOR, True)])
def test_a_returned_lead_is_no_salespersons_but_stays_with_whoever_qualifies_it(role, keeps):
    owner = a_user(role)
    lead = a_ready_lead(owner=owner)

    return_to_marketing(lead.pk, by=a_user(Role.SALES_MANAGER), reason=a_recycle_reason(), note="This year")

    assert stored(lead).owner == (owner if keeps else None)
    told = LeadEvent.objects.order_by("pk").values_list("kind", "detail")
    assert list(told) == [("returned", "No budget: This year")] + ([] if keeps else [("assigned", "To nobody")])


@pytest.mark.django_db(transaction=True)
def test_of_two_salespeople_accepting_at_once_one_wins_and_the_other_learns_who():
    lead, anna, ben = a_ready_lead(), a_user(username="anna"), a_user(username="ben")

    results = at_once(lambda: accept(lead.pk, by=anna), lambda: accept(lead.pk, by=ben))

    [told] = [result for result in results if result is not None]
    assert isinstance(told, AlreadyAccepted)
    winner = stored(lead).accepted_by
    assert told.accepted_by == str(winner)
    assert stored(lead).owner == winner
    assert LeadEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_lead_at_once_one_has_it_and_the_other_is_told_who() -> None:
    people = {person.username: person for person in (a_user(username="ada"), a_user(username="bo"))}
    lead = a_lead()

    answers = at_once(*(lambda by=by: take(lead.pk, by=by) for by in people.values()))

    refused = [answer for answer in answers if isinstance(answer, AlreadyTaken)]
    owner = Lead.objects.get(pk=lead.pk).owner
    assert owner is not None
    assert [error.owner for error in refused] == [owner.username]
    assert answers.count(None) == 1
    assert LeadEvent.objects.filter(lead=lead, kind="assigned").count() == 1
