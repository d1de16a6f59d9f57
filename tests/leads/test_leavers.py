"""Whoever leaves takes no lead along, however they were made inactive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User, WorkSettings
from leads.assignment.leaving import give_on
from leads.models import Lead, LeadEvent, Leaver, Notice, Opportunity
from leads.notice_words import said, url_of_notice
from tests.build import a_lead, a_user, an_opportunity
from tests.leads.assignment_rules import a_manager, a_rule_for, who_sells

pytestmark = pytest.mark.django_db


def leave(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    while give_on():
        pass


def test_their_open_leads_go_where_the_rules_say_closed_ones_stay() -> None:
    ann, ben, cid = who_sells()
    a_rule_for(ann, ben, cid)
    mine = [a_lead(owner=ann, sales_ready=True) for _ in range(4)]
    closed, other = a_lead(owner=ann, status="qualified"), a_lead(owner=ben)

    leave(ann)

    assert [Lead.objects.get(pk=lead.pk).owner for lead in mine] == [ben, cid, ben, cid]
    assert (Lead.objects.get(pk=closed.pk).owner, Lead.objects.get(pk=other.pk).owner) == (ann, ben)


def test_who_stands_in_for_them_gets_them_all() -> None:
    ann, ben, cid = who_sells()
    a_rule_for(cid)
    WorkSettings.objects.filter(user=ann).update(substitute=ben)
    accepted = a_lead(owner=ann, sales_ready=True, accepted_at=timezone.now(), accepted_by=ann)

    leave(ann)

    accepted.refresh_from_db()
    assert (accepted.owner, accepted.accepted_by) == (ben, ann)


def test_what_no_rule_is_for_is_nobodys_and_waits_for_sales_once_more() -> None:
    ann = who_sells(1)[0]
    lead = a_lead(owner=ann, sales_ready=True, sales_ready_at=timezone.now(), accepted_at=timezone.now())

    leave(ann)

    lead.refresh_from_db()
    assert (lead.owner, lead.accepted_at) == (None, None)
    assert list(Lead.objects.sales_ready()) == [lead]
    assert LeadEvent.objects.get(kind="assigned").detail == "To nobody since Ann Seller no longer works here"


def test_who_may_no_longer_write_has_left_too_and_stands_in_for_nobody() -> None:
    ann, ben = who_sells(2)
    ann_too = a_user(Role.READER)
    WorkSettings.objects.filter(user=ann).update(substitute=ann_too)
    a_rule_for(ann, ben, whose="free")
    lead = a_lead(owner=ann, sales_ready=True)
    accepted = a_lead(owner=ann, sales_ready=True, accepted_at=timezone.now(), accepted_by=ann)

    User.objects.filter(pk=ann.pk).update(role=Role.READER)
    assert give_on() == 2

    assert [Lead.objects.get(pk=one.pk).owner for one in (lead, accepted)] == [ben, ben]
    assert give_on() == 0 and set(Leaver.objects.values_list("user", flat=True)) == {ann.pk, ann_too.pk}
    User.objects.filter(pk=ann.pk).update(role=Role.SALESPERSON)
    assert give_on() == 0 and not Leaver.objects.filter(user=ann).exists()


@pytest.mark.parametrize("stands_in", [True, False])
def test_their_open_opportunities_go_to_who_stands_in_or_to_nobody_and_managers_hear_of_it(stands_in: bool) -> None:
    (ann, ben), mona = who_sells(2), a_manager()
    WorkSettings.objects.filter(user=ann).update(substitute=ben if stands_in else None)
    few = [an_opportunity(f"Trucks {number}", owner=ann) for number in range(4)]

    leave(ann)

    assert {Opportunity.objects.get(pk=one.pk).owner for one in few} == {ben if stands_in else None}
    notice = Notice.objects.get()
    assert notice.to == (ben if stands_in else mona)
    (told,) = said([notice], reader=notice.to)
    has = "you have" if stands_in else "nobody has"
    assert told.title == "4 opportunities changed hands"
    assert told.about == f"Ann Seller no longer works here: {has} “Trucks 0”; “Trucks 1”; “Trucks 2” and 1 more now"
    assert url_of_notice(notice) == f"/leads/notices/{notice.pk}/leads/"


def test_what_is_given_to_them_in_the_moment_they_leave_is_found_within_the_hour() -> None:
    ann = who_sells(1)[0]
    leave(ann)
    late = a_lead(owner=ann)
    assert give_on() == 0

    Leaver.objects.update(looked_at=timezone.now() - timedelta(hours=2))
    assert give_on() == 1
    late.refresh_from_db()
    assert late.owner is None


def test_the_page_of_people_rings_for_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr("contacts.doorbells.ring_on_commit", rung.append)
    ann = a_user(username="ann")
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))

    page = client.get(f"/admin/contacts/user/{ann.pk}/change/")
    client.post(page.request["PATH_INFO"], {"username": "ann", "role": ann.role, "is_active": ""})

    ann.refresh_from_db()
    assert (ann.is_active, rung) == (False, ["leads.give_on"])


def test_a_rule_asked_again_is_asked_of_leads_that_stand_where_it_is_asked() -> None:
    ann, caller, ben = who_sells()
    a_rule_for(caller, name="To call", occasion="stage", stage="teleprospecting_acceptance")
    a_rule_for(ben, name="Ready")
    ready = a_lead(owner=ann, sales_ready=True)
    called = a_lead(owner=ann, stage="teleprospecting_acceptance")
    neither = a_lead(owner=ann)

    leave(ann)

    assert [Lead.objects.get(pk=lead.pk).owner for lead in (ready, called, neither)] == [ben, caller, None]
