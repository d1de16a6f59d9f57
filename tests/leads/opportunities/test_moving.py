"""Opportunities move by one service: what may follow what, what a stage asks for, and the history each move leaves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.models import OutboxEvent, Role
from leads.errors import InvalidValues, ReasonMissing, RecordGone
from leads.models import LostReason, Notice, Opportunity, OpportunityEvent, PipelineStage
from leads.opportunities.bar import steps
from leads.opportunities.closing import assign_opportunities, lose, reopen, win
from leads.opportunities.errors import (
    OpportunityIsClosed,
    OpportunityIsOpen,
    OpportunityMoveRefused,
    RequirementsMissing,
)
from leads.opportunities.gates import pipeline_settings
from leads.opportunities.moves import move_opportunities
from leads.opportunities.records import delete_opportunities, update_opportunity
from leads.opportunities.stages import PIPELINE, OpportunityStage
from tests.build import a_user, an_opportunity
from tests.threads import at_once

pytestmark = pytest.mark.django_db
KNOWN: dict[str, Any] = {"value": Decimal(1000), "expected_close": date(2027, 1, 31)}


def today() -> date:
    return timezone.localdate()


@pytest.mark.parametrize(("source", "target"), list(product(PIPELINE, PIPELINE)))
def test_every_other_stage_can_be_reached_backwards_with_a_reason(source, target):
    one = an_opportunity(stage=source, **KNOWN)

    if source == target:
        with pytest.raises(OpportunityMoveRefused, match="it is there already"):
            move_opportunities([one.pk], target, by=None)
        return
    if PIPELINE.index(target) < PIPELINE.index(source):
        with pytest.raises(ReasonMissing):
            move_opportunities([one.pk], target, by=None)
    assert move_opportunities([one.pk], target, by=None, reason="They asked again") == [one.pk]

    assert Opportunity.objects.get().stage == target


def test_a_move_leaves_who_when_why_how_long_and_what_it_was_worth():
    sam = a_user(username="sam")
    entered = timezone.now() - timedelta(days=3)
    one = an_opportunity(stage_entered_at=entered, **KNOWN)

    move_opportunities([one.pk], OpportunityStage.DEVELOP, by=sam, reason="A second meeting")

    told = OpportunityEvent.objects.get()
    assert (told.kind, told.from_stage, told.to_stage, told.actor) == ("moved", "qualify", "develop", sam)
    assert (told.detail, told.entered_at, told.value) == ("A second meeting", entered, Decimal(1000))
    assert OutboxEvent.objects.get().kind == "opportunity.moved"
    now = Opportunity.objects.get()
    assert (now.version, now.stage_entered_at) == (2, told.happened_at)
    assert [(step.state, step.lasted and step.lasted.days) for step in steps(now, pipeline_settings())] == [
        ("done", 3),
        ("now", 0),
        ("todo", None),
        ("todo", None),
    ]


def test_a_stage_asks_for_what_it_and_those_before_it_require():
    PipelineStage.objects.filter(stage="develop").update(required=["competitor"])
    one = an_opportunity(value=0)

    with pytest.raises(RequirementsMissing) as refused:
        move_opportunities([one.pk], OpportunityStage.CLOSE, by=None)

    assert [name for name, _ in refused.value.fields] == ["expected_close", "competitor"]  # a value of 0 is said
    assert refused.value.message.endswith("Close: Expected close, Competitor must be known first.")
    assert Opportunity.objects.get().stage == "qualify"


def test_of_many_those_that_cannot_move_stay_without_a_word():
    ready, bare = an_opportunity(**KNOWN), an_opportunity()
    closed = an_opportunity(status="won", stage="close", closed_on=today())

    assert move_opportunities([closed.pk, bare.pk, ready.pk], OpportunityStage.PROPOSE, by=None) == [ready.pk]
    assert OpportunityEvent.objects.count() == 1


def test_what_is_gone_or_closed_says_so_and_by_whom():
    mona, gone = a_user(Role.SALES_MANAGER, first_name="Mona"), an_opportunity()
    delete_opportunities([gone.pk], by=None)
    closed = an_opportunity()
    win(closed.pk, by=mona, revenue=Decimal(5), on=today())

    with pytest.raises(RecordGone):
        move_opportunities([gone.pk], OpportunityStage.DEVELOP, by=None)
    with pytest.raises(OpportunityIsClosed, match="Mona has closed this opportunity as won"):
        move_opportunities([closed.pk], OpportunityStage.DEVELOP, by=None)
    with pytest.raises(OpportunityIsClosed):
        win(closed.pk, by=mona, revenue=Decimal(5), on=today())


def test_won_keeps_what_it_brought_in_and_lost_why_and_to_whom():
    sam = a_user()
    won, lost = an_opportunity(**KNOWN, stage="propose"), an_opportunity(**KNOWN, probability=70)

    win(won.pk, by=sam, revenue=Decimal("900.50"), on=today(), note="Signed")
    lose(lost.pk, by=sam, reason=LostReason.objects.get(name="Price"), on=today(), note="A tenth too dear")

    won.refresh_from_db()
    lost.refresh_from_db()
    assert (won.status, won.stage, won.actual_revenue, won.closed_on) == ("won", "close", Decimal("900.50"), today())
    assert (lost.status, lost.stage, str(lost.lost_reason)) == ("lost", "close", "Price")
    record = won.closes.get()
    assert (record.from_stage, record.note, record.actor) == ("propose", "Signed", sam)
    assert lost.events.get().detail == "Price: A tenth too dear"


@pytest.mark.parametrize("revenue", [Decimal(-1), Decimal(10) ** 14])
def test_a_revenue_that_cannot_be_and_a_day_to_come_are_refused(revenue):
    one = an_opportunity()

    with pytest.raises(InvalidValues):
        win(one.pk, by=None, revenue=revenue, on=today())
    with pytest.raises(InvalidValues):
        win(one.pk, by=None, revenue=Decimal(1), on=today() + timedelta(days=1))

    assert Opportunity.objects.get().is_open


def test_reopened_it_is_where_it_was_closed_from_and_keeps_how():
    one = an_opportunity(**KNOWN, stage="develop")
    win(one.pk, by=None, revenue=Decimal(1), on=today())

    with pytest.raises(ReasonMissing):
        reopen(one.pk, by=None, reason=" ")
    reopen(one.pk, by=None, reason="The order was withdrawn")

    one.refresh_from_db()
    assert (one.status, one.stage, one.closed_on, one.actual_revenue) == ("open", "develop", None, None)
    assert one.closes.count() == 1
    assert [event.kind for event in one.events.order_by("pk")] == ["won", "reopened"]
    with pytest.raises(OpportunityIsOpen):
        reopen(one.pk, by=None, reason="Again")


def test_the_database_knows_no_open_one_with_a_day_of_closing_nor_a_closed_one_elsewhere():
    for wrong in ({"closed_on": today()}, {"status": "won"}, {"status": "lost", "closed_on": today()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            an_opportunity(**wrong)


def test_the_stage_is_protected_from_being_set():
    one = an_opportunity()
    with pytest.raises(AttributeError):
        one.stage = "close"
    one.refresh_from_db()
    with pytest.raises(AttributeError):
        one.stage = "close"


def test_assigned_is_told_and_a_closed_one_stays():
    sam = a_user(first_name="Sam")
    one, closed = an_opportunity(), an_opportunity(status="lost", stage="close", closed_on=today())

    assert assign_opportunities([one.pk, closed.pk], to=sam, by=None) == [one.pk]
    assert assign_opportunities([one.pk], to=sam, by=None) == []

    assert one.events.get().detail == "To Sam"


def told(user):
    return [(one.kind, one.count, one.words) for one in Notice.objects.filter(to=user).order_by("pk")]


def test_who_gets_an_opportunity_and_who_had_it_are_told_once_and_who_did_it_is_not():
    mona, sam, lena = a_user(Role.SALES_MANAGER), a_user(), a_user(first_name="Lena", last_name="Hof")
    several = [an_opportunity(f"Number {number}", owner=sam) for number in range(4)]

    assign_opportunities([one.pk for one in several], to=lena, by=mona)

    some = "Number 0; Number 1; Number 2; and 1 more"
    assert told(sam) == [("opportunity", 4, f"Now with Lena Hof: {some}")]
    assert told(lena) == [("opportunity", 4, f"Yours now: {some}")]
    update_opportunity(several[0].pk, version=2, changes={"owner_id": None}, by=mona)
    assert told(lena)[1:] == [("opportunity", 1, "Now with nobody: Number 0")]
    assert told(mona) == []


def test_an_opportunity_that_is_won_or_lost_is_told_to_its_owner_and_the_managers(client):
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    first, second = an_opportunity("North", owner=sam), an_opportunity("South", owner=sam)

    win(first.pk, by=sam, revenue=Decimal(900), on=today())
    lose(second.pk, by=mona, reason=LostReason.objects.get(name="Price"), on=today())

    assert (told(mona), told(sam)) == ([("opportunity", 1, "Won: North")], [("opportunity", 1, "Lost: South")])
    client.force_login(mona)
    opened = client.get(reverse("leads:notice", args=[Notice.objects.get(to=mona).pk]))
    assert opened.url == reverse("opportunities:detail", args=[first.pk])


@pytest.mark.django_db(transaction=True)
def test_two_people_close_one_at_once_and_the_second_is_told():
    one, sam, mona = an_opportunity(), a_user(first_name="Sam"), a_user(first_name="Mona")
    reason = LostReason.objects.get(name="Price")

    answers = at_once(
        lambda: win(one.pk, by=sam, revenue=Decimal(1), on=today()),
        lambda: lose(one.pk, by=mona, reason=reason, on=today()),
    )

    [refused] = [answer for answer in answers if isinstance(answer, OpportunityIsClosed)]
    one.refresh_from_db()
    assert refused.by == ("Sam" if one.status == "won" else "Mona")
    assert one.closes.count() == 1
