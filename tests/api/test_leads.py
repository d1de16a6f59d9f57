"""Leads that other systems bring, pick up, move and close."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Contact, OutboxEvent, Role
from contacts.services.contacts import create_contact
from leads.models import Lead, LeadEvent, LeadMatchingStrategy
from leads.services.readiness import set_sales_ready
from leads.stages import Stage
from scoring.lifecycle import go_live
from scoring.runs import advance_run
from tests.api.calling import Api, an_api, problem_of
from tests.build import (
    a_campaign,
    a_closed_lead,
    a_contact,
    a_context,
    a_lead,
    a_model,
    a_recycle_reason,
    a_rule,
    a_user,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NINA: dict[str, Any] = {"email": "nina@example.com", "first_name": "Nina", "last_name": "Lind"}


def test_a_lead_arrives_and_is_found_again() -> None:
    api, context = an_api(Role.MARKETER), a_context(campaign=a_campaign())

    first = api.post("/leads", {"topic": "Routes", "contact": NINA, "marketing_context_id": context.pk})
    more = {"contact": {**NINA, "job_title": "Planner", "first_name": "N."}, "marketing_context_id": context.pk}
    again = api.post("/leads", {"topic": "Other words", "description": "Soon", **more})
    elsewhere = api.post("/leads", {"topic": "Trucks", "contact": NINA, "marketing_context_id": a_context().pk})

    assert first.status_code == 201, first.content
    assert first.json()["decision"] | {"reason": ""} == {"contact": "created", "lead": "created", "reason": ""}
    assert first.json()["lead"]["campaign_id"] == context.campaign_id
    assert again.status_code == 200
    assert again.json()["decision"]["lead"] == again.json()["decision"]["contact"] == "matched"
    lead = again.json()["lead"]
    assert (lead["id"], lead["topic"], lead["description"]) == (first.json()["lead"]["id"], "Routes", "Soon")
    assert (lead["contact"]["first_name"], lead["contact"]["job_title"]) == ("Nina", "Planner")
    assert elsewhere.json()["decision"] | {"reason": ""} == {"contact": "matched", "lead": "created", "reason": ""}
    assert Contact.objects.count() == 1


def test_what_one_system_sends_without_a_context_is_one() -> None:
    api = an_api()

    first = api.post("/leads", {"topic": "Routes", "contact": NINA}).json()
    again = api.post("/leads", {"topic": "Routes", "contact": NINA}).json()

    assert first["lead"]["id"] == again["lead"]["id"]
    assert LeadEvent.objects.get(lead=first["lead"]["id"], kind="created").detail == "By API: Other CRM"


def test_a_closed_lead_is_continued_by_a_new_one() -> None:
    contact, context = create_contact(**NINA), a_context()
    closed = a_closed_lead(contact=contact, marketing_context=context)

    arrived = an_api().post("/leads", {"topic": "Again", "contact": NINA, "marketing_context_id": context.pk})

    assert arrived.status_code == 201
    assert arrived.json()["lead"]["related_lead_id"] == closed.pk


def test_a_strategy_without_attributes_always_makes_a_new_lead() -> None:
    LeadMatchingStrategy.objects.update(is_default=False)
    LeadMatchingStrategy.objects.create(name="Always new", attributes=[], is_default=True)
    api = an_api()

    answers = [api.post("/leads", {"topic": "Routes", "contact": NINA}).status_code for _ in range(2)]

    assert answers == [201, 201]


def test_a_lead_about_nobody_is_refused_by_name() -> None:
    status, code, errors = problem_of(an_api().post("/leads", {"topic": "Routes"}))

    assert (status, code, set(errors)) == (422, "invalid_values", {"contact"})
    assert problem_of(an_api().post("/leads", {"contact": NINA}))[2].keys() == {"topic"}
    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_systems_at_once_bring_one_person_once() -> None:
    context = a_context().pk
    words = an_api().words

    def bring() -> int:
        sent = {"topic": "Routes", "contact": NINA, "marketing_context_id": context}
        return int(Api(words).post("/leads", sent).status_code)

    answers = at_once(*[bring] * 8)

    assert sorted(answers, key=str) == [200] * 7 + [201]
    assert (Contact.objects.count(), Lead.objects.count()) == (1, 1)


def test_another_crm_picks_up_what_is_ready() -> None:
    sam = a_user(Role.SALESPERSON)
    lead, _ = a_lead(create_contact(**NINA)), a_lead()
    set_sales_ready(lead.pk, by=None, reason="They called")
    api, other = an_api(user=sam), an_api(Role.SALESPERSON)

    [waiting] = api.get("/leads?waiting=true").json()["items"]
    refused = other.post(f"/leads/{lead.pk}/accept")
    accepted = api.post(f"/leads/{lead.pk}/accept")
    again = an_api(user=a_user(Role.SALES_MANAGER)).post(f"/leads/{lead.pk}/accept")

    assert (waiting["id"], waiting["contact"]["email"]) == (lead.pk, "nina@example.com")
    assert problem_of(refused)[:2] == (403, "forbidden")
    assert accepted.json()["accepted_by_id"] == accepted.json()["owner_id"] == sam.pk
    assert problem_of(again)[:2] == (409, "already_accepted")
    assert api.get("/leads?waiting=true").json()["items"] == []


def test_a_lead_moves_only_as_its_process_lets_it() -> None:
    lead, api = a_lead(), an_api(Role.SALES_MANAGER)

    moved = api.post(f"/leads/{lead.pk}/move", {"to": "marketing_qualification"})
    refused = api.post(f"/leads/{lead.pk}/move", {"to": "sales_acceptance"})
    without = api.post(f"/leads/{lead.pk}/move", {"to": "inquiry"})
    back = api.post(f"/leads/{lead.pk}/move", {"to": "inquiry", "reason": "Too early"})

    assert moved.json()["stage"] == Stage.MARKETING_QUALIFICATION
    assert problem_of(refused)[:2] == (409, "stage_move_refused")
    assert problem_of(without)[:2] == (422, "reason_missing")
    assert back.json()["stage"] == Stage.INQUIRY
    assert OutboxEvent.objects.filter(kind="lead.moved").count() == 2

    page = api.get(f"/leads/{lead.pk}/moves?limit=1").json()
    rest = api.get(f"/leads/{lead.pk}/moves?cursor={page['next']}").json()
    last, first = page["items"][0], rest["items"][0]
    assert (last["from_stage"], last["to_stage"], last["reason"]) == ("marketing_qualification", "inquiry", "Too early")
    assert (first["to_stage"], first["cause"], first["moved_at"]) == (
        "marketing_qualification",
        "person",
        last["entered_at"],
    )
    assert rest["next"] == "" and len(rest["items"]) == 1
    assert an_api(Role.SALESPERSON, scopes=("contacts:read",)).get(f"/leads/{lead.pk}/moves").status_code == 403


def test_a_lead_is_given_returned_closed_and_opened_again() -> None:
    sam, api = a_user(Role.SALESPERSON), an_api(Role.SALES_MANAGER)
    lead = a_lead()

    given = api.post(f"/leads/{lead.pk}/assign", {"owner_id": sam.pk})
    nobody = api.post(f"/leads/{lead.pk}/assign", {"owner_id": 999_999})
    ready = api.post(f"/leads/{lead.pk}/sales-ready", {"reason": "They called"})
    returned = api.post(f"/leads/{lead.pk}/return", {"reason_id": a_recycle_reason().pk})
    why = next(one for one in api.get("/status-reasons").json() if one["status"] == "disqualified")
    unsaid = api.post(f"/leads/{lead.pk}/close", {"status": "disqualified"})
    closed = api.post(f"/leads/{lead.pk}/close", {"status": "disqualified", "reason_id": why["id"], "note": "Gone"})
    opened = api.post(f"/leads/{lead.pk}/reopen", {"reason": "Back"})

    assert given.json()["owner_id"] == sam.pk
    assert problem_of(nobody)[2].keys() == {"owner_id"}
    assert (ready.json()["sales_ready"], ready.json()["stage"]) == (True, Stage.SALES_ACCEPTANCE)
    assert (returned.json()["sales_ready"], returned.json()["recycled_count"]) == (False, 1)
    assert problem_of(unsaid)[:2] == (422, "reason_missing")
    assert (closed.json()["status"], opened.json()["status"]) == ("disqualified", "open")
    for path in ("return-reasons", "lead-sources", "processes", "users", "campaigns", "custom-fields"):
        assert api.get(f"/{path}").status_code == 200


def test_an_edit_names_its_version_and_gives_nobody_away() -> None:
    sam = a_user(Role.SALESPERSON)
    lead = a_lead(owner=sam)
    api = an_api(user=sam)

    edited = api.patch(
        f"/leads/{lead.pk}", {"budget_amount": "1200.50", "follow_up_on": "2026-12-01"}, **{"If-Match": '"1"'}
    )
    late = api.patch(f"/leads/{lead.pk}", {"topic": "Late"}, **{"If-Match": '"1"'})
    away = api.patch(f"/leads/{lead.pk}", {"owner_id": a_user().pk}, **{"If-Match": "*"})
    stage = api.patch(f"/leads/{lead.pk}", {"stage": "sales_acceptance", "score": 99}, **{"If-Match": "*"})

    assert (edited.json()["budget_amount"], edited["ETag"]) == ("1200.50", '"2"')
    assert problem_of(late)[:2] == (412, "changed_meanwhile")
    assert problem_of(away)[:2] == (403, "forbidden")
    assert problem_of(stage)[2].keys() == {"stage", "score"}


def test_a_score_comes_with_what_it_is_made_of() -> None:
    lead = a_lead(a_contact(job_title="Planner"))
    model = a_model(threshold=10)
    a_rule(model, 15, "Has a title", condition={"field": "contact.job_title", "op": "contains", "value": "Plan"})
    go_live(model, by=a_user(Role.MARKETER))
    while advance_run():
        pass

    [score] = an_api().get(f"/leads/{lead.pk}/scores").json()

    assert (score["score"], score["reached"], score["threshold"]) == (15, True, 10)
    assert sum(part["points"] for part in score["parts"]) == score["score"]
    assert score["parts"][0]["name"] == "Has a title"
