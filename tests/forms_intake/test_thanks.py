"""What is said once a form was sent: with links to what people asked for, wherever it stands, and with nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.spec.remembering import forget_specs
from tests.build import a_form, a_page, a_user

pytestmark = pytest.mark.django_db

THANKS = "Here it is: [the guide](https://www.example.com/guide.pdf).\nRead it **slowly**."
LINK = '<a href="https://www.example.com/guide.pdf" rel="noopener">the guide</a>'
EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
NINA = {"email": "nina@nordwind.example"}


@pytest.fixture(autouse=True)
def fresh() -> None:
    forget_specs()


def test_it_leads_to_what_was_asked_for_alone_on_a_page_and_on_pages_of_others(client: Client) -> None:
    form = a_form(thank_you=THANKS, origins=["https://nordwind.example"])
    a_page(form)

    alone = client.get(client.post(f"/f/{form.public_id}/", NINA)["Location"]).content.decode()
    on_page = client.get(client.post(f"/f/{form.public_id}/", NINA | {"_page": "demo"})["Location"]).content.decode()
    parts = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN="https://nordwind.example").json()
    framed = client.get(f"/f/{form.public_id}/frame/thanks/?frame=https://nordwind.example").content.decode()

    for said in (alone, on_page, parts["thanks"], framed):
        assert LINK in said and "<br>" in said.replace("<br />", "<br>") and "<strong>slowly</strong>" in said
    assert '<base target="_blank">' in framed


def test_nothing_typed_there_becomes_html(client: Client) -> None:
    form = a_form(thank_you=EVIL, origins=["https://nordwind.example"])

    alone = client.get(client.post(f"/f/{form.public_id}/", NINA)["Location"]).content.decode()
    parts = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN="https://nordwind.example").json()

    for said in (alone, parts["thanks"]):
        assert "<script>alert" not in said and "<img src=x" not in said and 'href="javascript' not in said
        assert "&lt;script&gt;" in said


def test_the_preview_shows_it_as_visitors_read_it(client: Client) -> None:
    form = a_form(thank_you=THANKS)
    client.force_login(a_user(Role.MARKETER))

    page = client.post(f"/forms/{form.pk}/preview/", NINA).content.decode()

    assert LINK in page
