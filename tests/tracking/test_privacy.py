"""What was tracked of a person is told to them and erased with them; what is old goes by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from contacts.models import Contact
from contacts.privacy.holding import Person
from forms_intake.models import Hit, Identification, MailTouch, RawHit, Visit, Visitor, VisitorIdentity
from forms_intake.tracking.mails import Mail, signed_click, signed_pixel
from forms_intake.tracking.personal import VISITS
from forms_intake.tracking.sweeping import sweep
from tests.build import a_contact
from tests.tracking.browsing import CHROME, a_cookie, a_page_rule, a_website, browse, tracked
from tests.tracking.test_stitching import NINA, OTTO, posts_form

pytestmark = pytest.mark.django_db


def person(email: str) -> Person:
    return Person((Contact.objects.get(email=email).pk,), (email,))


def test_who_asks_for_their_data_gets_their_visits_and_mails(client: Client) -> None:
    website, cookie = a_website(), a_cookie()
    browse(website, cookie, "/pricing/", minutes_ago=5)
    posts_form(cookie, NINA)
    link = signed_click(Contact.objects.get(), Mail("autumn-1"), "https://www.nordwind.example/offer/")
    client.get(link.partition("8000")[2] or link, HTTP_USER_AGENT=CHROME)
    tracked()

    told = {section.title: section.rows for section in VISITS.tell(person(NINA))}

    assert [row["First page"] for row in told["Visits of our websites"]] == ["/pricing/"]
    assert [row["Path"] for row in told["Pages they looked at"]] == ["/pricing/"]
    assert len(told["How their browsers were known"]) == 1
    assert [row["Link"] for row in told["Mails they opened or followed"]] == ["https://www.nordwind.example/offer/"]


def test_who_is_erased_is_gone_from_every_table_and_others_keep_theirs(client: Client) -> None:
    website, alone, shared = a_website(), a_cookie(), a_cookie()
    a_page_rule(website)
    posts_form(alone, NINA, minutes_ago=90)
    posts_form(shared, NINA, minutes_ago=90)
    browse(website, alone, "/pricing/", minutes_ago=80)
    browse(website, shared, "/pricing/", minutes_ago=80)
    posts_form(shared, OTTO, minutes_ago=40)
    browse(website, shared, "/otto/", minutes_ago=10)
    tracked()
    for address in (signed_pixel(Contact.objects.get(email=NINA), Mail("autumn-1")),):
        client.get(address.partition("8000")[2], HTTP_USER_AGENT=CHROME)

    VISITS.erase(person(NINA))

    assert [visit.landing for visit in Visit.objects.all()] == ["/otto/"]
    assert [hit.path for hit in Hit.objects.all()] == ["/otto/"]
    assert [one.contact.email for one in VisitorIdentity.objects.all()] == [OTTO]
    assert Visitor.objects.count() == 1
    assert not RawHit.objects.exists()
    assert not Identification.objects.exists()
    assert not MailTouch.objects.exists()


def test_visits_of_nobody_are_kept_for_a_while_only(settings: Settings) -> None:
    settings.HITS_KEPT_DAYS, settings.VISITS_KEPT_DAYS = 20, 400
    website, known, nobody = a_website(), a_cookie(), a_cookie()
    for cookie in (known, nobody):
        browse(website, cookie, "/", minutes_ago=30 * 24 * 60)
        browse(website, cookie, "/", minutes_ago=10 * 24 * 60)
    browse(website, a_cookie(), "/", minutes_ago=30 * 24 * 60)
    posts_form(known, NINA)
    Visit.objects.filter(visitor__identities__isnull=False).update(contact=Contact.objects.get())

    sweep()

    assert Visit.objects.exclude(contact=None).count() == 2
    assert Visit.objects.filter(contact=None).count() == 1
    assert Visitor.objects.count() == 2
    Visit.objects.update(ended_at=timezone.now() - timedelta(days=401))
    sweep()
    assert not Visit.objects.exists()


def test_a_contact_that_is_removed_for_good_leaves_its_visits_without_a_name() -> None:
    website, cookie = a_website(), a_cookie()
    browse(website, cookie, "/")
    posts_form(cookie, NINA)
    other = a_contact()

    Contact.objects.exclude(pk=other.pk).delete()

    assert Visit.objects.get().contact_id is None
    assert not VisitorIdentity.objects.exists()
