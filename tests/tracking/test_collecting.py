"""Hits are taken from pages of the website only, kept in one statement; whatever is sent, nobody learns anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from forms_intake.models import Hit, RawHit, Visit
from forms_intake.tracking.sites import site_of
from leadcrm.lib import ratelimit
from tests.tracking.browsing import HOME, a_cookie, a_hit, a_website, post_hits, tracked

pytestmark = pytest.mark.django_db


def test_a_page_of_the_website_is_taken_and_may_read_that_it_was(client: Client) -> None:
    website = a_website()

    answer = post_hits(client, website, {"v": a_cookie(), "h": [a_hit("/pricing/")]})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == HOME
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies
    raw = RawHit.objects.get()
    assert (raw.kind, raw.website_id) == ("hits", website.pk)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://www.nordwind.example", "null", "", f"{HOME}.evil.example", f"{HOME}:444"]
)
def test_a_page_of_another_origin_is_refused_and_told_nothing(client: Client, origin: str) -> None:
    answer = post_hits(client, a_website(), {"v": a_cookie(), "h": [a_hit()]}, origin=origin)

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer
    assert not RawHit.objects.exists()


def test_a_preflight_is_answered_for_the_websites_own_pages_only(client: Client) -> None:
    website = a_website()

    ours = client.options(f"/t/{website.public_id}/", HTTP_ORIGIN=HOME)
    theirs = client.options(f"/t/{website.public_id}/", HTTP_ORIGIN="https://evil.example")

    assert (ours.status_code, ours["Access-Control-Allow-Methods"]) == (204, "POST")
    assert (theirs.status_code, "Access-Control-Allow-Methods" in theirs) == (403, False)


def test_taking_hits_asks_the_database_once(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    website = a_website()
    site_of(website.public_id)

    with django_assert_num_queries(1):
        post_hits(client, website, {"v": a_cookie(), "h": [a_hit("/a/"), a_hit("/b/")]})


@pytest.mark.parametrize("header", ["HTTP_DNT", "HTTP_SEC_GPC"])
def test_of_who_asks_not_to_be_followed_nothing_is_kept(client: Client, header: str) -> None:
    answer = post_hits(client, a_website(), {"v": a_cookie(), "h": [a_hit()]}, **{header: "1"})

    assert answer.status_code == 204
    assert not RawHit.objects.exists()


def test_a_website_that_is_unknown_or_inactive_takes_nothing(client: Client) -> None:
    website = a_website(active=False)

    assert post_hits(client, website, {"v": a_cookie(), "h": [a_hit()]}).status_code == 404
    website.public_id = "nothing-here"
    assert post_hits(client, website, {"v": a_cookie(), "h": [a_hit()]}).status_code == 404
    assert client.get(f"/t/{website.public_id}/").status_code == 404


def test_too_many_requests_from_one_address_are_put_off(client: Client, settings: Settings) -> None:
    settings.HITS_PER_MINUTE = 2
    ratelimit._local.clear()
    website = a_website()

    codes = [post_hits(client, website, {"v": a_cookie(), "h": [a_hit()]}).status_code for _ in range(3)]

    assert codes == [204, 204, 429]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{",
        b"\xff\xfe",
        "[" * 5000,
        '{"v": NaN, "h": []}',
        '{"v": "short", "h": [{"i": "12345678", "u": "https://www.nordwind.example/"}]}',
        {"v": a_cookie(), "h": []},
        {"v": a_cookie(), "h": [1]},
        {"v": a_cookie(), "h": {"i": 1}},
        {"v": a_cookie(), "h": [{"i": "../../x", "u": HOME}]},
        {"v": [a_cookie()], "h": [a_hit()]},
        {"v": a_cookie(), "h": [a_hit()] * 21},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, body: Any) -> None:
    assert post_hits(client, a_website(), body).status_code == 400
    assert not RawHit.objects.exists()


def test_what_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    answer = post_hits(client, a_website(), {"v": a_cookie(), "h": [a_hit("/" + "x" * 20_000)]})

    assert answer.status_code == 413


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
ADDRESSES = st.one_of(
    st.text(max_size=50),
    st.text(max_size=50).map(lambda text: f"{HOME}/{text}"),
    st.sampled_from(["http://[", "https://www.nordwind.example:99999/", f"{HOME}/%00%ff", f"{HOME}/?{'a=1&' * 200}"]),
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(ADDRESSES, ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=3), st.text(max_size=20))
def test_hostile_hits_neither_break_the_door_nor_a_worker(client: Client, said: Any, agent: str) -> None:
    website = a_website()
    hits = [{**a_hit(), "u": address, "t": title, "r": referrer, "a": age} for address, title, referrer, age in said]

    answer = post_hits(client, website, json.dumps({"v": a_cookie(), "h": hits}), agent=f"Mozilla/5.0 {agent}")
    tracked()

    assert answer.status_code == 204
    assert not RawHit.objects.exists()
    assert all(hit.host == "www.nordwind.example" for hit in Hit.objects.all())
    assert Visit.objects.filter(website=website).count() <= len(hits)
