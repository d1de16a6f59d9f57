"""Editing one field leaves the others alone, whatever has become of what they hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Account, CustomField, CustomFieldType, Entity, Role, User
from contacts.services.contacts import create_contact, update_contact
from leads.models import Lead
from tests.build import a_custom_field, a_lead, a_user, an_account

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent_by_a_browser(page: Any) -> dict[str, Any]:
    """What a browser would post: of a drop-down, only what it offers."""
    form, sent = page.context["form"], {}
    for name in form.fields:
        value = form[name].value()
        choices = getattr(form.fields[name], "choices", None)
        offered = {str(key) for key, _ in choices} if choices is not None else {str(value)}
        values = value if isinstance(value, list) else [value]
        kept = [str(one) for one in values if str(one) in offered]
        sent[name] = kept if isinstance(value, list) else (kept or [""])[0] if value is not None else ""
    return sent


def test_an_owner_who_left_and_choices_no_longer_offered_stay() -> None:
    a_custom_field("size", Entity.CONTACT, CustomFieldType.CHOICE, choices=["S", "M"])
    a_custom_field("tools", Entity.CONTACT, CustomFieldType.MULTI_CHOICE, choices=["ERP", "CRM"])
    otto = a_user(username="otto")
    nina = create_contact(first_name="Nina", owner_id=otto.pk, custom={"size": "S", "tools": ["ERP", "CRM"]})
    User.objects.filter(pk=otto.pk).update(is_active=False)
    CustomField.objects.filter(key="size").update(choices=["M", "L"])
    CustomField.objects.filter(key="tools").update(choices=["CRM"])
    client = signed_in(a_user(Role.MARKETER))

    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"city": "Bergen", "marketing_only": ""}
    answer = client.post(f"/contacts/{nina.pk}/edit/", sent)

    nina.refresh_from_db()
    assert answer.status_code == 302
    assert (nina.city, nina.owner) == ("Bergen", otto)
    assert nina.custom == {"size": "S", "tools": ["ERP", "CRM"]}


def test_a_change_of_nothing_that_was_shown_is_no_conflict() -> None:
    nina = create_contact(first_name="Nina", city="Oslo")
    client = signed_in(a_user())  # sales does not see marketing only
    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"first_name": "Ninja"}
    update_contact(nina.pk, version=1, changes={"marketing_only": True, "owner_id": None})
    update_contact(nina.pk, version=2, changes={"marketing_only": False})

    answer = client.post(f"/contacts/{nina.pk}/edit/", sent)

    nina.refresh_from_db()
    assert answer.status_code == 302
    assert (nina.first_name, nina.city, nina.version) == ("Ninja", "Oslo", 4)


def test_without_what_was_seen_an_old_version_is_a_conflict_and_said() -> None:
    nina = create_contact(first_name="Nina", city="Oslo")
    client = signed_in(a_user())
    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"first_name": "Ninja", "seen": ""}
    update_contact(nina.pk, version=1, changes={"city": "Bergen"})

    answer = client.post(f"/contacts/{nina.pk}/edit/", sent)

    nina.refresh_from_db()
    assert answer.status_code == 409
    assert "Nothing is saved yet" in answer.content.decode()
    assert (nina.first_name, nina.city) == ("Nina", "Bergen")


@pytest.mark.parametrize("seen", ['{"city": {"a": 1}}', '{"city": 7}', '{"city": [7]}'])
def test_what_no_browser_would_say_was_seen_is_a_conflict_and_said(seen: str) -> None:
    nina = create_contact(first_name="Nina", city="Oslo")
    client = signed_in(a_user())
    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"first_name": "Ninja", "seen": seen}
    update_contact(nina.pk, version=1, changes={"city": "Bergen"})

    answer = client.post(f"/contacts/{nina.pk}/edit/", sent)

    nina.refresh_from_db()
    assert answer.status_code == 409
    assert (nina.first_name, nina.city) == ("Nina", "Bergen")


def test_a_contact_and_a_lead_of_a_deleted_account_are_edited() -> None:
    account = an_account()
    nina = create_contact(first_name="Nina", account_id=account.pk)
    lead = a_lead(nina, "Routes", account=account)
    Account.objects.filter(pk=account.pk).update(deleted_at=timezone.now())
    client = signed_in(a_user(Role.MARKETER))

    for where, change in {f"/contacts/{nina.pk}": {"city": "Bergen"}, f"/leads/{lead.pk}": {"topic": "Fleet"}}.items():
        sent = sent_by_a_browser(client.get(f"{where}/edit/")) | {"marketing_only": ""} | change
        assert client.post(f"{where}/edit/", sent).status_code == 302

    nina.refresh_from_db()
    stored = Lead.objects.get(pk=lead.pk)
    assert (nina.city, nina.account) == ("Bergen", account)
    assert (stored.topic, stored.account) == ("Fleet", account)


def test_a_deleted_account_is_not_chosen_anew() -> None:
    account = an_account(deleted_at=timezone.now())
    nina = create_contact(first_name="Nina")
    client = signed_in(a_user(Role.MARKETER))
    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"account": f"Gone (#{account.pk})"}

    assert client.post(f"/contacts/{nina.pk}/edit/", sent).status_code == 422
    nina.refresh_from_db()
    assert nina.account is None


def test_who_may_not_assign_a_lead_does_not_by_editing_it() -> None:
    anna, otto = a_user(), a_user(username="otto")
    lead = a_lead(owner=anna)

    for person, owner in ((anna, anna), (a_user(Role.MARKETER), otto)):
        client = signed_in(person)
        sent = sent_by_a_browser(client.get(f"/leads/{lead.pk}/edit/")) | {"topic": "Fleet", "owner": str(otto.pk)}
        assert client.post(f"/leads/{lead.pk}/edit/", sent).status_code == 302
        assert Lead.objects.get(pk=lead.pk).owner == owner


@pytest.mark.parametrize("edits", [{"city": "Bergen"}, {"email": "zoë@firma.de"}])
def test_a_contact_with_an_internationalised_address_can_be_edited(edits: dict[str, str]) -> None:
    joerg = create_contact(first_name="Jörg", email="jörg@firma.de")
    client = signed_in(a_user(Role.MARKETER))
    page = client.get(f"/contacts/{joerg.pk}/edit/")

    sent = sent_by_a_browser(page) | {"marketing_only": ""}
    answer = client.post(f"/contacts/{joerg.pk}/edit/", sent | edits)
    refused = client.post(f"/contacts/{joerg.pk}/edit/", sent | {"email": "jörg at firma"})

    joerg.refresh_from_db()
    assert (answer.status_code, refused.status_code) == (302, 422)
    assert (joerg.email, joerg.city) == (edits.get("email", "jörg@firma.de"), edits.get("city", ""))
    assert 'type="email"' not in page.content.decode()  # whose check browsers do not let such an address pass


def test_a_value_that_breaks_a_newer_rule_stays_until_it_is_edited() -> None:
    nina = create_contact(first_name="Nina")
    type(nina).objects.update(email="not an address")
    client = signed_in(a_user(Role.MARKETER))

    sent = sent_by_a_browser(client.get(f"/contacts/{nina.pk}/edit/")) | {"city": "Bergen", "marketing_only": ""}

    assert client.post(f"/contacts/{nina.pk}/edit/", sent).status_code == 302
    nina.refresh_from_db()
    assert (nina.email, nina.city) == ("not an address", "Bergen")
