"""Visits are counted without a name, of people alone; who came by a signed link has an interaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionType, Role
from forms_intake.anywhere.visits import seen_lately
from forms_intake.known import word_for
from forms_intake.models import FormCapture, FormDay, IdentifiedBy, IntakeForm, Visitor, VisitorIdentity, Website
from forms_intake.tracking.addresses import origin_of
from forms_intake.tracking.identities import NAME, key_of
from tests.build import a_contact, a_form, a_page, a_user
from tests.forms_intake.posting import processed
from tests.tracking.browsing import a_cookie, a_website

pytestmark = pytest.mark.django_db
PERSON: dict[str, Any] = {"HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SITE = "https://www.example.com"


@pytest.fixture
def form() -> IntakeForm:
    return a_form(origins=[SITE])


def test_people_count_wherever_they_see_it_and_robots_and_repeats_do_not(client: Client, form: IntakeForm) -> None:
    a_page(form)
    here = f"/f/{form.public_id}/"
    for address in (here, f"{here}embed/", f"{here}frame/", "/p/demo/"):
        client.get(address, **PERSON)
    client.get(f"{here}embed/?check=1", **PERSON)  # a script that asks whether it may
    client.head(here, **PERSON)
    client.get(here, HTTP_USER_AGENT="Googlebot/2.1")
    client.get(here, **PERSON, HTTP_SEC_PURPOSE="prefetch;prerender")
    assert seen_lately([form.pk])[form.pk].visits == 4
    for _ in range(30):
        client.get(here, REMOTE_ADDR="203.0.113.4", **PERSON)
    assert seen_lately([form.pk])[form.pk].visits == 24


def test_the_list_of_forms_shows_visits_and_conversion_of_thirty_days(client: Client, form: IntakeForm) -> None:
    for number in range(8):
        client.get(f"/f/{form.public_id}/", REMOTE_ADDR=f"192.0.2.{number}", **PERSON)
    client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example"})
    client.post(f"/f/{form.public_id}/", {"email": "spam@nordwind.example", "your-website": "x"})
    processed()
    FormDay.objects.create(form=form, day=timezone.localdate() - timedelta(days=31), shard=0, visits=1000)
    seen = seen_lately([form.pk])[form.pk]
    assert (seen.visits, seen.submissions, seen.conversion) == (8, 1, 12.5)
    client.force_login(a_user(Role.MARKETER))
    page = client.get("/forms/").content.decode()
    assert "12.5 %" in page and "1 of 8 visits" in page


def test_who_came_by_a_signed_link_saw_the_form_once_a_day(client: Client, form: IntakeForm) -> None:
    nina = a_contact()
    word = word_for(nina.pk)
    for _ in range(3):
        client.get(f"/f/{form.public_id}/?who={word}", **PERSON)
    client.get(f"/f/{form.public_id}/embed/?who={word}", HTTP_ORIGIN=SITE, **PERSON)
    client.get(f"/f/{form.public_id}/?who={word[:-3]}abc", **PERSON)
    client.get(f"/f/{form.public_id}/?who={nina.pk}", **PERSON)
    seen = Interaction.objects.get(type=InteractionType.FORM_VISITED)
    assert (seen.contact_id, seen.subject, seen.robot) == (nina.pk, form.name, False)
    assert seen.marketing_context_id == form.marketing_context_id


def a_known_cookie(*people: Contact) -> str:
    """The cookie of a browser that these people used, one after the other."""
    cookie, now = a_cookie(), timezone.now()
    visitor = Visitor.objects.create(key=str(key_of(cookie)), first_seen=now, last_seen=now)
    for number, contact in enumerate(people):
        since = now - timedelta(hours=len(people) - number)
        VisitorIdentity.objects.create(visitor=visitor, contact=contact, since=since, how=IdentifiedBy.FORM)
    return cookie


def tell_seen(client: Client, form: IntakeForm, **said: Any) -> Any:
    """What a script on a page of theirs posts; headers are those in capitals."""
    body = {key: value for key, value in said.items() if not key.isupper()}
    headers = {"HTTP_ORIGIN": SITE, **PERSON} | {key: value for key, value in said.items() if key.isupper()}
    return client.post(f"/f/{form.public_id}/seen/", body, **headers)


def seers() -> list[int]:
    return list(Interaction.objects.filter(type=InteractionType.FORM_VISITED).values_list("contact_id", flat=True))


def test_who_is_known_by_their_visits_saw_the_form_once_a_day(form: IntakeForm) -> None:
    a_website(origins=(SITE,))
    nina, otto = a_contact(), a_contact()
    cookie = a_known_cookie(otto, nina)
    client = Client(enforce_csrf_checks=True)

    answers = [tell_seen(client, form, _visitor=said) for said in (cookie, cookie, a_cookie(), "1", "")]

    assert {(one.status_code, one["Access-Control-Allow-Origin"]) for one in answers} == {(204, SITE)}
    assert seers() == [nina.pk]
    assert not FormDay.objects.exists()


def test_on_pages_of_ours_who_is_known_by_their_visits_saw_the_form_and_at_a_kiosk_nobody_did(
    client: Client, form: IntakeForm
) -> None:
    a_page(form)
    a_website(origins=(origin_of(settings.SITE_URL),))
    for address in (f"/f/{form.public_id}/", "/p/demo/"):
        nina = a_contact()
        client.cookies[NAME] = a_known_cookie(nina)
        client.get(f"/f/{form.public_id}/?kiosk=1", **PERSON)
        client.get(address, **PERSON, HTTP_DNT="1")
        assert nina.pk not in seers()

        client.get(address, **PERSON)

        assert nina.pk in seers()


@pytest.mark.parametrize("origin", [origin_of(settings.SITE_URL), SITE])
def test_a_cookie_says_nothing_any_more_where_its_website_is_switched_off_or_lists_the_page_no_longer(
    client: Client, form: IntakeForm, origin: str
) -> None:
    a_page(form)
    nina, site = a_contact(), a_website(origins=(origin,))
    client.cookies[NAME] = a_known_cookie(nina)

    def look() -> None:
        if origin == SITE:
            tell_seen(client, form, _visitor=client.cookies[NAME].value)
            return
        for address in (f"/f/{form.public_id}/", f"/f/{form.public_id}/frame/", "/p/demo/"):
            client.get(address, **PERSON)

    for change in ({"active": False}, {"active": True, "origins": ["https://shop.example.com"]}):
        Website.objects.filter(pk=site.pk).update(**change)
        look()
        assert seers() == []
    Website.objects.filter(pk=site.pk).update(origins=[origin])
    look()
    assert seers() == [nina.pk]


def test_nothing_is_noted_of_who_asks_not_to_be_followed_of_robots_and_for_pages_of_other_sites(
    client: Client, form: IntakeForm
) -> None:
    a_website(origins=(SITE, "https://evil.example.org"))
    cookie = a_known_cookie(a_contact())

    quiet = [
        tell_seen(client, form, _visitor=cookie, HTTP_SEC_GPC="1"),
        tell_seen(client, form, _visitor=cookie, HTTP_USER_AGENT="Googlebot/2.1"),
    ]
    refused = [
        tell_seen(client, form, _visitor=cookie, HTTP_ORIGIN=origin)
        for origin in ("https://evil.example.org", "null", "")
    ]
    refused.append(client.post("/f/none/seen/", {"_visitor": cookie}, HTTP_ORIGIN=SITE))

    assert {one.status_code for one in quiet} == {204}
    assert {(one.status_code, one.headers.get("Access-Control-Allow-Origin")) for one in refused} == {(403, None)}
    assert seers() == []


def test_a_form_of_theirs_that_is_heard_has_visits_and_so_a_conversion(client: Client, form: IntakeForm) -> None:
    capture = FormCapture.objects.create(form=form, name="Shop", selector="#contact", names={"mail": "email"})
    other = FormCapture.objects.create(form=a_form("Other"), name="Other", selector="form")

    for said in (capture.pk, capture.pk, other.pk, "x", ""):
        tell_seen(client, form, _capture=said)
    tell_seen(client, form, _capture=capture.pk, HTTP_USER_AGENT="Googlebot/2.1")
    client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "_capture": capture.pk})
    processed()

    seen = seen_lately([form.pk])[form.pk]
    assert (seen.visits, seen.submissions, seen.conversion) == (2, 1, 50.0)
    for _ in range(30):
        tell_seen(client, form, _capture=capture.pk, REMOTE_ADDR="203.0.113.4")
    assert seen_lately([form.pk])[form.pk].visits == 22
