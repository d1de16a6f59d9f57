"""Parameters nobody knows, opportunities, what changed lately, and facts about people who became another or nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contacts import outbox
from contacts.merging.service import merge_contacts
from contacts.models import OutboxEvent, Role
from leadcrm.lib.api.following import changed
from leads.models import Lead
from tests.api.calling import an_api, problem_of
from tests.build import a_contact, a_lead, a_user, an_opportunity

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/leads?ownerid=1", "/leads/1?x=1", "/products?page=2", "/contacts?emial=a@b.example"]
)
def test_a_parameter_nobody_knows_is_refused_by_name(path: str) -> None:
    name = path.partition("?")[2].partition("=")[0]

    assert problem_of(an_api().get(path)) == (422, "invalid_values", {name: "There is no such parameter."})


def test_parameters_that_are_known_are_taken_by_every_list() -> None:
    assert an_api().get("/leads?status=open&oldest_first=true&limit=5").status_code == 200
    assert an_api().get("/opportunities?status=open&updated_since=2026-01-01T00:00:00Z").status_code == 200


def test_leads_are_listed_in_the_order_in_which_they_changed() -> None:
    first, second, old = a_lead(topic="First"), a_lead(topic="Second"), a_lead(topic="Old")
    now = timezone.now()
    for lead, hours in ((first, 1), (second, 2), (old, 48)):
        Lead.objects.filter(pk=lead.pk).update(updated_at=now - timedelta(hours=hours))
    since = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    api = an_api()

    page = api.get(f"/leads?updated_since={since}&limit=1").json()
    rest = api.get(f"/leads?updated_since={since}&limit=1&cursor={page['next']}").json()

    assert [one["id"] for one in (*page["items"], *rest["items"])] == [second.pk, first.pk]
    assert rest["next"] == ""


def test_what_changed_lately_is_found_without_reading_all_leads() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    now = timezone.now()
    lately = changed(Lead.objects.all(), now - timedelta(hours=1), now)
    assert "leads_by_change" in lately.order_by("updated_at", "pk").explain()


def test_opportunities_are_read_by_whoever_may_see_them() -> None:
    sam = a_user(Role.SALESPERSON, "sam")
    theirs, others = an_opportunity("Theirs", owner=sam), an_opportunity("Others", owner=a_user(username="tom"))
    person, house = an_api(user=sam), an_api(Role.SALES_MANAGER)

    assert [one["id"] for one in person.get("/opportunities").json()["items"]] == [theirs.pk]
    assert person.get(f"/opportunities/{others.pk}").status_code == 404
    found = house.get(f"/opportunities/{others.pk}")
    assert (found.status_code, found.json()["topic"], found["ETag"]) == (200, "Others", f'"{others.version}"')
    assert an_api(scopes=("leads:read",)).get("/opportunities").status_code == 403


def test_a_token_that_acts_as_itself_is_told_why_it_accepts_nothing_and_what_to_do() -> None:
    lead = a_lead(sales_ready=True)

    answer = an_api().post(f"/leads/{lead.pk}/accept")

    assert answer.status_code == 403
    assert "acts as itself" in answer.json()["detail"]
    assert "/assign" in answer.json()["detail"]


def test_who_was_merged_is_told_and_leads_to_the_survivor() -> None:
    outbox.want(["contact.merged"])
    nina, double = a_contact("Nina"), a_contact("Nina", "L.")

    merge_contacts(nina.pk, double.pk, take=(), by=a_user(Role.ADMINISTRATOR))

    payload = OutboxEvent.objects.get(kind="contact.merged").payload
    assert (payload["contact_id"], payload["merged_id"]) == (nina.pk, double.pk)
    answer = an_api().get(f"/contacts/{double.pk}")
    assert (answer.status_code, answer.json()["merged_into"]) == (404, nina.pk)
