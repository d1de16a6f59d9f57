"""Marketers keep websites and rules on pages, timelines tell of visits, and other systems get links for their mails."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, MarketingContext, Role
from forms_intake.models import PageRule, Visit, Website
from tests.api.calling import an_api, problem_of
from tests.build import a_campaign, a_contact, a_form, a_lead, a_user
from tests.tracking.browsing import HOME, a_cookie, a_page_rule, a_website, ago, browse, tracked
from tests.tracking.test_stitching import NINA, posts_form

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER))
    return client


def test_a_website_is_added_and_its_script_copied(marketer: Client) -> None:
    campaign = a_campaign()
    sent = {"name": "Nordwind", "origins": " HTTPS://WWW.Nordwind.example/about/ \n\nhttps://shop.nordwind.example"}

    answer = marketer.post("/websites/new/", sent | {"campaign": campaign.pk}, follow=True)

    site = Website.objects.get()
    assert site.origins == [HOME, "https://shop.nordwind.example"]
    assert (site.marketing_context.kind, site.marketing_context.campaign) == ("website", campaign)
    page = answer.content.decode()
    assert f"data-website=&quot;{site.public_id}&quot; defer" in page
    assert "js/visits-1.js" in page
    assert '<dl class="card facts">' in page


@pytest.mark.parametrize(
    "origins",
    ["", "nordwind", "javascript:alert(1)", "nina@x.example", f"{HOME}\nftp://x.example", "https://"],
)
def test_what_is_no_website_is_refused_and_kept_in_the_form(marketer: Client, origins: str) -> None:
    answer = marketer.post("/websites/new/", {"name": "Nordwind", "origins": origins})

    assert answer.status_code == 422
    assert "Nordwind" in answer.content.decode()
    assert not Website.objects.exists()
    assert not MarketingContext.objects.filter(kind="website").exists()


def test_an_address_without_a_scheme_is_meant_with_https(marketer: Client) -> None:
    marketer.post("/websites/new/", {"name": "Nordwind", "origins": "www.Nordwind.example/about/\nshop.x.example:8443"})

    assert Website.objects.get().origins == [HOME, "https://shop.x.example:8443"]


def test_two_websites_of_one_name_are_told_apart(marketer: Client) -> None:
    a_website("Nordwind")

    assert marketer.post("/websites/new/", {"name": "Nordwind", "origins": HOME}).status_code == 422


def test_the_second_of_two_editors_is_told(marketer: Client) -> None:
    site = a_website("Nordwind")
    shown = marketer.get(f"/websites/{site.pk}/edit/").context["form"]
    seen = shown["seen"].value()
    Website.objects.update(name="Nordwind Group")

    answer = marketer.post(
        f"/websites/{site.pk}/edit/",
        {"name": "Nordwind", "origins": "https://new.example", "active": "on", "seen": seen},
    )

    assert answer.status_code == 422
    assert "Someone else has changed this" in answer.content.decode()
    assert Website.objects.get().origins == [HOME]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"match": "exact", "pattern": "pricing"}, ("/pricing", "")),
        ({"match": "exact", "pattern": f"{HOME}/pricing/?a=b"}, ("/pricing/", "www.nordwind.example")),
        ({"match": "glob", "pattern": "*.pdf"}, ("*.pdf", "")),
        ({"match": "host", "host": "https://Shop.nordwind.example/x"}, ("", "shop.nordwind.example")),
    ],
)
def test_a_rule_is_added_as_it_was_meant(marketer: Client, sent: dict[str, str], stored: tuple[str, str]) -> None:
    site = a_website()

    answer = marketer.post(f"/websites/{site.pk}/rules/new/", {"name": "Pricing visited", **sent})

    assert answer.status_code == 302
    rule = PageRule.objects.get()
    assert (rule.pattern, rule.host, rule.position) == (*stored, 0)


@pytest.mark.parametrize("sent", [{"match": "exact"}, {"match": "host"}, {"match": "glob", "host": "no host"}])
def test_a_rule_that_says_nothing_is_refused(marketer: Client, sent: dict[str, str]) -> None:
    answer = marketer.post(f"/websites/{a_website().pk}/rules/new/", {"name": "Pricing visited", **sent})

    assert answer.status_code == 422
    assert not PageRule.objects.exists()


def test_rules_are_ordered_and_removed(marketer: Client) -> None:
    site = a_website()
    first, second = a_page_rule(site), a_page_rule(site, "/p", "All with p", match="prefix", position=1)

    marketer.post(f"/websites/{site.pk}/rules/{second.pk}/up/")
    assert list(site.rules.all()) == [second, first]
    marketer.post(f"/websites/{site.pk}/rules/{first.pk}/remove/")

    assert list(site.rules.all()) == [second]
    assert marketer.post(f"/websites/{site.pk}/rules/{first.pk}/down/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("/pricing/", "counts as <strong>Pricing visited</strong>"),
        (f"{HOME}/pricing?x=1", "counts as <strong>Pricing visited</strong>"),
        ("/about/", "meets no rule"),
        ("https://evil.example/pricing/", "is none of this website"),
        ("http://[", "no address of a page"),
        (HOSTILE, "meets no rule"),
    ],
)
def test_an_address_can_be_tried(marketer: Client, asked: str, words: str) -> None:
    site = a_website()
    a_page_rule(site)

    page = marketer.get(f"/websites/{site.pk}/", {"try": asked}).content.decode()

    assert words in page
    assert HOSTILE not in page


def test_the_page_of_a_website_shows_visits_top_pages_and_what_met_rules(marketer: Client) -> None:
    site, cookie = a_website(HOSTILE), a_cookie()
    a_page_rule(site, name=f"Pricing {HOSTILE}")
    browse(site, cookie, "/pricing/", f"/{HOSTILE}", t=HOSTILE, minutes_ago=3)
    browse(site, a_cookie(), "/")
    posts_form(cookie, NINA)

    page = marketer.get(f"/websites/{site.pk}/").content.decode()

    assert HOSTILE not in page
    assert "2 in all" in page
    assert "1 page view in 30 days, the latest" in page
    assert marketer.get("/websites/").status_code == 200


def test_an_empty_website_says_what_to_do(marketer: Client) -> None:
    assert "No websites yet" in marketer.get("/websites/").content.decode()
    page = marketer.get(f"/websites/{a_website().pk}/").content.decode()
    assert "No visits yet" in page
    assert "No rules yet" in page


def test_a_timeline_tells_of_visits_page_by_page(marketer: Client) -> None:
    site, cookie = a_website("Nordwind"), a_cookie()
    a_page_rule(site)
    browse(site, cookie, "/", minutes_ago=9, r="https://search.example/x?q=1", u=f"{HOME}/?utm_campaign=autumn")
    browse(site, cookie, "/pricing/", f"/{HOSTILE}", minutes_ago=5, t=HOSTILE)
    posts_form(cookie, NINA)
    contact = Contact.objects.get(email=NINA)

    page = marketer.get(f"/contacts/{contact.pk}/").content.decode()
    only = marketer.get(f"/contacts/{contact.pk}/?show=visits").content.decode()

    for shown in (page, only):
        assert "Visited Nordwind:" in shown
        assert "3 pages in 4 min" in shown
        assert "from search.example/x · campaign autumn · attributed later" in shown
        assert HOSTILE not in shown
    assert "Attributed later: it happened before we knew who it was" in page


def test_a_visit_has_a_page_that_timelines_and_websites_lead_to(marketer: Client) -> None:
    site, cookie, other = a_website("Nordwind"), a_cookie(), a_cookie()
    a_page_rule(site)
    browse(site, cookie, "/", minutes_ago=9, r="https://search.example/x?q=1", u=f"{HOME}/?utm_campaign=autumn")
    browse(site, cookie, "/pricing/", f"/{HOSTILE}", minutes_ago=5, t=HOSTILE)
    posts_form(cookie, NINA)
    browse(site, other, "/jobs/", minutes_ago=3)
    tracked()
    contact, nobody = Contact.objects.get(email=NINA), Visit.objects.get(contact=None)
    link = f"/visits/{Visit.objects.get(contact=contact).pk}/"

    lists = [marketer.get(f"/contacts/{contact.pk}/"), marketer.get(f"/websites/{site.pk}/")]
    page = marketer.get(link).content.decode()

    assert all(link in one.content.decode() for one in lists)
    for words in (str(contact), "search.example/x", "autumn", "Pricing visited", "attributed later", "4 min until"):
        assert words in page, words
    assert HOSTILE not in page
    unknown = marketer.get(f"/visits/{nobody.pk}/")
    assert "somebody unknown" in unknown.content.decode()
    links = [link for section in unknown.context["rail"]() for link in section.links]
    assert [link.label for link in links if link.current] == ["Websites"]
    marketer.force_login(a_user(Role.SALESPERSON))
    assert marketer.get(f"/visits/{nobody.pk}/").status_code == 403


def test_whoever_may_not_read_a_contact_reads_no_visit_of_theirs_except_through_a_lead(client: Client) -> None:
    sam = a_user(Role.SALESPERSON)
    contact = a_contact(marketing_only=True)
    cookie = a_cookie()
    browse(a_website(), cookie, "/", minutes_ago=3)
    tracked()
    Visit.objects.update(contact=contact)
    client.force_login(sam)
    address = f"/visits/{Visit.objects.get().pk}/"

    assert client.get(address).status_code == 403
    a_lead(contact, owner=sam)
    page = client.get(address)
    assert page.status_code == 200
    assert f"/contacts/{contact.pk}/" not in page.content.decode()


def test_our_own_pages_carry_the_script_of_the_website_that_lists_our_address(client: Client, settings: Any) -> None:
    form = a_form()
    assert b"visits-1.js" not in client.get(f"/f/{form.public_id}/").content

    site = a_website(origins=(HOME, "http://127.0.0.1:8000"))

    page = client.get(f"/f/{form.public_id}/").content.decode()
    assert f'data-website="{site.public_id}"' in page
    assert "data-ask-visits hidden" in page


def test_another_system_gets_a_pixel_and_links_for_each_contact(client: Client) -> None:
    nina, otto = a_contact(), a_contact("Otto")
    target = "https://www.nordwind.example/offer/"
    body = {"mail": "autumn-1", "subject": "News", "contact_ids": [otto.pk, nina.pk, 10**9], "links": [target]}

    answer = an_api().post("/tracked-mails", body | {"sent_at": ago(60).isoformat()})

    assert answer.status_code == 200
    said = answer.json()
    assert [one["contact_id"] for one in said["items"]] == [otto.pk, nina.pk]
    assert said["unknown"] == [10**9]
    link = said["items"][0]["links"][0]
    assert client.get(link.partition("8000")[2])["Location"] == target
    assert said["items"][0]["pixel"].endswith(".gif")


def test_a_link_that_is_none_is_refused_by_its_place() -> None:
    body = {"mail": "autumn-1", "contact_ids": [a_contact().pk], "links": ["https://ok.example/", "javascript:x"]}

    assert problem_of(an_api().post("/tracked-mails", body))[2].keys() == {"links.1"}


def test_a_token_of_sales_makes_no_mailing() -> None:
    body = {"mail": "autumn-1", "contact_ids": [a_contact().pk]}

    assert an_api(Role.SALESPERSON).post("/tracked-mails", body).status_code == 403


def test_where_there_is_nothing_no_level_of_headings_is_left_out(marketer: Client) -> None:
    page = marketer.get("/websites/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]

    assert '<p class="title">No websites yet</p>' in main
    assert re.findall(r"<h(\d)", main) == ["1"]
