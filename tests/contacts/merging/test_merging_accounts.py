"""Two accounts that are one company become one, with all that hangs on them, and two again if that was wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts import outbox
from contacts.errors import CannotRestore, ChangedMeanwhile, DuplicateAccount
from contacts.likeness.accounts import account_pairs, dismiss_accounts, look_on_at_accounts, pairs_of_account
from contacts.merging.accounts import (
    fetch_account_stragglers,
    merge_accounts,
    moved_with_accounts,
    undo_account_merge,
    usually_taken,
)
from contacts.merging.became import became_of
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.rehoming import name_of
from contacts.models import (
    Account,
    AccountKey,
    AccountPair,
    Contact,
    CustomFieldType,
    DuplicateSearch,
    Entity,
    FieldChange,
    Merge,
    OutboxEvent,
    Role,
)
from contacts.services.accounts import create_account, delete_accounts, restore_account, update_account
from leads.models import Lead
from tests.api.calling import an_api, problem_of
from tests.build import a_contact, a_custom_field, a_form, a_lead, a_model, a_rule, a_user, an_account, an_opportunity
from tests.forms_intake.posting import a_submission, processed
from tests.scoring.helpers import live, score_of, work
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def stored(record: Any) -> Any:
    return type(record).objects.get(pk=record.pk)


def looked() -> None:
    """Accounts as they are now are compared, as the worker does a moment after they were changed."""
    Account.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    DuplicateSearch.objects.update(changed_to=None, id_to=0)
    while look_on_at_accounts():
        pass


def two(**more: Any) -> tuple[Account, Account]:
    nordwind = create_account(name="Nordwind Logistik GmbH", domain="nordwind.example", **more)
    return nordwind, create_account(name="Nordwind Logistik", domain="nordwind-logistik.example", city="Kiel")


def test_all_that_hangs_on_one_is_the_others_afterwards_and_goes_back_when_it_is_undone():
    mona = a_user(Role.SALES_MANAGER)
    outbox.want(["account.merged"])
    stays, goes = two()
    nina, lead, deal = a_contact(account=goes), a_lead(None, account=goes), an_opportunity(account=goes)

    merge = merge_accounts(stays.pk, goes.pk, take=["city"], by=mona)

    assert {stored(one).account_id for one in (nina, lead, deal)} == {stays.pk}
    assert (stored(stays).city, stored(stays).name) == ("Kiel", "Nordwind Logistik GmbH")
    assert stored(goes).deleted_at is not None and became_of(Entity.ACCOUNT, goes.pk) == stays.pk
    told = FieldChange.objects.get(subject="contact", subject_id=nina.pk, field="account_id")
    assert (told.after, told.actor_id, told.cause) == (stays.pk, mona.pk, f"merge:{merge.pk}")
    assert OutboxEvent.objects.get(kind="account.merged").payload["merged_id"] == goes.pk

    later = a_contact(account=stays)
    undo_account_merge(merge.pk, by=mona)

    assert {stored(one).account_id for one in (nina, lead, deal)} == {goes.pk}
    assert (stored(later).account_id, stored(stays).city) == (stays.pk, "")
    assert stored(goes).deleted_at is None and became_of(Entity.ACCOUNT, goes.pk) is None
    assert not AccountKey.objects.exists()


def test_every_key_to_an_account_of_whatever_app_is_moved():
    named = {name_of(field) for field in moved_with_accounts()}
    assert {"contacts.Contact.account", "leads.Lead.account", "leads.Opportunity.account"} <= named
    assert "contacts.AccountPair.first" not in named


def test_whatever_names_the_other_finds_the_one_that_stays_even_after_a_second_merge():
    first, second = two()
    third = create_account(name="Nordwind", domain="nordwind.test", external_id="N-3")
    merge_accounts(second.pk, third.pk, take=[], by=None)
    merge = merge_accounts(first.pk, second.pk, take=[], by=None)

    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    processed(
        a_submission(form, email="a@nordwind-logistik.example"),
        a_submission(form, email="b@nordwind.test", company="Whoever"),
        a_submission(form, email="c@gmail.com", company="nordwind logistik"),
    )

    assert set(Contact.objects.values_list("account", flat=True)) == {first.pk}
    assert Account.objects.alive().count() == 1
    with pytest.raises(DuplicateAccount) as refused:
        create_account(name="Another", external_id="N-3")
    assert refused.value.account_id == first.pk
    answer = an_api().get(f"/accounts/{third.pk}")
    assert problem_of(answer)[:2] == (404, "merged")
    assert answer.json()["merged_into"] == first.pk
    undo_account_merge(merge.pk, by=None)
    assert set(AccountKey.objects.values_list("account", flat=True)) == {second.pk}


def test_custom_fields_and_domain_of_the_other_are_taken_where_somebody_chooses_and_go_back():
    a_custom_field("size", entity=Entity.ACCOUNT, type=CustomFieldType.TEXT)
    stays, goes = two()
    goes = update_account(goes.pk, version=goes.version, changes={"custom": {"size": "large"}})
    assert usually_taken(stays, goes) == {"city", "custom.size"}

    merge = merge_accounts(stays.pk, goes.pk, take=["custom.size", "domain"], by=None)
    assert (stored(stays).custom, stored(stays).domain) == ({"size": "large"}, "nordwind-logistik.example")

    undo_account_merge(merge.pk, by=None)
    assert (stored(stays).custom, stored(stays).domain) == ({}, "nordwind.example")
    assert stored(goes).domain == "nordwind-logistik.example"


def test_scores_follow():
    model = a_model()
    a_rule(model, 7, "Kiel", condition={"field": "account.city", "op": "is", "value": "Kiel"})
    live(model)
    stays, goes = two()
    lead = a_lead(a_contact(account=stays))
    work()
    assert score_of(lead) == 0

    merge_accounts(stays.pk, goes.pk, take=["city"], by=None)
    work()
    assert score_of(lead) == 7


def test_what_prevents_merging_and_undoing_is_said_and_changes_nothing():
    stays, goes = two()
    with pytest.raises(CannotMerge, match="itself"):
        merge_accounts(stays.pk, stays.pk, take=[], by=None)
    with pytest.raises(ChangedMeanwhile):
        merge_accounts(stays.pk, goes.pk, take=[], by=None, versions=(stays.version, goes.version + 1))
    merge = merge_accounts(stays.pk, goes.pk, take=[], by=None)
    with pytest.raises(CannotMerge, match="merged into Nordwind Logistik GmbH"):
        merge_accounts(an_account("Third").pk, goes.pk, take=[], by=None)
    with pytest.raises(CannotRestore, match="undo the merge"):
        restore_account(goes.pk, by=None)

    other = an_account("Taken")
    Account.objects.filter(pk=other.pk).update(domain="nordwind-logistik.example")
    with pytest.raises(CannotUndoMerge, match="Taken has the domain"):
        undo_account_merge(merge.pk, by=None)
    delete_accounts([other.pk], by=None)
    Merge.objects.update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(CannotUndoMerge, match="thirty days"):
        undo_account_merge(merge.pk, by=None)
    assert stored(goes).deleted_at is not None


def test_what_was_written_to_the_one_that_goes_meanwhile_is_fetched():
    stays, goes = two()
    merge_accounts(stays.pk, goes.pk, take=[], by=None)
    late = a_contact(account=goes)

    assert [fetch_account_stragglers(), fetch_account_stragglers()] == [1, 0]
    assert stored(late).account_id == stays.pk


@pytest.mark.django_db(transaction=True)
def test_two_merges_of_one_account_at_once_end_in_one_of_them():
    stays, goes = two()
    third = an_account("Third")
    nina = a_contact(account=goes)

    done = at_once(
        lambda: merge_accounts(stays.pk, goes.pk, take=[], by=None),
        lambda: merge_accounts(third.pk, goes.pk, take=[], by=None),
    )

    assert sorted(type(one).__name__ for one in done) == ["CannotMerge", "Merge"]
    merged = next(one for one in done if isinstance(one, Merge))
    assert stored(nina).account_id == merged.survivor_id


def test_pairs_are_found_by_name_and_domain_and_never_again_once_dismissed():
    def an(name: str, domain: str = "", **more: Any) -> Account:
        return an_account(name, domain=domain, **more)

    pairs = {
        "legal form": (an("Kestrel Freight GmbH & Co. KG"), an("KESTREL FREIGHT", "kestrel.example")),
        "domain": (
            an("Birke Transporte", "birke.example", city="Ulm"),
            an("Birke Transport", "birke.test", city="Ulm"),
        ),
    }
    an("Müller", "mueller.example"), an("Müller", "mueller-bau.example")
    an("Alone")
    looked()

    found = {(pair.first, pair.second): pair.reasons for pair in account_pairs()}
    assert found == {
        pairs["legal form"]: ["bare_name"],
        pairs["domain"]: ["similar_name", "domain_word", "city"],
    }
    one, other = pairs["legal form"]
    dismiss_accounts(AccountPair.objects.get(first=one).pk, by=a_user(Role.MARKETER))
    Account.objects.filter(pk=one.pk).update(city="Bonn")
    looked()
    assert pairs_of_account(other) == []
    assert account_pairs(dismissed=True).count() == 1


def test_the_pages_compare_merge_lead_on_and_undo(client: Client):
    mona = a_user(Role.SALES_MANAGER)
    stays, goes = two()
    Account.objects.filter(pk=goes.pk).update(domain="")
    looked()
    client.force_login(mona)
    pair = AccountPair.objects.get()
    assert (
        f"/accounts/{pair.first_id}/merge/?with={pair.second_id}"
        in client.get("/accounts/duplicates/").content.decode()
    )
    page = client.get(f"/accounts/{stays.pk}/merge/?with={goes.pk}").content.decode()
    assert 'name="take.city" value="theirs" checked' in page
    versions = {"version": stays.version, "version_with": goes.version}
    assert (
        client.post(
            f"/accounts/{stays.pk}/merge/", {"with": goes.pk, **versions, "take.city": "theirs", "version": 99}
        ).status_code
        == 409
    )
    client.post(f"/accounts/{stays.pk}/merge/", {"with": goes.pk, **versions, "take.city": "theirs"})

    assert stored(stays).city == "Kiel"
    answer = client.get(f"/accounts/{goes.pk}/", follow=True)
    assert answer.redirect_chain == [(f"/accounts/{stays.pk}/", 302)]
    assert "Nordwind Logistik</bdi></strong> was merged into this account" in answer.content.decode()
    assert client.get(f"/accounts/{Lead.objects.count() + 99999}/").status_code == 404
    update_account(stays.pk, version=stored(stays).version, changes={"city": "Bremen"})
    page = client.get(f"/accounts/{stays.pk}/").content.decode()
    assert "they can be two again; what was changed since stays here: City." in page
    undone = client.post(f"/accounts/merges/{Merge.objects.get().pk}/undo/", follow=True).content.decode()
    assert "kept what was changed since: City." in undone
    assert stored(stays).city == "Bremen"
    assert stored(goes).deleted_at is None
