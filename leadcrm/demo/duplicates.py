"""The demo's people who are there twice: some wait to be merged, one was, and two colleagues are not the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from contacts.likeness.accounts import keep_account_pairs
from contacts.likeness.search import keep_pairs
from contacts.merging.accounts import merge_accounts
from contacts.merging.service import merge_contacts
from contacts.models import Account, Contact, ContactMatchingStrategy, DuplicatePair, Merge, User
from contacts.services.accounts import create_account
from contacts.services.contacts import create_contact
from contacts.services.strategies import create_strategy, save_strategy
from leadcrm.demo.cast import Person

TWICE = 6


def make_duplicates(random: Random, now: datetime, people: list[Person], staff: dict[str, User]) -> None:
    """Somebody wrote with a private address, somebody's name was typed in a hurry."""
    create_strategy(name="Phone and last name", attributes=["last_name", "phone"])
    save_strategy(
        ContactMatchingStrategy,
        None,
        name="Last name, first name alike",
        attributes=["last_name"],
        fuzzy=["first_name"],
        by=staff["maria"],
    )
    # Two people of one name would have one private address.
    by_address = {_private(one.contact): one.contact for one in people if one.contact.account_id}
    hosts = random.sample(list(by_address.values()), TWICE)
    twins = [_twin(host, place) for place, host in enumerate(hosts)]
    keep_pairs([twin.pk for twin in twins])
    merge = merge_contacts(hosts[0].pk, twins[0].pk, take=[], by=staff["mona"])
    Merge.objects.filter(pk=merge.pk).update(merged_at=now - timedelta(days=2, hours=3))
    DuplicatePair.objects.filter(second=twins[1].pk).update(
        dismissed_at=now - timedelta(days=1), dismissed_by=staff["mona"]
    )
    _make_twins_of_accounts([host.account for host in hosts if host.account], now, staff["mona"])


def _make_twins_of_accounts(firms: list[Account], now: datetime, mona: User) -> None:
    """The same company with its legal form behind it, as a list that somebody bought has it."""
    twins = [
        create_account(name=f"{firm.name} {form}", city=firm.city, phone=f"+49 30 77{place}00{place}")
        for place, (firm, form) in enumerate(zip(firms, ("GmbH", "Ltd.", "S.A.", "GmbH & Co. KG"), strict=False))
    ]
    keep_account_pairs([twin.pk for twin in twins])
    merge = merge_accounts(firms[0].pk, twins[0].pk, take=["phone"], by=mona)
    Merge.objects.filter(pk=merge.pk).update(merged_at=now - timedelta(days=3, hours=5))


def _private(host: Contact) -> str:
    name = f"{host.first_name}{host.last_name}".lower()
    return f"{''.join(mark for mark in name if mark.isascii() and mark.isalpha())}@gmail.com"


def _twin(host: Contact, place: int) -> Contact:
    first = host.first_name if place % 2 else f"{host.first_name[:1]}."
    return create_contact(
        first_name=first,
        last_name=host.last_name,
        email=_private(host),
        phone=host.phone if place % 3 == 0 else "",
        account_id=host.account_id if place % 3 else None,
        city=host.city,
    )
