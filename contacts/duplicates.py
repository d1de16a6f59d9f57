"""Who a person being typed might already be. Suggestions with their reason; only identities decide anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Upper

from contacts import match_keys, normalise
from contacts.free_mail import company_domain
from contacts.models import Account, Contact, Record, User
from leadcrm.lib.lists import capitals

MOST = 5
LOOKED_AT = 200
"""How many candidates a fuzzy comparison looks at, so that it stays quick whatever is typed."""
ALIKE = 0.45


@dataclass(frozen=True)
class Suggestion:
    """A record that may be the same, and why. `certain`: an identity, so that saving would be refused."""

    record: Record
    reason: str
    certain: bool = False


def likely_duplicates(values: Mapping[str, Any], user: User, *, exclude_id: int | None = None) -> list[Suggestion]:
    """Up to five contacts this person may see that `values` (as typed) may mean, the surest first.

    That an identity is taken by a contact they may not see, saving says, and no more than that.
    """
    found: dict[int, Suggestion] = {}
    for suggestion in _contacts(values, user):
        if suggestion.record.pk != exclude_id:
            found.setdefault(suggestion.record.pk, suggestion)
        if len(found) == MOST:
            break
    return list(found.values())


def _contacts(values: Mapping[str, Any], user: User) -> Iterator[Suggestion]:
    people: QuerySet[Contact] = Contact.objects.visible_to(user).select_related("account")
    for kind, reason in {"email": "Same e-mail address", "external_id": "Same external id"}.items():
        owners = match_keys.owners_of(match_keys.keys_of({kind: values.get(kind) or ""}, [(kind,)]))
        for contact in people.filter(pk__in=owners.values()):
            yield Suggestion(contact, reason, certain=True)
    phone = normalise.phone(values.get("phone") or "")
    if phone:
        for contact in people.filter(phone_e164=phone).order_by("pk")[:MOST]:
            yield Suggestion(contact, "Same phone number")
    first, last = (normalise.plain(values.get(name) or "") for name in ("first_name", "last_name"))
    if first and last:
        upper = people.alias(last=Upper("last_name"), first=Upper("first_name"))
        for contact in upper.filter(last=capitals(last), first=capitals(first)).order_by("pk")[:MOST]:
            yield Suggestion(contact, "Same name")
    if last:
        yield from _similar(people, f"{first} {last}".strip(), last, values)


def _similar(people: QuerySet[Contact], name: str, last: str, values: Mapping[str, Any]) -> Iterator[Suggestion]:
    """Names that look alike, among colleagues only: of the same account, or the same e-mail domain."""
    alike = TrigramSimilarity(Concat("first_name", Value(" "), "last_name"), name)  # without case by itself
    colleagues: list[tuple[QuerySet[Contact], str]] = []
    if values.get("account_id"):
        colleagues.append((people.filter(account=values["account_id"]), "Similar name, same account"))
    domain = company_domain(normalise.email(values.get("email") or ""))
    if domain:
        at_domain = people.filter(
            search_text__contains=capitals(f"@{domain}"), search_text__startswith=capitals(name[0])
        )
        colleagues.append((at_domain, "Similar name, same e-mail domain"))
    for rows, reason in colleagues:
        near = Contact.objects.filter(pk__in=rows.values("pk")[:LOOKED_AT]).select_related("account")
        for contact in near.annotate(alike=alike).filter(alike__gt=ALIKE).order_by("-alike", "pk")[:MOST]:
            yield Suggestion(contact, reason)


def likely_duplicate_accounts(
    values: Mapping[str, Any], user: User, *, exclude_id: int | None = None
) -> list[Suggestion]:
    """Up to five living accounts that `values` (as typed) may mean, the surest first."""
    found: dict[int, Suggestion] = {}
    for suggestion in islice(_accounts(values), 2 * MOST):
        if suggestion.record.pk != exclude_id:
            found.setdefault(suggestion.record.pk, suggestion)
    return list(found.values())[:MOST]


def _accounts(values: Mapping[str, Any]) -> Iterator[Suggestion]:
    companies = Account.objects.alive()
    domain = normalise.domain(values.get("domain") or "")
    if domain:
        for account in companies.filter(domain=domain)[:1]:
            yield Suggestion(account, "Same domain", certain=True)
    name = normalise.plain(values.get("name") or "")
    if len(name) >= 3:
        upper = companies.alias(upper=Upper("name"))
        for account in upper.filter(upper=capitals(name)).order_by("pk")[:MOST]:
            yield Suggestion(account, "Same name")
        for account in upper.filter(upper__startswith=capitals(name)).order_by("upper", "pk")[:MOST]:
            yield Suggestion(account, "Name begins the same")
