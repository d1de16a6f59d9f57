"""Who a browser turned out to be: earlier visits are theirs and say so, and a cookie never outranks an e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from contacts.merging.service import merge_contacts
from contacts.models import Contact, Interaction, InteractionType
from forms_intake.known import word_for
from forms_intake.models import Hit, IdentifiedBy, RawHit, Submission, Visit, VisitorIdentity, Website
from forms_intake.tracking.addresses import origin_of
from forms_intake.tracking.identities import Epoch, key_of, owner_at
from forms_intake.tracking.sites import forget_sites
from forms_intake.tracking.work import track_next
from tests.build import a_contact, a_form, a_user
from tests.forms_intake.posting import a_submission, processed
from tests.threads import at_once
from tests.tracking.browsing import HOME, a_cookie, a_page_rule, a_website, ago, browse, tracked

pytestmark = pytest.mark.django_db

NINA, OTTO = "nina@nordwind.example", "otto@nordwind.example"


def posts_form(cookie: str, email: str, *, minutes_ago: float = 0, form: Any = None) -> Submission:
    """A form sent by the browser with this cookie; processed, and followed up."""
    submission = a_submission(form or a_form(f"Form {Submission.objects.count()}"), email=email)
    origin, at = {"visitor": str(key_of(cookie))}, ago(minutes_ago)
    Submission.objects.filter(pk=submission.pk).update(origin=origin, received_at=at)
    processed(submission)
    tracked()
    return submission


def visits_of(email: str) -> list[tuple[str, bool]]:
    found = Interaction.objects.filter(contact__email=email, type=InteractionType.PAGE_VISITED)
    return [(one.subject, one.payload.get("attributed") == "later") for one in found.order_by("occurred_at", "pk")]


def test_a_form_post_keeps_a_digest_of_the_cookie_and_names_the_browser(client: Client) -> None:
    form, cookie = a_form(origins=[HOME]), a_cookie()
    a_website()

    client.post(f"/f/{form.public_id}/", {"email": NINA, "_visitor": cookie}, HTTP_ORIGIN=HOME)

    submission = Submission.objects.get()
    assert submission.origin["visitor"] == str(key_of(cookie))
    assert cookie not in str(submission.origin)
    assert submission.dropped == []
    processed(submission)
    tracked()
    identity = VisitorIdentity.objects.get()
    assert (identity.contact.email, identity.how, identity.since) == (NINA, IdentifiedBy.FORM, submission.received_at)


OURS = origin_of(django_settings.SITE_URL)
FROM: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a page of theirs": (HOME, "", {"HTTP_ORIGIN": HOME}),
    "a frame on it": (HOME, f"?frame={HOME}", {"HTTP_ORIGIN": OURS}),
    "a page of ours": (OURS, "", {"HTTP_ORIGIN": "http://testserver"}),
    "a program that says the page": (HOME, "", {"_at": f"{HOME}/contact/?a=1"}),
}


@pytest.mark.parametrize("origin, query, said", FROM.values(), ids=FROM)
def test_a_sent_form_says_whose_the_browser_is_only_while_a_website_in_use_lists_the_page(
    client: Client, origin: str, query: str, said: dict[str, Any]
) -> None:
    form, site = a_form(origins=[HOME]), a_website(origins=(origin,))
    headers = {key: value for key, value in said.items() if key.startswith("HTTP_")}
    fields = {key: value for key, value in said.items() if key not in headers} | {"_visitor": a_cookie()}

    def is_followed(email: str, **more: Any) -> bool:
        forget_sites()
        client.post(f"/f/{form.public_id}/{query}", {"email": email} | fields, **headers, **more)
        return "visitor" in Submission.objects.get(payload__email=email).origin

    assert is_followed("in.use@nordwind.example")
    assert not is_followed("asks.not.to@nordwind.example", HTTP_SEC_GPC="1")
    Website.objects.filter(pk=site.pk).update(active=False)
    assert not is_followed("switched.off@nordwind.example")
    Website.objects.filter(pk=site.pk).update(active=True, origins=["https://shop.example.com"])
    assert not is_followed("listed.no.longer@nordwind.example")


def test_a_visitor_that_no_page_goes_with_is_ignored(client: Client) -> None:
    a_website()

    client.post(f"/f/{a_form().public_id}/", {"email": NINA, "_visitor": a_cookie()})

    assert "visitor" not in Submission.objects.get().origin


def test_a_visitor_that_is_none_is_ignored(client: Client) -> None:
    a_website()

    client.post(f"/f/{a_form(origins=[HOME]).public_id}/", {"email": NINA, "_visitor": "1"}, HTTP_ORIGIN=HOME)

    assert "visitor" not in Submission.objects.get().origin


def test_what_a_browser_did_before_the_form_is_given_to_the_person_and_flagged() -> None:
    website, cookie = a_website(), a_cookie()
    a_page_rule(website)
    browse(website, cookie, "/pricing/", minutes_ago=2 * 24 * 60)
    browse(website, cookie, "/", "/pricing/", minutes_ago=5)
    tracked()

    posts_form(cookie, NINA)
    browse(website, cookie, "/pricing/", "/about/")
    tracked()

    assert visits_of(NINA) == [("Pricing visited", True), ("Pricing visited", True)]
    contact = Contact.objects.get()
    visits = Visit.objects.filter(contact=contact).order_by("started_at")
    assert [(one.pages, one.later) for one in visits] == [(1, True), (4, True)]
    assert "Attributed later" in Interaction.objects.filter(type="page_visited")[0].payload["details"]


def test_what_is_older_than_the_window_stays_nobodys(settings: Settings) -> None:
    settings.HITS_ATTRIBUTED_DAYS = 10
    website, cookie = a_website(), a_cookie()
    a_page_rule(website)
    browse(website, cookie, "/pricing/", minutes_ago=11 * 24 * 60)
    browse(website, cookie, "/pricing/", minutes_ago=9 * 24 * 60)
    tracked()

    posts_form(cookie, NINA)

    assert len(visits_of(NINA)) == 1
    assert Visit.objects.filter(contact=None).count() == 1


def test_a_form_with_another_mail_takes_the_browser_from_then_on_and_no_more() -> None:
    website, cookie = a_website(), a_cookie()
    a_page_rule(website)
    browse(website, cookie, "/pricing/", minutes_ago=300)
    posts_form(cookie, NINA, minutes_ago=290)
    browse(website, cookie, "/pricing/", minutes_ago=200)
    tracked()

    submission = posts_form(cookie, OTTO, minutes_ago=100)
    browse(website, cookie, "/pricing/", minutes_ago=50)
    tracked()

    submission.refresh_from_db()
    assert submission.contact and submission.contact.email == OTTO
    assert visits_of(NINA) == [("Pricing visited", True), ("Pricing visited", False)]
    assert visits_of(OTTO) == [("Pricing visited", False)]
    assert Visit.objects.filter(contact__email=NINA).count() == 2


def test_what_was_taken_for_the_first_ones_before_the_form_was_processed_goes_to_the_second() -> None:
    website, cookie = a_website(), a_cookie()
    a_page_rule(website)
    a_page_rule(website, "/docs/", "Docs read")
    posts_form(cookie, NINA, minutes_ago=100)
    browse(website, cookie, "/docs/", minutes_ago=20)
    browse(website, cookie, "/docs/", minutes_ago=8)
    browse(website, cookie, "/pricing/", minutes_ago=6)
    tracked()
    assert len(visits_of(NINA)) == 2

    posts_form(cookie, OTTO, minutes_ago=10)

    assert visits_of(NINA) == [("Docs read", False)]
    assert sorted(visits_of(OTTO)) == [("Docs read", False), ("Pricing visited", False)]
    assert {one.contact and one.contact.email: one.pages for one in Visit.objects.all()} == {NINA: 1, OTTO: 2}


def test_a_signed_link_names_a_browser_but_takes_it_from_nobody_who_sent_a_form() -> None:
    website, cookie, other = a_website(), a_cookie(), a_contact(email=OTTO)
    a_page_rule(website)
    link = f"{HOME}/pricing/?who={word_for(other.pk)}"
    browse(website, cookie, "/", u=link, minutes_ago=100)
    tracked()
    assert visits_of(OTTO) == [("Pricing visited", False)]
    posts_form(cookie, NINA, minutes_ago=60)

    browse(website, cookie, "/", u=link, minutes_ago=10)
    tracked()

    assert visits_of(OTTO) == [("Pricing visited", False)]
    assert visits_of(NINA) == [("Pricing visited", False)]


def test_two_people_of_one_browser_are_two_contacts() -> None:
    cookie = a_cookie()
    for email in (NINA, OTTO, NINA):
        posts_form(cookie, email)

    assert sorted(Contact.objects.values_list("email", flat=True)) == [NINA, OTTO]
    assert [one.contact.email for one in VisitorIdentity.objects.order_by("since")] == [NINA, OTTO, NINA]


def test_who_was_merged_away_takes_their_visits_along() -> None:
    website, cookie, survivor = a_website(), a_cookie(), a_contact(email=OTTO)
    a_page_rule(website)
    posts_form(cookie, NINA, minutes_ago=60)
    browse(website, cookie, "/pricing/", minutes_ago=40)
    tracked()
    gone = Contact.objects.get(email=NINA)

    merge_contacts(survivor.pk, gone.pk, take=[], by=a_user("administrator"))
    browse(website, cookie, "/pricing/")
    tracked()

    assert {one.contact_id for one in Visit.objects.all()} == {survivor.pk}
    assert Interaction.objects.filter(contact=survivor, type="page_visited").count() == 2


def test_a_deleted_contact_gets_no_more_interactions() -> None:
    website, cookie = a_website(), a_cookie()
    a_page_rule(website)
    posts_form(cookie, NINA)
    Contact.objects.update(deleted_at=timezone.now())

    browse(website, cookie, "/pricing/")
    tracked()

    assert not Interaction.objects.filter(type="page_visited").exists()


MINUTES = st.integers(min_value=0, max_value=600)
BASE = timezone.now().replace(microsecond=0) - timedelta(minutes=700)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(MINUTES, st.sampled_from([NINA, OTTO])), min_size=1, max_size=3, unique_by=lambda one: one[0]),
    st.lists(MINUTES, min_size=1, max_size=5, unique=True),
    st.randoms(use_true_random=False),
)
def test_hits_end_with_whom_the_forms_say_however_late_they_come(
    posts: Sequence[tuple[int, str]], hits: Sequence[int], random: Any
) -> None:
    """Forms are processed in their order; page views come whenever they do."""
    website, cookie, form = a_website(), a_cookie(), a_form(f"Form {cookie_number()}")
    posts = sorted(posts)
    steps: list[tuple[str, Any]] = [("hit", at) for at in hits]
    random.shuffle(steps)
    for place, post in zip(sorted(random.sample(range(len(steps) + len(posts)), len(posts))), posts, strict=True):
        steps.insert(place, ("post", post))
    Submission.objects.all().delete()
    people = {}
    for kind, said in steps:
        if kind == "hit":
            browse(website, cookie, f"/{said}", minutes_ago=0)
            RawHit.objects.update(received_at=BASE + timedelta(minutes=said))
            tracked()
        else:
            people[said[1]] = posts_at(cookie, form, said[1], BASE + timedelta(minutes=said[0]))

    epochs = [Epoch(BASE + timedelta(minutes=at), people[email]) for at, email in posts]
    for hit in Hit.objects.filter(website=website).select_related("visit"):
        assert hit.visit.contact_id == owner_at(epochs, hit.at)[0]
    for visit in Visit.objects.filter(website=website):
        assert visit.pages == visit.hits.count()


def cookie_number() -> str:
    return a_cookie()[:12]


def posts_at(cookie: str, form: Any, email: str, at: datetime) -> int:
    submission = a_submission(form, email=email)
    Submission.objects.filter(pk=submission.pk).update(origin={"visitor": str(key_of(cookie))}, received_at=at)
    (done,) = processed(submission)
    tracked()
    assert done.contact_id
    return int(done.contact_id)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_visit_and_one_interaction() -> None:
    website, cookie, contact = a_website(), a_cookie(), a_contact()
    a_page_rule(website)
    link = f"{HOME}/pricing/?who={word_for(contact.pk)}"
    for _ in range(40):
        browse(website, cookie, "/pricing/", u=link)

    answers = at_once(*[lambda: [track_next(3) for _ in range(15)]] * 4)

    assert not [one for one in answers if isinstance(one, Exception)]
    tracked()
    assert Visit.objects.get().pages == 40
    assert Interaction.objects.count() == 1
