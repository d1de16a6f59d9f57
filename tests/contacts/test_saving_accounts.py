"""Accounts keep their domain to themselves."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from contacts.errors import ChangedMeanwhile, DuplicateAccount, InvalidValues
from contacts.models import Account, AccountKey
from contacts.services.accounts import create_account, delete_accounts, restore_account, update_account
from tests.build import an_account
from tests.threads import at_once


@pytest.mark.django_db
def test_a_domain_is_stored_as_it_is_compared():
    account = create_account(name="Nordwind", domain="https://www.Nordwind.example/about", employees="12")

    assert (account.domain, account.employees) == ("nordwind.example", 12)


@pytest.mark.django_db
def test_both_ways_to_write_a_domain_are_one_company():
    first = create_account(name="B\u00fccher", domain="xn--bcher-kva.example")

    with pytest.raises(DuplicateAccount) as refused:
        create_account(name="Copy", domain="B\u00dcCHER.example")

    assert (first.domain, refused.value.account_id) == ("b\u00fccher.example", first.pk)


@pytest.mark.django_db
def test_domains_kept_as_the_network_has_them_become_as_they_are_compared_unless_another_account_has_that():
    moved = an_account("Moved", domain="xn--bcher-kva.example")
    an_account("Twin", domain="xn--mller-kva.example")
    an_account("Its other", domain="m\u00fcller.example")
    an_account("Deleted", domain="xn--mller-kva.example", deleted_at=timezone.now())
    an_account("Broken", domain="xn--.example")
    AccountKey.objects.create(account=moved, kind="domain", value="shop.xn--bcher-kva.example")

    with connection.schema_editor() as editor:
        import_module("contacts.migrations.0039_domains_in_one_spelling").spell(apps, editor)

    domains = dict(Account.objects.values_list("name", "domain"))
    assert domains == {
        "Moved": "b\u00fccher.example",
        "Twin": "xn--mller-kva.example",
        "Deleted": "m\u00fcller.example",
        "Broken": "xn--.example",
        "Its other": "m\u00fcller.example",
    }
    assert AccountKey.objects.get().value == "shop.b\u00fccher.example"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [({}, "name"), ({"name": "N", "domain": "nordwind"}, "domain"), ({"name": "N", "employees": -1}, "employees")],
)
def test_values_that_cannot_be_stored_are_refused_by_name(values, field):
    with pytest.raises(InvalidValues) as refused:
        create_account(**values)

    assert list(refused.value.errors) == [field]


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["domain", "external_id"])
def test_a_domain_or_external_id_of_another_is_refused_and_the_other_named(field):
    values: dict[str, Any] = {field: "nordwind.example"}
    first = create_account(name="Nordwind", **values)
    second = create_account(name="Südwind")

    for attempt in (
        lambda: create_account(name="Copy", **values),
        lambda: update_account(second.pk, version=1, changes=values),
    ):
        with pytest.raises(DuplicateAccount) as refused:
            attempt()
        assert (refused.value.account_id, refused.value.field) == (first.pk, field)
    assert Account.objects.count() == 2


@pytest.mark.django_db
def test_an_older_version_is_not_saved():
    account = create_account(name="Nordwind")
    update_account(account.pk, version=1, changes={"city": "Oslo"})

    with pytest.raises(ChangedMeanwhile):
        update_account(account.pk, version=1, changes={"city": "Bergen"})

    assert Account.objects.get().city == "Oslo"


@pytest.mark.django_db
def test_a_deleted_account_gives_its_domain_free_and_comes_back_only_if_it_still_is():
    first = create_account(name="Nordwind", domain="nordwind.example")
    delete_accounts([first.pk], by=None)
    second = create_account(name="Nordwind again", domain="nordwind.example")

    with pytest.raises(DuplicateAccount):
        restore_account(first.pk, by=None)
    delete_accounts([second.pk], by=None)

    assert restore_account(first.pk, by=None).deleted_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_create_one_domain_at_once_one_is_told():
    results = at_once(*(lambda: create_account(name="Nordwind", domain="nordwind.example") for _ in range(4)))

    assert sum(isinstance(result, DuplicateAccount) for result in results) == 3
    assert Account.objects.count() == 1
