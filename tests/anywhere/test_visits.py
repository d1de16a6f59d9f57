"""Visits are counted without a name, of people alone; who came by a signed link has an interaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Interaction, InteractionType, Role
from forms_intake.anywhere.visits import seen_lately
from forms_intake.known import word_for
from forms_intake.models import FormDay, IntakeForm
from tests.build import a_contact, a_form, a_page, a_user
from tests.forms_intake.posting import processed

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
