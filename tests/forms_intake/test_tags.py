"""Which campaign led somebody here comes along, whether the form has a field for it or not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from forms_intake.models import FieldType, FormField, IntakeForm, Submission
from tests.build import a_form, a_page

pytestmark = pytest.mark.django_db


def a_form_that_keeps_its_source() -> IntakeForm:
    form = a_form(fields={"email": "contact.email", "utm_source": ""})
    FormField.objects.filter(key="utm_source").update(type=FieldType.HIDDEN)
    a_page(form)
    return form


def sent(client: Client, form: IntakeForm, **texts: Any) -> Submission:
    client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", **texts})
    return Submission.objects.latest("pk")


@pytest.mark.parametrize("where", ["/p/demo/", "/f/{}/"])
def test_a_hidden_field_named_like_a_tag_is_filled_from_the_address(client: Client, where: str) -> None:
    form = a_form_that_keeps_its_source()

    page = client.get(where.format(form.public_id), {"utm_source": "newsletter", "gclid": "7"}).content.decode()

    assert page.count('name="utm_source"') == 1
    assert 'name="utm_source" value="newsletter"' in page
    assert 'name="gclid" value="7"' in page


def test_a_blank_after_a_tag_takes_nothing_away(client: Client) -> None:
    submission = sent(client, a_form_that_keeps_its_source(), utm_source=["newsletter", ""])

    assert submission.payload["utm_source"] == "newsletter"
    assert submission.origin["utm_source"] == "newsletter"


def test_the_tag_is_still_there_when_the_page_comes_back(client: Client) -> None:
    form = a_form_that_keeps_its_source()

    page = client.post(f"/f/{form.public_id}/", {"email": "nina", "utm_source": "newsletter"}).content.decode()

    assert page.count('name="utm_source" value="newsletter"') == page.count('name="utm_source"') == 1
