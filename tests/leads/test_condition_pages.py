"""What the editor of conditions asks for: the vocabulary, values, a condition read both ways, whom it meets."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import leads.meets
import leads.sampling
from contacts.models import Role
from contacts.services.contacts import delete_contacts
from leadcrm.lib.patience import give_up
from leads.conditions import lead_vocabulary, parse
from leads.models import Lead, Status
from tests.build import a_contact, a_custom_field, a_lead, a_product, a_user, an_account, an_interaction
from tests.threads import at_once

pytestmark = pytest.mark.django_db

HOT = {"field": "rating", "op": "is", "value": "hot"}
PAGES = ("vocabulary", "values", "read", "preview")


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def post(client: Client, page: str, body: Any, subject: str = "lead") -> Any:
    return client.post(f"/leads/conditions/{subject}/{page}/", body, content_type="application/json")


def meeting(client: Client, tree: Any, subject: str = "lead", **more: Any) -> Any:
    answer = post(client, "preview", {"tree": tree, **more}, subject)
    assert answer.status_code == 200, answer.content
    return answer.json()


def values(client: Client, subject: str = "lead", **query: Any) -> Any:
    return client.get(f"/leads/conditions/{subject}/values/", query).json()["values"]


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.READER])
def test_who_does_not_see_everybody_asks_nothing(client: Client, role: str) -> None:
    client.force_login(a_user(role))

    for page in ("vocabulary", "values"):
        assert client.get(f"/leads/conditions/lead/{page}/").status_code == 403
    for page in ("read", "preview"):
        assert post(client, page, {"tree": {}}).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert client.get("/leads/conditions/lead/vocabulary/").status_code == 302
    assert post(client, "preview", {"tree": {}}).status_code == 302


def test_an_administrator_may_and_an_unknown_subject_is_not_there(client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR))

    assert client.get("/leads/conditions/contact/vocabulary/").status_code == 200
    assert client.get("/leads/conditions/planet/vocabulary/").status_code == 404
    assert client.get("/leads/conditions/lead/preview/").status_code == 405


def test_the_vocabulary_says_all_that_may_be_asked(marketer: Client, django_assert_max_num_queries: Any) -> None:
    a_custom_field("size", type="choice", choices=["S", "M"])
    with django_assert_max_num_queries(5):
        found = marketer.get("/leads/conditions/lead/vocabulary/").json()

    fields = {field["name"]: field for field in found["vocabulary"]["fields"]}
    assert fields["rating"]["choices"] == [["hot", "Hot"], ["warm", "Warm"], ["cold", "Cold"]]
    assert fields["custom.size"]["choices"] == [["S", "S"], ["M", "M"]]
    assert "choices" not in fields["product"]
    relations = {each["name"]: each for each in found["vocabulary"]["relations"]}
    assert {"other_leads", "submissions", "account.contacts"} <= set(relations)
    assert [each["name"] for each in relations["account.contacts"]["of"]["relations"]] == ["leads"]
    within = next(each for each in found["operators"]["datetime"] if each["name"] == "in_last_days")
    assert within == {"name": "in_last_days", "words": "is in last", "after": "days", "takes": "days"}


def test_scoring_is_offered_no_scores_and_no_relations(marketer: Client) -> None:
    found = marketer.get("/leads/conditions/scoring/vocabulary/").json()["vocabulary"]

    assert "score" not in {field["name"] for field in found["fields"]}
    assert (found["relations"], found["interaction"]) == ([], None)


def test_values_are_those_that_are_there(marketer: Client) -> None:
    routers, cold = a_product("Routers"), a_product("Cold chain")
    a_lead(a_contact(country="Norway")), a_lead(a_contact(country="Norway")), a_lead(a_contact(country="Denmark"))
    a_contact(country="Nowhere")

    assert values(marketer, field="product", q="rou") == [[routers.pk, "Routers"]]
    assert values(marketer, field="product", q="chain co") == [[cold.pk, "Cold chain"]]
    assert values(marketer, field="contact.country", q="") == [["Norway", "Norway"], ["Denmark", "Denmark"]]
    assert values(marketer, field="contact.country", q="den") == [["Denmark", "Denmark"]]
    assert values(marketer, field="rating", q="o") == [["hot", "Hot"], ["cold", "Cold"]]
    assert values(marketer, field="score", q="1") == []
    assert values(marketer, field="product", value=[routers.pk, 99999]) == [[routers.pk, "Routers"]]


def test_values_of_what_is_related_and_of_what_was_done(marketer: Client) -> None:
    nina = a_contact("Nina", job_title="Head of operations", account=an_account())
    a_lead(nina, "Trucks")
    an_interaction(nina, subject="/pricing")

    assert values(marketer, field="subject", **{"in": "did"}) == [["/pricing", "/pricing"]]
    place = {"in": ["account.contacts", "leads"]}
    assert values(marketer, "contact", field="topic", **place) == [["Trucks", "Trucks"]]
    for query in ({"field": "nonsense"}, {"field": "topic", "in": "nonsense"}, {}):
        assert marketer.get("/leads/conditions/lead/values/", query).status_code == 404


def test_a_condition_is_read_both_ways(marketer: Client) -> None:
    from_text = post(marketer, "read", {"text": 'rating is "hot"'}).json()
    from_tree = post(marketer, "read", {"tree": HOT}).json()

    assert from_text == from_tree == {"tree": HOT, "text": 'rating is "hot"', "says": "Sales rating is Hot"}


@pytest.mark.parametrize("body", ["", "[]", "null", "{", b"\xff\xfe", "[" * 50_000])
@pytest.mark.parametrize("which", ["read", "preview"])
def test_what_no_editor_sends_is_a_bad_request(marketer: Client, which: str, body: Any) -> None:
    assert post(marketer, which, body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"tree": 5}', '{"tree": {"all": []}}', '{"text": "rating"}', '{"text": "{]"}', '{"tree": {"not": {}}}',
        '{"text": "\\ud800"}', '{"tree": {"field": "rating", "op": "is", "value": "\\ud800"}}', '{"tree": {"a": NaN}}',
        '{"tree": {"field": "score", "op": "is", "value": 1e999}}', '{"tree": {"field": "rating", "op": "is"}}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("which", ["read", "preview"])
def test_what_is_no_condition_yet_is_answered_by_its_place(marketer: Client, which: str, body: Any) -> None:
    answer = post(marketer, which, body)

    assert answer.status_code == 200
    found = answer.json()
    assert found["error"] == "invalid_condition"
    assert {"path", "problem", "expected"} <= set(found)


def test_text_is_read_as_asked_of_related_records_and_of_what_was_done(marketer: Client) -> None:
    leads = post(marketer, "read", {"text": 'topic is "Trucks"', "in": ["leads"]}, "contact").json()
    calls = post(marketer, "read", {"text": 'subject contains "price"', "in": ["account.contacts", "did"]}).json()

    assert leads["tree"] == {"field": "topic", "op": "is", "value": "Trucks"}
    assert calls["tree"] == {"field": "subject", "op": "contains", "value": "price"}
    assert "unknown" in post(marketer, "read", {"text": 'topic is "Trucks"'}, "contact").json()["problem"]
    for nowhere in (["leads", "did"], ["nonsense"], ["leads"] * 30):
        assert post(marketer, "read", {"text": "rating", "in": nowhere}, "contact").json()["error"]


def test_a_mistake_in_the_text_says_line_and_column(marketer: Client) -> None:
    found = post(marketer, "read", {"text": 'rating is "hot"\nand stage'}).json()

    assert (found["line"], found["column"]) == (2, 10)
    assert "the text ends" in found["problem"]


def test_whom_it_meets_is_counted_shown_and_linked(marketer: Client) -> None:
    nina = a_lead(a_contact("Nina", "Lind", account=an_account()), "Trucks", rating="hot")
    a_lead(rating="cold"), a_lead(rating="hot", status=Status.QUALIFIED)

    found = meeting(marketer, {"all": [HOT, {"field": "status", "op": "is", "value": "open"}]})

    every = "Every one of the leads was asked, just now."
    assert found["count"] == {"words": "1", "number": 1, "exact": True, "method": every}
    assert found["nodes"] == {"": "1", "all.0": "2", "all.1": "2"}
    assert found["noun"] == "leads"
    url = reverse("leads:detail", args=[nina.pk])
    assert found["examples"] == [{"name": "Nina Lind", "remark": "Trucks · Nordwind Logistik", "url": url}]
    assert found["says"] == "Sales rating is Hot and status is Open"


def test_nothing_asked_means_everybody_and_contacts_and_open_leads_are_counted_too(marketer: Client) -> None:
    a_lead(), a_lead(status=Status.QUALIFIED), a_contact()

    assert meeting(marketer, {})["count"]["number"] == 2
    assert meeting(marketer, None, "scoring")["count"]["number"] == 1
    assert meeting(marketer, {}, "contact")["count"]["number"] == 3


def test_what_is_deleted_is_neither_counted_nor_shown(marketer: Client) -> None:
    gone = a_contact("Gone")
    a_lead(gone, rating="hot")
    delete_contacts([gone.pk], by=a_user(Role.ADMINISTRATOR))

    found = meeting(marketer, HOT)

    assert (found["count"]["number"], found["examples"]) == (0, [])


def test_behaviours_and_relations_are_counted_where_they_stand(marketer: Client) -> None:
    nina, ole = a_contact("Nina"), a_contact("Ole")
    a_lead(nina, "One"), a_lead(nina, "Two"), a_lead(ole, "Three")
    an_interaction(nina, "call")
    tree = {
        "any": [
            {"did": "call"},
            {"not": {"related": "other_leads", "where": {"field": "topic", "op": "is", "value": "Two"}}},
        ]
    }

    found = meeting(marketer, tree)

    assert found["nodes"] == {"": "3", "any.0": "2", "any.1": "2", "any.1.not": "1"}


def test_of_many_a_sample_is_looked_at_and_an_exact_count_if_it_is_quick(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        a_lead(rating="hot" if number % 2 else "cold")
    monkeypatch.setattr(leads.sampling, "FEW", 10)
    monkeypatch.setattr(leads.meets, "SAMPLE", 20)
    both = {"all": [HOT, {"field": "topic", "op": "is_filled"}]}

    exact = meeting(marketer, both)
    monkeypatch.setattr(leads.meets, "_counted", lambda *_: None)
    about = meeting(marketer, both)
    rare = meeting(marketer, {"field": "rating", "op": "is", "value": "warm"})

    assert (exact["count"]["words"], exact["count"]["exact"], len(exact["examples"])) == ("15", True, 3)
    assert about["count"]["words"].startswith("about ") and not about["count"]["exact"]
    assert "20 of 30 numbers were drawn evenly" in about["count"]["method"]
    assert about["nodes"]["all.1"].startswith("about ")
    assert 8 <= about["count"]["number"] <= 22
    assert len(about["examples"]) == 3
    assert rare["count"]["words"].startswith("fewer than ")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Three leads, of which each takes a twentieth of a second to be asked anything."""
    a_lead(), a_lead(), a_lead()
    return Lead.objects.extra(where=["pg_sleep(0.05) IS NOT NULL"])


def test_what_is_too_slow_is_not_counted_says_so_and_is_counted_when_there_is_time(
    slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads.meets, "FIRST_MS", 210)
    vocabulary = lead_vocabulary()
    many = slow.extra(where=["pg_sleep(3) IS NOT NULL"])
    begun = time.perf_counter()

    first = leads.meets.meets(parse({}, vocabulary), vocabulary, many, now=timezone.now())
    took = time.perf_counter() - begun
    later = leads.meets.refined(parse({}, vocabulary), vocabulary, slow, now=timezone.now())

    assert took < 5  # counting takes nine at least
    assert (first.count.number, first.count.exact, str(first.count)) == (None, False, "not counted yet")
    assert (later.count.number, later.count.exact) == (3, True)


def test_an_interval_holds_the_truth_and_hardly_any_are_fewer_than_so_many() -> None:
    some = leads.sampling.Sample(Lead.objects.none(), drawn=2000, out_of=1_000_000)

    assert some.about(240).number == 120_000
    assert some.about(240).between == (106_000, 135_000)
    assert "between 106,000 and 135,000 with 95 % certainty" in some.about(240).method("leads")
    assert [str(some.about(seen)) for seen in range(4)] == [
        "fewer than 1,500", "fewer than 2,400", "fewer than 3,200", "about 1,500",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_count_that_nobody_waits_for_any_more_is_ended(slow: Any) -> None:
    vocabulary, asleep = lead_vocabulary(), slow.extra(where=["pg_sleep(2) IS NOT NULL"])

    def count() -> leads.meets.Meets:
        return leads.meets.refined(parse({}, vocabulary), vocabulary, asleep, now=timezone.now(), called="count 1 a")

    def end() -> int:
        until = time.monotonic() + 5
        while not (ended := give_up("count 1 a")) and time.monotonic() < until:
            time.sleep(0.01)
        return ended

    begun = time.monotonic()
    met, ended = at_once(count, end)

    assert isinstance(met, leads.meets.Meets)
    assert (met.count.number, met.busy, ended) == (None, False, 1)
    assert time.monotonic() - begun < 6  # three leads of two seconds each
    assert give_up("count 1 a") == 0


@pytest.mark.django_db(transaction=True)
def test_exact_counts_come_one_at_a_time() -> None:
    a_lead()
    vocabulary = lead_vocabulary()
    taken, asked = Event(), Event()

    def count() -> leads.meets.Meets:
        return leads.meets.refined(parse({}, vocabulary), vocabulary, Lead.objects.all(), now=timezone.now())

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(leads.meets.TURN)
            taken.set()
            asked.wait(10)

    def ask() -> leads.meets.Meets:
        taken.wait(10)
        try:
            return count()
        finally:
            asked.set()

    _, met = at_once(hold, ask)

    assert isinstance(met, leads.meets.Meets)
    assert (met.busy, met.count.number) == (True, None)
    assert (count().busy, count().count.number) == (False, 1)
