"""The pages of calling: queue, call, somebody calls in; what is refused keeps what was typed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Interaction, Role, User
from leads.calling.claims import claim, claim_next, wait
from leads.models import Call, CallClaim, Lead, Process
from leads.services.closing import close
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_reason, a_user, an_account

pytestmark = pytest.mark.django_db
QUALIFYING = Stage.TELEPROSPECTING_QUALIFICATION
HOSTILE = "<img src=x onerror=alert(1)>"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def theo_calls(**more: Any) -> tuple[Client, Lead, User]:
    """A teleprospector with a lead in hand."""
    theo = a_user(Role.TELEPROSPECTOR)
    contact = a_contact("Nina", "Lind", phone="+49 30 123456", phone_e164="+4930123456")
    lead = a_lead(contact=contact, stage=QUALIFYING, **more)
    claim(lead.pk, by=theo)
    return signed_in(theo), lead, theo


def typed(client: Client, lead: Lead, **more: str) -> dict[str, str]:
    """What the page of a call sends, with `more` typed into it."""
    context = client.get(f"/leads/{lead.pk}/call/").context
    forms = (context["script"], context["form"])
    sent = {name: form[name].value() or "" for form in forms for name in form.fields}
    when = context["form"]["call_back_at"].value().strftime("%Y-%m-%dT%H:%M")
    return {**sent, "stage": lead.stage, "call_back_at": when, **more}


def post(client: Client, lead: Lead, sent: dict[str, str]) -> Any:
    return client.post(f"/leads/{lead.pk}/call/", sent)


def test_from_the_queue_to_the_call_to_the_next():
    client, lead, theo = theo_calls()
    other = a_lead(stage=QUALIFYING, topic="Cold chain")

    queue = client.get("/leads/queue/").content.decode()
    page = client.get(f"/leads/{lead.pk}/call/").content.decode()
    sent = typed(client, lead, do="voicemail", notes="Left my number", budget_amount="900", go_on="on")
    onward = post(client, lead, sent)

    assert f"/leads/{lead.pk}/call/" in queue
    assert 'href="tel:+4930123456"' in page
    assert onward["Location"] == f"/leads/{other.pk}/call/"
    assert (Lead.objects.get(pk=lead.pk).budget_amount, Interaction.objects.get().subject) == (900, "Voicemail")
    again = post(client, lead, sent)
    assert (again.status_code, Interaction.objects.count()) == (302, 1)
    told = client.get(onward["Location"]).content.decode()
    assert "Nina Lind</a>: voicemail." in told
    skipped = client.post(f"/leads/{other.pk}/call/skip/", {"reason": "Lunch"}, follow=True)
    assert skipped.redirect_chain == [("/leads/queue/", 302)]
    assert "Nobody to call" in skipped.content.decode()


def test_saving_without_an_outcome_stays_and_logs_nothing():
    client, lead, _ = theo_calls()

    saved = post(client, lead, typed(client, lead, do="save", description="Knows us"))

    assert (saved["Location"], Lead.objects.get().description) == (f"/leads/{lead.pk}/call/", "Knows us")
    assert not Call.objects.exists()
    assert CallClaim.objects.exists()


def test_a_gate_names_what_is_missing_and_keeps_what_was_typed():
    fields = [{"name": name, "required": name == "budget_amount"} for name in ("budget_amount", "description")]
    strict = Process.objects.create(name="Strict", stages_stored={QUALIFYING.value: {"fields": fields}})
    client, lead, _ = theo_calls(process=strict)

    refused = post(client, lead, typed(client, lead, do="pass_on", description="Wants it", notes="Call Nina"))

    page = refused.content.decode()
    assert refused.status_code == 409
    assert 'href="#id_budget_amount">Budget' in page
    assert "Call Nina</textarea>" in page
    assert "Wants it</textarea>" in page
    assert (Lead.objects.get().description, Call.objects.count()) == ("", 0)


def test_who_lost_the_lead_is_told_who_has_it_and_keeps_the_text():
    client, lead, theo = theo_calls()
    sent = typed(client, lead, do="reached", notes="Call Nina", description="Wants it")
    CallClaim.objects.update(until=timezone.now())
    otto = a_user(Role.TELEPROSPECTOR, first_name="Otto", last_name="Quick")
    claim(lead.pk, by=otto)

    refused = post(client, lead, sent)

    assert refused.status_code == 409
    assert "Otto Quick has this lead in hand" in refused.content.decode()
    assert "Call Nina</textarea>" in refused.content.decode()
    held = client.post(f"/leads/{lead.pk}/call/hold/")
    assert (held.status_code, held.json()) == (409, {"person": "Otto Quick"})
    assert signed_in(otto).post(f"/leads/{lead.pk}/call/hold/").status_code == 204
    assert not Call.objects.exists()


def test_who_comes_after_it_was_closed_is_told_by_whom_and_why():
    client, lead, _ = theo_calls()
    sent = typed(client, lead, do="reached", notes="Call Nina")
    close(
        lead.pk,
        by=a_user(first_name="Otto", last_name="Quick"),
        status="disqualified",
        reason=a_reason(),
        note="Student",
    )

    refused = post(client, lead, sent)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Otto Quick has closed this lead as disqualified" in page
    assert "Student" in page
    assert "Call Nina</textarea>" in page


def test_who_saved_the_same_fields_meanwhile_is_named_and_a_deleted_lead_gives_the_text_back():
    client, lead, _ = theo_calls()
    sent = typed(client, lead, do="reached", notes="Call Nina", purchase_timeframe="immediate")
    Lead.objects.update(purchase_timeframe="this_year", version=2)

    told = post(client, lead, sent)
    Lead.objects.update(deleted_at=timezone.now())
    gone = post(client, lead, sent)

    assert told.status_code == 409
    assert "Purchase timeframe: from nothing to <strong>This year</strong>" in told.content.decode()
    assert gone.status_code == 404
    assert "Call Nina</textarea>" in gone.content.decode()


def test_a_lead_that_became_sales_ready_during_the_call_keeps_the_script_that_was_filled_in():
    client, lead, _ = theo_calls()
    sent = typed(client, lead, do="reached", description="Wants it")
    Lead.objects.update(stage=Stage.SALES_ACCEPTANCE, sales_ready=True)

    assert post(client, lead, sent).status_code == 302
    assert (Lead.objects.get().description, Call.objects.get().outcome) == ("Wants it", "reached")


@pytest.mark.parametrize("when", ["", "2020-01-01T09:00", "nonsense"])
def test_a_call_back_needs_a_time_and_other_outcomes_do_not(when: str):
    client, lead, _ = theo_calls()
    refused = post(client, lead, typed(client, lead, do="call_back", notes="Call Nina", call_back_at=when))
    assert refused.status_code == 422
    assert "Call Nina</textarea>" in refused.content.decode()
    assert post(client, lead, typed(client, lead, do="no_answer", call_back_at=when)).status_code == 302


def test_an_empty_queue_says_when_the_next_call_back_is_due():
    theo = a_user(Role.TELEPROSPECTOR)
    lead = a_lead(stage=QUALIFYING)
    wait(lead.pk, why="call_back", due_at=timezone.now() + timedelta(hours=30), by=theo)

    page = signed_in(theo).get("/leads/queue/").content.decode()

    assert "Nobody to call just now" in page
    assert re.search(r"Nina Lind</strong> expects a call: .* at \d\d:\d\d", page)
    assert signed_in(theo).post("/leads/queue/next/")["Location"] == "/leads/queue/"


def test_somebody_who_calls_in_is_found_or_made():
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    contact = a_contact("Nina", "Lind", phone_e164="+4930123456")
    lead = a_lead(contact=contact, topic="Fleet")

    found = client.get("/leads/queue/incoming/", {"who": "+49 30 123456"})
    sent = {"who": "x", "key": "1", "notes": "Wants prices", "do": "reached"}
    about = client.post("/leads/queue/incoming/", {**sent, "about": f"lead-{lead.pk}"})
    fresh = client.post("/leads/queue/incoming/", {**sent, "key": "2", "about": "new", "last_name": "Ek", "topic": "T"})
    third = client.post("/leads/queue/incoming/", {**sent, "key": "3", "about": f"contact-{contact.pk}"})
    nobody = client.post("/leads/queue/incoming/", {**sent, "key": "4", "about": "new"})

    assert f'value="lead-{lead.pk}" checked' in found.content.decode()
    assert about["Location"] == f"/leads/{lead.pk}/"
    made = Lead.objects.get(contact__last_name="Ek")
    assert (fresh["Location"], made.topic) == (f"/leads/{made.pk}/", "T")
    assert (third.status_code, Lead.objects.filter(contact=contact).count()) == (302, 2)
    assert (nobody.status_code, Contact.objects.count()) == (422, 2)
    assert "Wants prices</textarea>" in nobody.content.decode()
    assert Call.objects.filter(came_in=True).count() == 3


def test_managers_see_who_calls_whom():
    theo_calls()
    User.objects.update(first_name="Theo")
    assert "Theo" in signed_in(a_user(Role.SALES_MANAGER)).get("/leads/queue/").content.decode()


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.MARKETER, Role.READER])
def test_others_do_not_call(role: str):
    lead = a_lead(stage=QUALIFYING)
    claim_next(by=a_user(Role.TELEPROSPECTOR))
    client = signed_in(a_user(role))

    for path in ("queue/next/", *(f"{lead.pk}/call/{name}" for name in ("", "claim/", "hold/", "release/", "skip/"))):
        assert client.post(f"/leads/{path}").status_code == 403, path
    for path in ("queue/", f"{lead.pk}/call/", "queue/incoming/"):
        assert client.get(f"/leads/{path}").status_code == 403, path
    assert Client().get("/leads/queue/")["Location"].startswith("/sign-in/")
    assert CallClaim.objects.count() == 1


def test_hostile_words_stay_words():
    client, lead, _ = theo_calls(topic=HOSTILE)
    Contact.objects.update(first_name=HOSTILE)
    post(client, lead, typed(client, lead, do="call_back", notes=HOSTILE))

    for path in ("/leads/queue/", f"/leads/{lead.pk}/call/", "/leads/queue/incoming/?who=onerror"):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page, path
        assert "&lt;img src=x onerror" in page, path


def test_as_many_queries_for_many_leads_as_for_few():
    client, lead, _ = theo_calls()
    a_lead(stage=QUALIFYING)
    client.get("/leads/queue/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/leads/queue/")
        counts.append(len(queries))
        contact, process = a_contact(), Process.objects.get(is_default=True)
        Lead.objects.bulk_create(
            Lead(contact=contact, topic="Fleet", process=process, stage=QUALIFYING) for _ in range(200)
        )
    assert counts[0] == counts[1] <= 20


def test_leads_without_a_contact_stand_beside_the_queue_and_lead_to_where_they_get_one():
    theo = a_user(Role.TELEPROSPECTOR)
    lead = a_lead(account=an_account(), contact=None, stage=Stage.TELEPROSPECTING_ACCEPTANCE, person_last_name="Kruse")
    page = signed_in(theo).get("/leads/queue/").content.decode()

    assert "Nobody to call yet" in page
    assert f'href="/leads/{lead.pk}/"' in page
    assert "Kruse" in page
