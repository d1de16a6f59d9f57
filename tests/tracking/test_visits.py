"""Page views become visits and, by the website's rules, interactions: once a visit, once however often delivered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Change, Interaction, InteractionType
from forms_intake.known import word_for
from forms_intake.models import Hit, PageMatch, RawHit, Visit, Visitor
from forms_intake.spec.shape import ContextSpec
from forms_intake.tracking.addresses import page_of, referrer_of
from forms_intake.tracking.rules import RuleSpec, meets
from tests.build import a_campaign, a_contact, a_context, a_product
from tests.tracking.browsing import CHROME, HOME, a_cookie, a_hit, a_page_rule, a_website, browse, tracked

pytestmark = pytest.mark.django_db


def test_the_script_has_less_than_three_kilobytes() -> None:
    script = Path(django_settings.BASE_DIR) / "static" / "js" / "visits-1.js"

    assert script.stat().st_size < 3 * 1024


def test_page_views_with_no_half_hour_between_them_are_one_visit() -> None:
    website, cookie = a_website(), a_cookie()
    for minutes, path in ((100, "/"), (80, "/blog/"), (55, "/pricing/"), (20, "/contact/")):
        browse(website, cookie, path, minutes_ago=minutes)

    tracked()

    visits = Visit.objects.order_by("started_at")
    assert [(one.pages, one.landing) for one in visits] == [(3, "/"), (1, "/contact/")]
    assert {one.contact_id for one in visits} == {None}
    assert not Interaction.objects.exists()
    assert not RawHit.objects.exists()


def test_hits_that_come_late_and_in_bits_still_belong_to_their_visit() -> None:
    website, cookie = a_website(), a_cookie()
    browse(website, cookie, "/second/", minutes_ago=10)
    tracked()
    browse(website, cookie, "/first/", minutes_ago=0, a=20 * 60_000)
    browse(website, cookie, "/third/", minutes_ago=0)

    tracked()

    visit = Visit.objects.get()
    assert (visit.pages, visit.landing) == (3, "/first/")


def test_a_hit_that_is_delivered_twice_counts_once() -> None:
    website, cookie, hit = a_website(), a_cookie(), a_hit("/pricing/")
    for _ in range(2):
        body = json.dumps({"v": cookie, "h": [hit, hit]})
        RawHit.objects.create(kind="hits", website_id=website.pk, body=body, user_agent=CHROME)
        tracked()
    RawHit.objects.create(kind="hits", website_id=website.pk, body=body, user_agent=CHROME)
    RawHit.objects.create(kind="hits", website_id=website.pk, body=body, user_agent=CHROME)

    tracked()

    assert Hit.objects.count() == 1
    assert Visit.objects.get().pages == 1


def test_the_cookie_itself_is_not_kept() -> None:
    cookie = a_cookie()
    browse(a_website(), cookie, "/")
    tracked()

    assert cookie not in str(Visitor.objects.values_list().get())


@pytest.mark.parametrize("agent", ["Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.5.0", "GPTBot/1.2", ""])
def test_robots_leave_nothing(agent: str) -> None:
    browse(a_website(), a_cookie(), "/", agent=agent)
    tracked()

    assert not Visit.objects.exists()
    assert not Visitor.objects.exists()
    assert not RawHit.objects.exists()


def test_a_page_elsewhere_is_no_visit_of_the_website() -> None:
    browse(a_website(), a_cookie(), "/", u="https://elsewhere.example/pricing/")
    tracked()

    assert not Visit.objects.exists()


def test_of_an_address_only_path_and_campaign_are_kept() -> None:
    website = a_website()
    address = f"{HOME}/hello/nina@nordwind.example?email=nina@nordwind.example&utm_campaign=autumn&token=secret#part"
    browse(website, a_cookie(), "/", u=address, r="https://search.example/find?q=who+is+nina")

    tracked()

    visit, hit = Visit.objects.get(), Hit.objects.get()
    assert (hit.path, visit.referrer, visit.tags) == (
        "/hello/(e-mail)",
        "search.example/find",
        {"utm_campaign": "autumn"},
    )


def test_a_known_visitors_visit_that_meets_a_rule_is_one_interaction_about_what_the_rule_says() -> None:
    contact, website, cookie = a_contact(), a_website(), a_cookie()
    about = a_context("Prices", "job", campaign=a_campaign("Autumn"), product=a_product("Routes"))
    a_page_rule(website, "/pricing/", "Pricing visited", marketing_context=about)
    a_page_rule(website, "/p", "Any page with p", match=PageMatch.PREFIX, position=1)
    browse(website, cookie, "/", u=f"{HOME}/?who={word_for(contact.pk)}", minutes_ago=9)
    browse(website, cookie, "/pricing", "/pricing/", "/press/", minutes_ago=5, t="What it costs")
    Change.objects.all().delete()

    tracked()

    first, second = Interaction.objects.order_by("subject")
    assert (first.subject, second.subject) == ("Any page with p", "Pricing visited")
    assert (second.contact, second.type) == (contact, InteractionType.PAGE_VISITED)
    assert (second.marketing_context, second.campaign, second.product) == (about, about.campaign, about.product)
    assert first.marketing_context == website.marketing_context
    assert second.payload["page"] == "www.nordwind.example/pricing"
    assert second.payload["details"] == "What it costs"
    assert Change.objects.filter(subject="contact", subject_id=contact.pk).exists()
    browse(website, cookie, "/pricing/")
    tracked()
    assert Interaction.objects.count() == 2


def test_another_visit_is_another_interaction() -> None:
    contact, website, cookie = a_contact(), a_website(), a_cookie()
    a_page_rule(website)
    for minutes in (200, 100, 0):
        browse(website, cookie, "/pricing/", u=f"{HOME}/pricing/?who={word_for(contact.pk)}", minutes_ago=minutes)

    tracked()

    assert Interaction.objects.filter(contact=contact).count() == 3


def test_a_word_that_nobody_signed_names_nobody() -> None:
    contact, website = a_contact(), a_website()
    a_page_rule(website)
    for word in (f"{contact.pk}", f"{contact.pk}~x~y", word_for(contact.pk)[:-1], word_for(10**12)):
        browse(website, a_cookie(), "/pricing/", u=f"{HOME}/pricing/?who={word}")

    tracked()

    assert not Interaction.objects.exists()
    assert Visit.objects.filter(contact=None).count() == 4


def test_many_hits_take_as_many_statements_as_few(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    website = a_website()
    a_page_rule(website)
    people = [(a_contact(), a_cookie()) for _ in range(20)]
    for contact, cookie in people:
        browse(website, cookie, "/", u=f"{HOME}/?who={word_for(contact.pk)}", minutes_ago=8)
    tracked()
    browse(website, people[0][1], "/pricing/")
    with CaptureQueriesContext(connection) as few:
        tracked()
    for _, cookie in people[1:]:
        browse(website, cookie, "/pricing/", "/blog/")
    with CaptureQueriesContext(connection) as many:
        tracked()

    assert len(many) <= len(few)


def test_what_nothing_can_be_made_of_is_kept_with_its_reason_and_stops_nobody() -> None:
    website = a_website()
    RawHit.objects.create(kind="hits", website_id=website.pk, body="no json", user_agent=CHROME)
    browse(website, a_cookie(), "/")

    tracked()

    assert Visit.objects.count() == 1
    assert "JSONDecodeError" in RawHit.objects.get().error


A_CONTEXT = ContextSpec(1, None, None)


@pytest.mark.parametrize(
    ("match", "pattern", "host", "path", "met"),
    [
        ("exact", "/pricing/", "", "/Pricing", True),
        ("exact", "/", "", "/", True),
        ("exact", "/pricing/", "", "/pricing/more/", False),
        ("prefix", "/blog/", "", "/blog", True),
        ("prefix", "/blog/", "", "/blogs/", False),
        ("prefix", "/blog", "", "/blogs/", True),
        ("glob", "/products/*/price", "", "/products/vans/price/", True),
        ("glob", "/products/*/price", "", "/products/price", False),
        ("glob", "*.pdf", "", "/files/savings.PDF", True),
        ("glob", "/a(b", "", "/a(b", True),
        ("host", "", "www.nordwind.example", "/anything", True),
        ("host", "", "shop.nordwind.example", "/anything", False),
        ("exact", "/x", "shop.nordwind.example", "/x", False),
    ],
)
def test_which_pages_meet_a_rule(match: str, pattern: str, host: str, path: str, met: bool) -> None:
    rule = RuleSpec(1, "Rule", match, pattern, host, A_CONTEXT)

    assert meets(rule, "www.nordwind.example", path) is met


@pytest.mark.parametrize(
    ("address", "host", "path"),
    [
        ("HTTPS://WWW.Nordwind.example:443", "www.nordwind.example", "/"),
        ("http://bücher.example/%C3%BCber uns/", "xn--bcher-kva.example", "/über uns/"),
        ("http://localhost:8000/a//b", "localhost:8000", "/a//b"),
        ("http://[::1]:8000/", "[::1]:8000", "/"),
    ],
)
def test_how_addresses_are_read(address: str, host: str, path: str) -> None:
    page = page_of(address)

    assert page is not None
    assert (page.host, page.path) == (host, path)


def test_what_is_no_address_of_the_web_is_no_page() -> None:
    for text in ("javascript:alert(1)", "//x", "", "http://", "http://[", "ftp://x/", "http://a b/", "https://-x/"):
        assert page_of(text) is None
    assert referrer_of(f"{HOME}/about/", "www.nordwind.example") == ""
    assert timezone.now()
