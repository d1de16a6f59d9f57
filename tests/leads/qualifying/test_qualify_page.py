"""The page on which a lead is qualified: what it offers and why, who may, a second click, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Account, Contact, Role, User
from contacts.services.contacts import create_contact
from leads.models import Lead, Opportunity, Qualification
from tests.build import a_contact, a_lead, a_user, an_account, an_opportunity

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sam() -> User:
    return a_user(username="sam", first_name="Sam")


def values_of(client: Client, lead: Lead) -> dict[str, Any]:
    form = client.get(f"/leads/{lead.pk}/qualify/").context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}


def test_the_form_keeps_what_the_lead_has_and_makes_an_opportunity(sam):
    account = an_account()
    lead = a_lead(a_contact(account=account), "Forty lorries", owner=sam, budget_amount=1200, description="Asked twice")
    client = signed_in(sam)
    begins = values_of(client, lead)

    answer = client.post(f"/leads/{lead.pk}/qualify/", begins)

    made = Opportunity.objects.get()
    assert answer.headers["Location"] == f"/opportunities/{made.pk}/"
    assert (made.topic, made.value, made.owner, made.account, made.contact) == (
        "Forty lorries",
        1200,
        sam,
        account,
        lead.contact,
    )
    assert (Account.objects.count(), Contact.objects.count()) == (1, 1)
    assert "Asked twice" in client.get(f"/opportunities/{made.pk}/").content.decode()


def test_likely_doubles_are_offered_with_the_reason(sam):
    an_account("Nordwind", domain="nordwind.example")
    twin = a_contact("Nina", "Lind", account=an_account("Südwind"))
    lead = a_lead(a_contact("Nina", "Lind", email="nina@nordwind.example"), owner=sam)
    an_opportunity("Begun", contact=lead.contact, owner=sam)

    page = signed_in(sam).get(f"/leads/{lead.pk}/qualify/").content.decode()

    for said in ("Same domain", "Same name", "Open with the same contact", f'value="use:{twin.pk}"'):
        assert said in page


def test_a_new_one_that_seems_to_be_there_already_asks_first(sam):
    an_account("Nordwind", domain="nordwind.example")
    lead = a_lead(a_contact(), owner=sam)
    client = signed_in(sam)
    data = {**values_of(client, lead), "account": "new", "account_name": "Nordwind", "account_domain": ""}

    asked = client.post(f"/leads/{lead.pk}/qualify/", data)
    assert (asked.status_code, Qualification.objects.count()) == (422, 0)
    assert "Perhaps already there" in asked.content.decode()
    client.post(f"/leads/{lead.pk}/qualify/", {**data, "anyway": "on"})

    assert Account.objects.filter(name="Nordwind").count() == 2


def test_what_the_service_refuses_stands_at_its_field_and_what_was_typed_stays(sam):
    create_contact(last_name="Hidden", email="nina@nordwind.example", marketing_only=True)
    lead = a_lead(a_contact(), owner=sam)
    client = signed_in(sam)
    more = {"contact": "new", "contact_last_name": "Lind", "contact_email": "nina@nordwind.example"}

    answer = client.post(f"/leads/{lead.pk}/qualify/", {**values_of(client, lead), **more})

    assert answer.status_code == 422
    assert "Another contact already has this e-mail address." in answer.content.decode()
    assert 'value="Lind"' in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"contact": "use:999999"}, "valid choice"),
        ({"account": "other"}, "Which account?"),
        ({"contact": "new"}, "required"),
        ({"opportunity_topic": ""}, "required"),
        ({"opportunity_value": "-5"}, "greater than or equal to 0"),
        ({"opportunity_expected_close": "soon"}, "valid date"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(sam, more, said):
    lead = a_lead(a_contact(), owner=sam)
    client = signed_in(sam)

    answer = client.post(f"/leads/{lead.pk}/qualify/", {**values_of(client, lead), **more})

    assert (answer.status_code, Opportunity.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_a_second_click_leads_to_what_the_first_one_made_and_somebody_else_is_told_who(sam):
    lead = a_lead(a_contact(), owner=sam)
    client, manager = signed_in(sam), signed_in(a_user(Role.SALES_MANAGER))
    data = values_of(client, lead)
    client.post(f"/leads/{lead.pk}/qualify/", data)
    made = Opportunity.objects.get()

    assert client.post(f"/leads/{lead.pk}/qualify/", data).headers["Location"] == f"/opportunities/{made.pk}/"
    told = manager.post(f"/leads/{lead.pk}/qualify/", data, follow=True).content.decode()

    assert "Sam has qualified this lead already" in told
    assert f'href="/opportunities/{made.pk}/"' in told
    assert Opportunity.objects.count() == 1


@pytest.mark.parametrize("role", [Role.MARKETER, Role.TELEPROSPECTOR, Role.READER, Role.SALESPERSON])
def test_only_who_has_it_and_managers_qualify(role):
    lead = a_lead(a_contact(), sales_ready=True)
    client = signed_in(a_user(role))

    assert client.get(f"/leads/{lead.pk}/qualify/").status_code == 403
    assert client.post(f"/leads/{lead.pk}/qualify/", {"account": "skip"}).status_code == 403
    assert f"/leads/{lead.pk}/qualify/" not in client.get(f"/leads/{lead.pk}/").content.decode()
    assert Lead.objects.get().is_open


def test_the_lead_says_what_came_of_it_and_it_can_be_undone_there(sam):
    lead = a_lead(a_contact(), owner=sam)
    client, other = signed_in(sam), signed_in(a_user(Role.MARKETER))
    client.post(f"/leads/{lead.pk}/qualify/", values_of(client, lead))
    made = Opportunity.objects.get()

    card = client.get(f"/leads/{lead.pk}/outcome/").content.decode()
    assert f"/leads/{lead.pk}/outcome/" in client.get(f"/leads/{lead.pk}/").content.decode()
    assert f"/opportunities/{made.pk}/" in card and "Undo qualifying" in card
    assert "Undo qualifying" not in other.get(f"/leads/{lead.pk}/outcome/").content.decode()
    assert other.post(f"/leads/{lead.pk}/qualify/undo/").status_code == 403
    client.post(f"/opportunities/{made.pk}/move-on/", {"to": "develop"})
    assert "was changed since" in client.get(f"/leads/{lead.pk}/outcome/").content.decode()
    assert "cannot be undone" in client.post(f"/leads/{lead.pk}/qualify/undo/", follow=True).content.decode()
    Opportunity.objects.update(version=1)

    assert "open again" in client.post(f"/leads/{lead.pk}/qualify/undo/", follow=True).content.decode()
    assert Lead.objects.get().is_open
