"""Leads are contacted, closed for a reason, opened again and recycled; what is closed stays as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from contacts.models import Interaction, OutboxEvent, Role, User
from leads.errors import ChangedHands, InvalidValues, LeadIsClosed, ReadinessRefused, RecordGone
from leads.models import Lead, LeadEvent, LeadMatchKey, LeadSource, StageChange, Status
from leads.services.closing import assign, close, close_leads, reopen, take
from leads.services.contacted import mark_contacted
from leads.services.moves import move_leads
from leads.services.readiness import mark_sales_ready, return_to_marketing
from leads.services.records import NewLead, open_leads, update_lead
from leads.stages import Stage
from tests.build import (
    a_campaign,
    a_closed_lead,
    a_contact,
    a_context,
    a_lead,
    a_product,
    a_reason,
    a_recycle_reason,
    a_user,
)

pytestmark = pytest.mark.django_db


def stored(lead: Lead) -> Lead:
    found: Lead = Lead.objects.get(pk=lead.pk)
    return found


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_contacted_is_said_once_of_leads_that_are_new_and_open() -> None:
    sam, new, closed = a_user(), a_lead(), a_closed_lead()

    assert mark_contacted([new.pk, closed.pk], by=sam) == [new.pk]
    assert mark_contacted([new.pk], by=sam) == []

    assert stored(new).status_words == "Contacted"
    assert stored(closed).status_words == "Lost"
    assert LeadEvent.objects.get(kind="contacted").lead == new


@pytest.mark.parametrize(("type", "words"), [("call", "Contacted"), ("note", "New")])
def test_what_is_logged_by_hand_contacts_the_leads_that_were_there(type: str, words: str) -> None:
    nina = a_contact()
    lead, later = a_lead(nina), a_lead(nina, created_at=timezone.now() + timedelta(hours=1))

    signed_in(a_user(Role.MARKETER)).post(f"/contacts/{nina.pk}/log/", {"type": type, "subject": "Fleet"})

    assert Interaction.objects.get().type == type
    assert (stored(lead).status_words, stored(later).status_words) == (words, "New")


def test_closing_many_says_which_stay_and_why() -> None:
    sam, nina, context = a_user(), a_contact(), a_context()
    [first] = open_leads([NewLead("Fleet", contact_id=nina.pk, marketing_context=context)])
    others, closed, gone = a_lead(owner=a_user(username="otto")), a_closed_lead(), a_lead(deleted_at=timezone.now())

    outcome = close_leads(
        [closed.pk, first.pk, gone.pk, others.pk, 999_999],
        by=sam,
        status="disqualified",
        reason=a_reason("Cannot contact"),
        note="Left",
        may=lambda lead: lead.owner is None,
    )

    assert outcome.done == [first.pk]
    assert {pk: type(error) for pk, error in outcome.refused.items()} == {
        closed.pk: LeadIsClosed,
        gone.pk: RecordGone,
        others.pk: ChangedHands,
        999_999: RecordGone,
    }
    assert (stored(first).status_words, stored(first).close_reason) == ("Cannot contact", "Left")
    assert LeadEvent.objects.get(lead=first, kind="disqualified").detail == "Cannot contact: Left"
    assert not LeadMatchKey.objects.exists()
    assert OutboxEvent.objects.filter(kind="lead.closed", payload__lead_id=first.pk).count() == 1


def test_closing_many_costs_as_many_statements_as_closing_one(django_assert_num_queries: Any) -> None:
    sam, reason = a_user(), a_reason()
    for number in (1, 30):
        leads = [a_lead().pk for _ in range(number)]
        with django_assert_num_queries(10):
            close_leads(leads, by=sam, status="disqualified", reason=reason)


def test_a_reason_is_of_its_status_not_archived_and_may_want_a_note() -> None:
    lead, sam, lost = a_lead(), a_user(), a_reason("Lost")
    with pytest.raises(InvalidValues):
        close(lead.pk, by=sam, status="qualified", reason=lost)

    lost.note_required = True
    lost.save()
    with pytest.raises(InvalidValues):
        close(lead.pk, by=sam, status="disqualified", reason=lost, note=" ")

    lost.archived = True
    lost.save()
    with pytest.raises(InvalidValues):
        close(lead.pk, by=sam, status="disqualified", reason=lost, note="Price")
    assert stored(lead).is_open


def test_an_archived_reason_is_not_offered_and_stays_on_old_leads() -> None:
    boss, old, lead = a_user(Role.SALES_MANAGER), a_closed_lead(), a_lead()
    lost = a_reason("Lost")
    lost.archived = True
    lost.save()

    page = signed_in(boss).get(f"/leads/{lead.pk}/close/").content.decode()
    answer = signed_in(boss).post(f"/leads/{lead.pk}/close/", {"reason": lost.pk})

    assert "Disqualified: Cannot contact" in page
    assert "Disqualified: Lost" not in page
    assert answer.status_code == 422
    assert stored(old).status_words == "Lost"


def test_a_lead_opens_again_as_it_was_or_as_one_says_with_its_history() -> None:
    sam, lead = a_user(), a_lead()
    mark_contacted([lead.pk], by=sam)
    close(lead.pk, by=sam, status="disqualified", reason=a_reason("Lost"))

    assert reopen(lead.pk, by=sam, reason="Called back").status_words == "Contacted"

    close(lead.pk, by=sam, status="qualified")
    with pytest.raises(InvalidValues):
        reopen(lead.pk, by=sam, reason="By mistake", to=a_reason("Lost"))
    assert reopen(lead.pk, by=sam, reason="By mistake", to=a_reason("New")).status_words == "New"
    kinds = LeadEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["contacted", "disqualified", "reopened", "qualified", "reopened"]


@pytest.mark.parametrize(
    "write",
    [
        lambda lead, user: update_lead(lead.pk, version=lead.version, changes={"topic": "Other"}, by=user),
        lambda lead, user: take(lead.pk, by=user),
        lambda lead, user: return_to_marketing(lead.pk, by=user, reason=a_recycle_reason()),
        lambda lead, user: close(lead.pk, by=user, status="qualified"),
    ],
)
def test_every_service_says_that_a_closed_lead_is_closed(write: Any) -> None:
    lead, user = a_closed_lead(), a_user()

    with pytest.raises(LeadIsClosed):
        write(lead, user)


def test_many_at_once_and_automation_leave_closed_leads_alone() -> None:
    lead, user = a_closed_lead(), a_user()
    before = Lead.objects.values().get(pk=lead.pk)

    assert assign([lead.pk], to=user, by=user) == []
    assert mark_sales_ready([lead.pk], cause="sales_ready_score", detail="60 points") == []
    assert move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, cause="first_score") == []

    assert Lead.objects.values().get(pk=lead.pk) == before
    assert not StageChange.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"topic": "Other"},
        {"stage": Stage.SALES_ACCEPTANCE},
        {"status": Status.QUALIFIED},
        {"custom": {"budget": 5}},
        {"estimated_value": 5000},
        {"close_reason": "Rewritten"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_database_lets_nobody_write_on_a_closed_lead(values: dict[str, Any]) -> None:
    lead = a_closed_lead()

    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(**values)


def test_what_a_closed_lead_points_to_may_go() -> None:
    sam, product = a_user(), a_product()
    lead = a_closed_lead(owner=sam, product=product)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(owner=a_user())

    sam.delete()
    product.delete()

    assert (stored(lead).owner, stored(lead).product) == (None, None)


@pytest.mark.parametrize("where", ["edit/", "stage/teleprospecting_qualification/"])
def test_editing_a_closed_lead_leads_back_and_says_to_reopen_it(where: str) -> None:
    boss, lead = a_user(Role.SALES_MANAGER), a_closed_lead()
    client = signed_in(boss)

    asked = client.get(f"/leads/{lead.pk}/{where}", follow=True)
    posted = client.post(f"/leads/{lead.pk}/{where}", {"topic": "What I typed", "description": "What I typed"})

    assert asked.redirect_chain == [(f"/leads/{lead.pk}/", 302)]
    assert "This lead is closed. Reopen it first." in asked.content.decode()
    assert "This lead is closed. Reopen it first." in posted.content.decode()
    assert "What I typed" in posted.content.decode()
    assert stored(lead).topic == lead.topic


def test_in_the_admin_a_closed_lead_is_looked_at_and_its_page_named() -> None:
    lead, client = a_closed_lead(), signed_in(a_user(Role.ADMINISTRATOR))

    page = client.get(f"/admin/leads/lead/{lead.pk}/change/").content.decode()
    answer = client.post(f"/admin/leads/lead/{lead.pk}/change/", {"topic": "Other"})

    assert "This lead is closed. Reopen it first." in page
    assert 'name="topic"' not in page
    assert answer.status_code == 403


def test_what_a_lead_began_with_stays_whoever_writes() -> None:
    first, other = a_context("First"), a_context("Other")
    [lead] = open_leads([NewLead("Fleet", contact_id=a_contact().pk, marketing_context=first)])

    for context in (other, None):
        with pytest.raises(IntegrityError, match="first touch"), transaction.atomic():
            Lead.objects.filter(pk=lead.pk).update(marketing_context=context)
    update_lead(lead.pk, version=1, changes={"campaign_id": a_campaign().pk})

    assert stored(lead).marketing_context == first


def test_returning_is_counted_with_its_reason_and_keeps_what_sales_is_not_asked() -> None:
    theo = a_user(Role.TELEPROSPECTOR)
    lead = a_lead(
        stage=Stage.TELEPROSPECTING_QUALIFICATION,
        owner=theo,
        teleprospecting_ready=True,
        teleprospecting_accepted=True,
    )

    return_to_marketing(lead.pk, by=theo, reason=a_recycle_reason("No budget"), note="Next year")

    now = stored(lead)
    assert (now.stage, now.owner, now.ready_hold) == (Stage.MARKETING_QUALIFICATION, None, False)
    assert (now.recycled_count, str(now.recycle_reason), now.teleprospecting_ready) == (1, "No budget", False)
    with pytest.raises(ReadinessRefused):
        return_to_marketing(lead.pk, by=theo, reason=a_recycle_reason())
    with pytest.raises(InvalidValues):
        return_to_marketing(lead.pk, by=theo, reason=a_recycle_reason("Other"))


def test_a_source_that_leads_have_is_not_deleted() -> None:
    source = LeadSource.objects.create(name="Roadshow")
    a_lead(source=source)

    with pytest.raises(IntegrityError), transaction.atomic():
        source.delete()
