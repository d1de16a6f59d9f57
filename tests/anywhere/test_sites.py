"""Choosing the sites that may show a form: what is in use is offered, and the order of the steps is said."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.anywhere.allowing import sites_in_use
from forms_intake.models import Website
from tests.build import a_context, a_form, a_user

pytestmark = pytest.mark.django_db


def test_sites_that_are_in_use_are_offered_until_they_are_on_the_list(client: Client) -> None:
    form = a_form(origins=["https://*.kestrane.example"])
    a_form("Prices", origins=["https://partner.example", "https://shop.kestrane.example"])
    a_form("News", origins=["https://partner.example"])
    Website.objects.create(name="Blog", origins=["https://blog.example"], marketing_context=a_context("Blog"))
    Website.objects.create(
        name="Old", origins=["https://old.example"], marketing_context=a_context("Old"), active=False
    )
    maria = a_user(Role.MARKETER)

    assert sites_in_use(form) == ["https://blog.example", "https://partner.example"]
    client.force_login(maria)
    page = client.get(f"/forms/{form.pk}/share/").content.decode()
    assert 'name="allow" value="https://partner.example"' in page
    client.post(f"/forms/{form.pk}/origins/", {"allow": "https://partner.example"})

    form.refresh_from_db()
    assert sites_in_use(form) == ["https://blog.example"]
    assert "https://partner.example" in form.origins


def test_a_newcomer_is_told_to_name_the_site_before_anything_is_copied(client: Client) -> None:
    form = a_form()
    client.force_login(a_user(Role.MARKETER))

    page = client.get(f"/forms/{form.pk}/share/").content.decode()

    assert page.index("1. which sites may show it") < page.index("name the site first") < page.index("2. one of these")
    assert page.index("2. one of these") < page.index('id="way-script"') < page.index('id="others-title"')
