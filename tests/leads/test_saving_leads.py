"""Leads are made, edited, assigned, closed, reopened, deleted and restored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contacts.models import CustomFieldType, Entity, MarketingContext
from leads.errors import ChangedMeanwhile, InvalidValues, LeadIsClosed, LeadIsOpen, ReasonMissing, RecordGone
from leads.models import Lead, LeadEvent, LeadMatchKey, Process, Status
from leads.services.closing import assign, close, reopen
from leads.services.deleting import delete_leads, restore_lead
from leads.services.records import NewLead, create_lead, open_leads, update_lead
from leads.stages import Stage
from tests.build import (
    a_campaign,
    a_contact,
    a_context,
    a_custom_field,
    a_lead,
    a_product,
    a_reason,
    a_user,
    an_account,
)
from tests.threads import at_once


def stored(lead: Lead) -> Lead:
    found: Lead = Lead.objects.get(pk=lead.pk)
    return found


@pytest.mark.django_db
def test_leads_open_in_inquiry_with_the_campaign_and_product_of_their_context():
    context = a_context(campaign=a_campaign(), product=a_product())
    nina = a_contact()

    [lead] = open_leads([NewLead("Route planning", contact_id=nina.pk, marketing_context=context)], detail="Form")

    now = stored(lead)
    assert (now.stage, now.status, now.campaign, now.product) == (
        Stage.INQUIRY,
        Status.OPEN,
        context.campaign,
        context.product,
    )
    assert now.process == Process.objects.get(is_default=True)
    assert [(event.kind, event.detail) for event in now.events.all()] == [("created", "Form")]
    assert f"{nina.pk}+{context.pk}" in LeadMatchKey.objects.values_list("value", flat=True)


@pytest.mark.django_db
def test_opening_many_leads_costs_as_many_statements_as_one(django_assert_num_queries):
    context = a_context()

    for number in (1, 200):
        people = [a_contact().pk for _ in range(number)]
        with django_assert_num_queries(9):
            open_leads([NewLead("Many", contact_id=person, marketing_context=context) for person in people])


@pytest.mark.django_db
def test_a_lead_by_hand_needs_a_contact_or_an_account():
    anna = a_user()

    with pytest.raises(InvalidValues):
        create_lead(by=anna, topic="Nobody's")
    with pytest.raises(InvalidValues):
        create_lead(by=anna, topic=" ", contact_id=a_contact().pk)
    lead = create_lead(by=anna, topic="Fleet", account_id=an_account().pk)

    assert str(lead.marketing_context) == "By hand (by hand)"
    assert not LeadMatchKey.objects.exists()


@pytest.mark.django_db
def test_an_edit_saves_what_was_edited_and_nothing_of_the_machine():
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER)
    lead, ben = a_lead(stage=Stage.SALES_ACCEPTANCE), a_user(username="ben")

    update_lead(lead.pk, version=1, changes={"topic": "Fleet", "owner_id": ben.pk, "custom": {"budget": "9"}})

    now = stored(lead)
    assert (now.topic, now.owner, now.custom, now.version) == ("Fleet", ben, {"budget": 9}, 2)
    assert now.stage == Stage.SALES_ACCEPTANCE
    assert LeadEvent.objects.get().detail == "To ben"
    with pytest.raises(ChangedMeanwhile):
        update_lead(lead.pk, version=1, changes={"topic": "Other"})


@pytest.mark.django_db
def test_a_changed_product_changes_the_keys():
    nina, old, new = a_contact(), a_product(), a_product()
    [lead] = open_leads([NewLead("Fleet", contact_id=nina.pk, product_id=old.pk)])

    update_lead(lead.pk, version=1, changes={"product_id": new.pk})

    assert [key.value for key in LeadMatchKey.objects.all()] == [f"{nina.pk}+{new.pk}"]


@pytest.mark.django_db
def test_assigning_tells_only_of_leads_that_changed_hands():
    anna, ben, nina = a_user(), a_user(username="ben"), a_contact()
    free, bens, closed = a_lead(nina), a_lead(nina, owner=ben), a_lead(nina, status=Status.QUALIFIED)

    assert assign([free.pk, bens.pk, closed.pk], to=ben, by=anna) == [free.pk]
    assert stored(free).owner == ben
    assert stored(closed).owner is None
    assert LeadEvent.objects.get().detail == "To ben"
    assert assign([free.pk, closed.pk], to=None, by=anna) == [free.pk]


@pytest.mark.django_db
def test_closing_frees_the_interest_and_reopening_takes_it_back_if_free():
    anna, nina, context = a_user(), a_contact(), a_context()
    [lead] = open_leads([NewLead("Fleet", contact_id=nina.pk, marketing_context=context)])

    with pytest.raises(ReasonMissing):
        close(lead.pk, by=anna, status=Status.DISQUALIFIED)
    close(lead.pk, by=anna, status=Status.DISQUALIFIED, reason=a_reason("Lost"), note="A student")
    now = stored(lead)
    assert (now.status, now.status_words, now.close_reason) == (Status.DISQUALIFIED, "Lost", "A student")
    assert now.closed_at is not None
    assert not LeadMatchKey.objects.exists()
    with pytest.raises(LeadIsClosed):
        close(lead.pk, by=anna, status=Status.QUALIFIED)

    reopen(lead.pk, by=anna, reason="Graduated")
    now = stored(lead)
    assert (now.status, now.closed_at, now.close_reason) == (Status.OPEN, None, "")
    assert LeadMatchKey.objects.get().lead_id == lead.pk
    with pytest.raises(LeadIsOpen):
        reopen(lead.pk, by=anna, reason="Again")
    kinds = LeadEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["created", "disqualified", "reopened"]


@pytest.mark.django_db
def test_a_reopened_lead_leaves_its_key_to_the_one_that_followed():
    anna, nina, context = a_user(), a_contact(), a_context()
    [first] = open_leads([NewLead("Fleet", contact_id=nina.pk, marketing_context=context)])
    close(first.pk, by=anna, status=Status.QUALIFIED, note="Sold")
    [second] = open_leads([NewLead("Fleet", contact_id=nina.pk, marketing_context=context)])

    reopen(first.pk, by=anna, reason="Undone")

    assert LeadMatchKey.objects.get().lead_id == second.pk


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", [False, True])
def test_what_waited_for_sales_when_it_was_closed_waits_from_when_it_is_opened_again(accepted):
    long_ago, sam = timezone.now() - timedelta(days=90), a_user()
    taken: dict[str, Any] = {"accepted_at": long_ago, "accepted_by": sam} if accepted else {}
    lead = a_lead(sales_ready=True, sales_ready_at=long_ago, stage=Stage.SALES_ACCEPTANCE, owner=sam, **taken)
    close(lead.pk, by=sam, status="disqualified", reason=a_reason(), note="No budget")

    again = reopen(lead.pk, by=sam, reason="Budget")

    kinds = list(LeadEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert again.sales_ready
    if accepted:
        assert (again.sales_ready_at, again.accepted_by) == (long_ago, sam)
        assert kinds == ["disqualified", "reopened"]
    else:
        assert again.sales_ready_at is not None
        assert again.sales_ready_at > timezone.now() - timedelta(minutes=1)
        assert kinds == ["disqualified", "reopened", "sales_ready"]


@pytest.mark.django_db
def test_a_deleted_lead_comes_back_with_its_key():
    anna, nina, context = a_user(), a_contact(), a_context()
    [lead] = open_leads([NewLead("Fleet", contact_id=nina.pk, marketing_context=context)])

    assert delete_leads([lead.pk], by=anna) == [lead.pk]
    assert not LeadMatchKey.objects.exists()
    with pytest.raises(RecordGone):
        update_lead(lead.pk, version=2, changes={"topic": "Other"})

    assert restore_lead(lead.pk, by=anna).deleted_at is None
    assert LeadMatchKey.objects.get().lead_id == lead.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_a_lead_at_once_one_is_told():
    lead, anna, lost = a_lead(), a_user(), a_reason("Lost")

    results = at_once(
        lambda: close(lead.pk, by=anna, status=Status.QUALIFIED, note="Sold"),
        lambda: close(lead.pk, by=anna, status=Status.DISQUALIFIED, reason=lost),
    )

    assert sum(isinstance(result, LeadIsClosed) for result in results) == 1
    assert LeadEvent.objects.count() == 1


@pytest.mark.django_db
def test_there_is_one_context_by_hand() -> None:
    create_lead(by=a_user(), contact_id=a_contact().pk, topic="One")

    with pytest.raises(IntegrityError), transaction.atomic():
        a_context("By hand", MarketingContext.Kind.MANUAL)

    create_lead(by=a_user(), contact_id=a_contact().pk, topic="Two")
    assert MarketingContext.objects.filter(name="By hand").count() == 1
