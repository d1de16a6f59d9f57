"""Doing something to a lead from its page, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.models import Lead, LeadEvent, StageChange
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_reason, a_recycle_reason, a_user

pytestmark = pytest.mark.django_db


def a_ready_lead(**more: Any) -> Lead:
    return a_lead(sales_ready=True, sales_ready_at=timezone.now(), stage=Stage.SALES_ACCEPTANCE, **more)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stored(lead: Lead) -> Lead:
    found: Lead = Lead.objects.get(pk=lead.pk)
    return found


def test_accepting_goes_back_to_where_one_was_and_says_so() -> None:
    nina, lead = a_user(), a_ready_lead()

    response = signed_in(nina).post(f"/leads/{lead.pk}/accept/", {"next": "/leads/ready/?tab=unassigned"}, follow=True)

    assert response.redirect_chain == [("/leads/ready/?tab=unassigned", 302)]
    assert "Nina Lind: accepted, the lead is yours." in response.content.decode()
    assert (stored(lead).owner, stored(lead).accepted_by) == (nina, nina)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_it_never_leads_to_another_site(elsewhere: str) -> None:
    lead = a_ready_lead()

    response = signed_in(a_user()).post(f"/leads/{lead.pk}/accept/", {"next": elsewhere})

    assert response["Location"] == f"/leads/{lead.pk}/"


def test_with_scripts_the_list_is_told_to_refresh() -> None:
    lead = a_ready_lead()

    response = signed_in(a_user()).post(f"/leads/{lead.pk}/accept/", headers={"HX-Request": "true"})

    assert response.status_code == 204
    assert "leadcrm:refresh" in response["HX-Trigger"]


def test_the_second_to_accept_is_told_who_was_first() -> None:
    lead = a_ready_lead()
    signed_in(a_user(username="ada")).post(f"/leads/{lead.pk}/accept/")

    boss = signed_in(a_user(Role.SALES_MANAGER))
    page = boss.post(f"/leads/{lead.pk}/accept/")
    fragment = boss.post(f"/leads/{lead.pk}/accept/", headers={"HX-Request": "true"})

    assert (page.status_code, fragment.status_code) == (409, 409)
    assert "ada has accepted this lead already" in page.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "ada has accepted this lead already" in fragment.content.decode()
    assert str(stored(lead).accepted_by) == "ada"
    assert LeadEvent.objects.filter(lead=lead, kind="accepted").count() == 1


def test_returning_asks_why() -> None:
    nina, lead = a_user(), a_ready_lead()
    client = signed_in(nina)

    asked = client.get(f"/leads/{lead.pk}/return/").content.decode()
    refused = client.post(f"/leads/{lead.pk}/return/", {"reason": ""})

    assert "Return to marketing" in asked
    assert "data-sheet-part" in asked
    assert refused.status_code == 422
    assert stored(lead).sales_ready

    client.post(f"/leads/{lead.pk}/return/", {"reason": a_recycle_reason("No budget").pk})
    assert not stored(lead).sales_ready
    assert stored(lead).stage == Stage.MARKETING_QUALIFICATION
    assert LeadEvent.objects.get(lead=lead, kind="returned").detail == "No budget"


def test_who_may_no_longer_see_what_they_returned_comes_to_their_list() -> None:
    nina = a_user()
    lead = a_ready_lead(owner=nina, contact=a_contact(marketing_only=True))

    response = signed_in(nina).post(f"/leads/{lead.pk}/return/", {"reason": a_recycle_reason().pk}, follow=True)

    assert (response.status_code, response.redirect_chain) == (200, [("/leads/", 302)])
    assert "returned to marketing" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "name", "allowed"),
    [
        (Role.SALESPERSON, "accept", True),
        (Role.MARKETER, "accept", False),
        (Role.TELEPROSPECTOR, "accept", False),
        (Role.SALES_MANAGER, "accept", True),
        (Role.SALESPERSON, "ready", False),
        (Role.TELEPROSPECTOR, "ready", True),
        (Role.SALESPERSON, "assign", False),
        (Role.MARKETER, "assign", True),
    ],
)
def test_who_may_do_what(role: str, name: str, allowed: bool) -> None:
    lead = a_ready_lead()

    response = signed_in(a_user(role)).post(f"/leads/{lead.pk}/{name}/", {"reason": "", "to": ""})

    assert (response.status_code != 403) == allowed


def test_a_salesperson_does_not_take_a_colleagues_lead() -> None:
    otto = a_user()
    lead = a_ready_lead(owner=otto)

    assert signed_in(a_user()).post(f"/leads/{lead.pk}/accept/").status_code == 403
    assert stored(lead).owner == otto
    assert stored(lead).accepted_at is None


def test_moving_on_and_back() -> None:
    lead = a_lead()
    client = signed_in(a_user(Role.TELEPROSPECTOR))

    client.post(f"/leads/{lead.pk}/move-on/", {"to": Stage.MARKETING_QUALIFICATION})
    assert stored(lead).stage == Stage.MARKETING_QUALIFICATION

    client.post(f"/leads/{lead.pk}/move-back/", {"to": Stage.INQUIRY, "reason": "Too early"})
    assert stored(lead).stage == Stage.INQUIRY
    assert list(StageChange.objects.order_by("pk").values_list("to_stage", "reason")) == [
        (Stage.MARKETING_QUALIFICATION, ""),
        (Stage.INQUIRY, "Too early"),
    ]


def test_a_second_click_on_move_on_does_not_move_twice() -> None:
    lead = a_lead()
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert 'name="to" value="marketing_qualification"' in page

    first, second = (
        client.post(f"/leads/{lead.pk}/move-on/", {"to": Stage.MARKETING_QUALIFICATION}) for _ in ("click", "click")
    )

    assert (first.status_code, second.status_code) == (302, 409)
    assert stored(lead).stage == Stage.MARKETING_QUALIFICATION
    assert StageChange.objects.filter(lead=lead).count() == 1


def test_a_sales_ready_lead_moved_back_is_no_longer_sales_ready_and_held() -> None:
    nina = a_user(Role.SALES_MANAGER)
    lead = a_ready_lead(accepted_at=timezone.now(), accepted_by=nina, owner=nina)

    signed_in(nina).post(f"/leads/{lead.pk}/move-back/", {"to": Stage.INQUIRY, "reason": "Wrong person"})

    now = stored(lead)
    assert (now.stage, now.sales_ready, now.ready_hold, now.accepted_at) == (Stage.INQUIRY, False, True, None)
    assert LeadEvent.objects.get(lead=lead).kind == LeadEvent.Kind.READY_CLEARED
    assert now.owner == nina


def test_moving_back_does_not_go_forward() -> None:
    lead = a_lead(stage=Stage.MARKETING_QUALIFICATION)

    response = signed_in(a_user(Role.MARKETER)).post(
        f"/leads/{lead.pk}/move-back/", {"to": Stage.SALES_ACCEPTANCE, "reason": "x"}
    )

    assert response.status_code == 422
    assert stored(lead).stage == Stage.MARKETING_QUALIFICATION


def test_closing_and_reopening() -> None:
    nina = a_user()
    lead = a_lead(owner=nina)
    client = signed_in(nina)

    client.post(f"/leads/{lead.pk}/close/", {"reason": a_reason("Lost").pk, "note": "Student"})
    assert (stored(lead).status, stored(lead).close_reason) == ("disqualified", "Student")
    assert "Reopen" in client.get(f"/leads/{lead.pk}/").content.decode()

    client.post(f"/leads/{lead.pk}/reopen/", {"reason": "Changed jobs", "to": a_reason("New").pk})
    assert stored(lead).status == "open"


def test_taking_and_assigning() -> None:
    nina, boss = a_user(Role.TELEPROSPECTOR), a_user(Role.SALES_MANAGER)
    lead = a_lead()

    signed_in(nina).post(f"/leads/{lead.pk}/take/")
    assert stored(lead).owner == nina

    signed_in(boss).post(f"/leads/{lead.pk}/assign/", {"to": boss.pk})
    assert stored(lead).owner == boss


def test_a_lead_that_somebody_has_is_not_taken() -> None:
    otto, nina = a_user(username="otto"), a_user(Role.TELEPROSPECTOR)
    lead, free = a_lead(owner=otto), a_lead()
    client = signed_in(nina)

    refused = client.post(f"/leads/{lead.pk}/take/")
    client.post("/leads/bulk/", {"do": "take", "ids": [lead.pk, free.pk]})

    assert refused.status_code == 409
    assert "otto has taken this lead already" in refused.content.decode()
    assert (stored(lead).owner, stored(free).owner) == (otto, nina)
    assert not LeadEvent.objects.filter(lead=lead).exists()


def test_what_a_lead_does_not_allow_now_is_refused_and_changes_nothing() -> None:
    boss = a_user(Role.SALES_MANAGER)
    lead = a_lead(status="qualified", closed_at=timezone.now())

    answer = signed_in(boss).post(f"/leads/{lead.pk}/assign/", {"to": boss.pk})

    assert answer.status_code == 409
    assert "“Assign” is not possible" in answer.content.decode()
    assert stored(lead).owner is None


def test_reading_an_action_changes_nothing() -> None:
    lead = a_ready_lead()
    before = Lead.objects.values().get(pk=lead.pk)
    client = signed_in(a_user(Role.ADMINISTRATOR))

    for name in ("accept", "return", "ready", "move-on", "move-back", "clear-ready", "assign", "close"):
        assert client.get(f"/leads/{lead.pk}/{name}/").status_code == 200

    assert Lead.objects.values().get(pk=lead.pk) == before


def test_a_lead_that_is_gone_is_not_found() -> None:
    lead = a_ready_lead(deleted_at=timezone.now())

    client = signed_in(a_user())
    assert client.get(f"/leads/{lead.pk}/").status_code == 404
    assert client.post(f"/leads/{lead.pk}/accept/").status_code == 404
