"""What fills in a field before anybody types: a signed link, or the page's address where the field takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from forms_intake.building.definition import freeze
from forms_intake.known import word_for
from forms_intake.models import FieldType, FormField, IntakeForm, Prefill
from tests.build import a_contact, a_form

pytestmark = pytest.mark.django_db
SITE = "https://www.example.com"


@pytest.fixture
def form() -> IntakeForm:
    made = a_form(origins=[SITE])
    made.fields.filter(key="email").update(prefill=Prefill.BOTH)
    made.fields.filter(key="first_name").update(prefill=Prefill.ADDRESS)
    FormField.objects.create(
        form=made, key="news", label="News", type=FieldType.CONSENT, consent_level=4, prefill=Prefill.BOTH, position=9
    )
    return made


def value(page: str, key: str) -> str:
    return page.partition(f'name="{key}"')[2].partition('value="')[2].partition('"')[0]


def shown(client: Client, form: IntakeForm, query: str, **headers: Any) -> str:
    answer = client.get(f"/f/{form.public_id}/{query}", **headers)
    return answer.content.decode()


def test_the_address_fills_in_fields_that_take_it_and_nothing_that_it_should_not(
    client: Client, form: IntakeForm
) -> None:
    page = shown(client, form, "?email=nina%40nordwind.example&first_name=%22%3E%3Cscript%3Ex&last_name=Lind&news=yes")
    assert value(page, "email") == "nina@nordwind.example"
    assert "<script>x" not in page and value(page, "first_name") == "&quot;&gt;&lt;script&gt;x"
    assert value(page, "last_name") == ""
    assert "checked" not in page
    assert value(shown(client, form, "?email=not-an-address"), "email") == ""


def test_what_we_know_is_shown_by_a_valid_signed_link_alone_and_only_in_fields_that_say_so(
    client: Client, form: IntakeForm
) -> None:
    nina = a_contact("Nina", email="nina@nordwind.example")
    word = word_for(nina.pk)
    by_link = shown(client, form, f"?who={word}&email=other%40x.example")
    assert value(by_link, "email") == "nina@nordwind.example"  # what is signed goes before what anybody may type
    assert "Nina" not in by_link
    for bad in (str(nina.pk), word.replace(str(nina.pk), str(nina.pk + 1), 1), word[:-1], f"{nina.pk}~x", ""):
        assert "nordwind" not in shown(client, form, f"?who={bad}&id={nina.pk}&contact={nina.pk}")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        assert "nordwind" not in shown(client, form, f"?who={word}")
    answer = client.get(f"/f/{form.public_id}/?who={word}")
    assert answer["Cache-Control"] == "private, no-store"


def test_a_page_of_others_passes_it_on(client: Client, form: IntakeForm) -> None:
    answer = client.get(f"/f/{form.public_id}/embed/?email=nina%40nordwind.example", HTTP_ORIGIN=SITE)
    assert value(answer.json()["html"], "email") == "nina@nordwind.example"


def test_a_form_that_says_nothing_of_it_is_equal_to_what_it_said_before_there_was_such_a_thing() -> None:
    assert all("prefill" not in field for field in freeze(a_form())["fields"])
