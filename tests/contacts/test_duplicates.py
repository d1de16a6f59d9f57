"""Likely duplicates are suggested with their reason, and stay few."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contacts.duplicates import likely_duplicate_accounts, likely_duplicates
from contacts.models import Role
from contacts.services.contacts import create_contact, delete_contacts
from tests.build import a_user, an_account


def said(values: Mapping[str, object], *, to: str = Role.MARKETER, **more: int) -> list[tuple[str, str, bool]]:
    found = likely_duplicates(values, a_user(to), exclude_id=more.get("exclude_id"))
    return [(str(one.record), one.reason, one.certain) for one in found]


@pytest.mark.django_db
def test_the_surest_reason_comes_first_and_each_contact_once():
    create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example", phone="+49301234567")
    create_contact(first_name="Ole", last_name="Berg", phone="+49 30 1234567")
    create_contact(first_name="nina", last_name="LIND")
    create_contact(first_name="Peter", last_name="Other")

    found = said({"first_name": "Nina", "last_name": "Lind", "email": "NINA@nordwind.example", "phone": "+49301234567"})

    assert found == [
        ("Nina Lind", "Same e-mail address", True),
        ("Ole Berg", "Same phone number", False),
        ("nina LIND", "Same name", False),
    ]


@pytest.mark.django_db
def test_similar_names_are_suggested_among_colleagues_only():
    account = an_account()
    create_contact(first_name="Katharina", last_name="Meyer", account_id=account.pk)
    create_contact(first_name="Katharina", last_name="Mayer", email="k.mayer@nordwind.example")
    create_contact(first_name="Katharina", last_name="Meier")

    found = said(
        {"first_name": "Katharina", "last_name": "Meyers", "email": "km@nordwind.example", "account_id": account.pk}
    )

    assert [(name, reason) for name, reason, _ in found] == [
        ("Katharina Meyer", "Similar name, same account"),
        ("Katharina Mayer", "Similar name, same e-mail domain"),
    ]


@pytest.mark.django_db
def test_the_contact_itself_and_deleted_ones_are_not_suggested():
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    gone = create_contact(first_name="Nina", last_name="Lind")
    delete_contacts([gone.pk], by=None)

    assert said({"first_name": "Nina", "last_name": "Lind", "email": "nina@nordwind.example"}, exclude_id=nina.pk) == []


@pytest.mark.django_db
def test_suggestions_stay_few_whatever_there_is(django_assert_max_num_queries):
    account = an_account()
    for _ in range(12):
        create_contact(first_name="Nina", last_name="Lind", phone="+49301234567", account_id=account.pk)

    with django_assert_max_num_queries(8):
        found = said(
            {
                "first_name": "Nina",
                "last_name": "Lind",
                "phone": "+49301234567",
                "account_id": account.pk,
                "email": "n@n.example",
            }
        )

    assert len(found) == 5


@pytest.mark.django_db
def test_accounts_are_suggested_by_domain_and_name():
    an_account("Nordwind Logistik", domain="nordwind.example")
    an_account("Nordwind Logistik GmbH")
    an_account("Südwind")

    found = likely_duplicate_accounts({"name": "nordwind logistik", "domain": "www.nordwind.example"}, a_user())

    assert [(str(one.record), one.reason, one.certain) for one in found] == [
        ("Nordwind Logistik", "Same domain", True),
        ("Nordwind Logistik GmbH", "Name begins the same", False),
    ]


@pytest.mark.django_db
def test_contacts_kept_for_marketing_are_suggested_to_marketing_only():
    account = an_account()
    create_contact(
        first_name="Mara",
        last_name="Hidden",
        email="mara@nordwind.example",
        phone="+49301234567",
        account_id=account.pk,
        marketing_only=True,
    )
    typed = {"first_name": "Mara", "last_name": "Hidden", "email": "mara@nordwind.example", "phone": "+49301234567"}

    assert said({**typed, "account_id": account.pk}, to=Role.SALESPERSON) == []
    assert said(typed) == [("Mara Hidden", "Same e-mail address", True)]


@pytest.mark.django_db
def test_names_are_the_same_in_the_capitals_of_the_database():
    create_contact(first_name="Jan", last_name="Großmann")

    assert said({"first_name": "jan", "last_name": "großmann"}) == [("Jan Großmann", "Same name", False)]


@pytest.mark.django_db
def test_mail_providers_say_nothing_about_colleagues():
    create_contact(first_name="Katharina", last_name="Mayer", email="k.mayer@t-online.de")

    assert said({"first_name": "Katharina", "last_name": "Meyer", "email": "km@t-online.de"}) == []
