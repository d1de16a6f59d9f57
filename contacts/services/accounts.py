"""Accounts: created, edited, deleted and restored. Their domain and external id are unique among the living."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction

from contacts import custom_fields, normalise
from contacts.doorbells import facts_changed
from contacts.errors import CannotRestore, DuplicateAccount, InvalidValues
from contacts.merging.became import became_of
from contacts.models import Account, AccountKey, Entity, User
from contacts.services import records

EDITABLE = (
    "name",
    "domain",
    "industry",
    "employees",
    "phone",
    "country",
    "city",
    "owner_id",
    "external_id",
    "custom",
)
UNIQUE = ("domain", "external_id")


def create_account(*, by: User | None = None, **values: Any) -> Account:
    """A new account from `values` (any of EDITABLE). Raises DuplicateAccount, InvalidValues, UnknownField."""
    records.only_known(Account, values, EDITABLE)
    account = Account()
    records.apply(account, {"name": "", **_cleaned(values)})
    _must_be_new(account)
    with _conflicts_named(account), transaction.atomic():
        account.save(force_insert=True)
    return Account.objects.get(pk=account.pk)


def update_account(account_id: int, *, version: int, changes: Mapping[str, Any], by: User | None = None) -> Account:
    """Write the `changes` a person made to the `version` they saw; nothing when all is as it was.

    Raises RecordGone, ChangedMeanwhile, DuplicateAccount, InvalidValues, UnknownField; then nothing is saved.
    """
    records.only_known(Account, changes, EDITABLE)
    account = records.living(Account, account_id)
    records.must_be(account, version)
    changed = records.apply(account, _cleaned(changes))
    if changed:
        with _conflicts_named(account), transaction.atomic():
            records.save_edited(account, version=version, changed=changed)
            facts_changed()
    return account


def delete_accounts(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete accounts for thirty days; the ids that were alive. Their contacts stay."""
    with transaction.atomic():
        gone = records.mark_deleted(Account, ids, by=by)
        facts_changed()
    return gone


def restore_account(account_id: int, *, by: User | None) -> Account:
    """Bring a deleted account back. Raises DuplicateAccount when its domain was taken, RecordGone, CannotRestore."""
    account = records.restorable(Account, account_id)
    if became := became_of(Entity.ACCOUNT, account_id):
        reason = f"it was merged into {Account.objects.filter(pk=became).first()}; undo the merge there"
        raise CannotRestore("account", account_id, reason, merged_into=became)
    with _conflicts_named(account), transaction.atomic():
        records.mark_restored(account)
        facts_changed()
    return records.living(Account, account_id)


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(given)
    if (values.get("domain") or "").strip():
        values["domain"] = normalise.domain(values["domain"])
        if not values["domain"]:
            raise InvalidValues({"domain": "This is not a web domain such as example.com."})
    if "custom" in values:
        values["custom"] = custom_fields.clean_values(custom_fields.fields_of(Entity.ACCOUNT), values["custom"])
    return values


def _must_be_new(account: Account) -> None:
    """Raise DuplicateAccount for a domain or external id by which another one is known since a merge."""
    for field in UNIQUE:
        known = AccountKey.objects.filter(kind=field, value=getattr(account, field), account__deleted_at=None).first()
        if known is not None:
            raise DuplicateAccount(known.account_id, field)


@contextmanager
def _conflicts_named(account: Account) -> Iterator[None]:
    """The database decides who was first; afterwards, name whom the account collided with."""
    try:
        yield
    except IntegrityError:
        for field in UNIQUE:
            value = getattr(account, field)
            holders = Account.objects.alive().filter(**{field: value}).exclude(pk=account.pk)
            holder = holders.first() if value else None
            if holder is not None:
                raise DuplicateAccount(holder.pk, field) from None
        raise
