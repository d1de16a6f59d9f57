"""Choosing one of a million contacts or accounts: typed, suggested, and never a drop-down of all."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.urls import reverse_lazy

from contacts import match_keys, normalise
from contacts.models import Account, Contact, User
from leadcrm.lib.lists import capitals, containing, terms_of

NUMBERED = re.compile(r"\(#(\d{1,18})\)\s*$")
OFFERED = 8


def shown(record: Contact | Account) -> str:
    """How a picker shows a record, so that it is understood again: "Nordwind Logistik (#12)"."""
    return f"{record} (#{record.pk})"


def words_in(request: HttpRequest, what: str) -> str:
    """What is being typed into a picker, called `account` or, beside other ways to choose, `account_other`."""
    return (request.GET.get(what) or request.GET.get(f"{what}_other") or "")[:200]


def offered_accounts(words: str) -> list[Account]:
    """A few living accounts whose name contains what was typed."""
    if not terms_of(words.split()):
        return []
    rows = Account.objects.alive().annotate(upper=Upper("name"))
    return list(containing(rows, "upper__contains", words).order_by("pk")[:OFFERED])


def offered_contacts(words: str, user: User) -> list[Contact]:
    """A few contacts this person may see, in whose name or e-mail what was typed appears."""
    if not terms_of(words.split()):
        return []
    rows = Contact.objects.visible_to(user).select_related("account")
    return list(containing(rows, "search_text__contains", words).order_by("pk")[:OFFERED])


class RecordField(forms.CharField, ABC):
    """A record by its number in brackets, or by words that mean exactly one. Gives the record or None."""

    what = "record"
    known_by = "name"

    def __init__(self, *, url_name: str, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)
        # htmx fills the datalist beside it while people type; without scripts the number or the exact words do.
        self.widget.attrs |= {
            "autocomplete": "off",
            "list": f"{self.what}-options",
            "hx-get": reverse_lazy(url_name),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{self.what}-options",
            "hx-params": "*",
        }

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, Contact | Account) else value

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        if not words:
            return None
        numbered = NUMBERED.search(words)
        found = list(self.by_number(int(numbered[1])) if numbered else self.by_words(words))
        if len(found) == 1:
            return found[0]
        said = f"Several {self.what}s" if found else f"No {self.what}"
        raise ValidationError(f"{said} of this {self.known_by}; choose one that is suggested.")

    @abstractmethod
    def by_number(self, number: int) -> QuerySet:
        """The record of this number, if this person may choose it."""

    @abstractmethod
    def by_words(self, words: str) -> QuerySet:
        """The records that the words may mean; two are enough to say that they mean several."""


class AccountField(RecordField):
    what = "account"
    known_by = "name or domain"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(url_name="accounts:options", **kwargs)

    def by_number(self, number: int) -> QuerySet:
        return Account.objects.alive().filter(pk=number)

    def by_words(self, words: str) -> QuerySet:
        domain = normalise.domain(words)
        accounts = Account.objects.alive()
        if domain and accounts.filter(domain=domain).exists():
            return accounts.filter(domain=domain)
        return accounts.alias(upper=Upper("name")).filter(upper=capitals(normalise.plain(words)))[:2]


class ContactField(RecordField):
    what = "contact"
    known_by = "name or e-mail"

    def __init__(self, *, user: User, **kwargs: Any) -> None:
        super().__init__(url_name="contacts:options", **kwargs)
        self.user = user

    def by_number(self, number: int) -> QuerySet:
        return Contact.objects.visible_to(self.user).filter(pk=number)

    def by_words(self, words: str) -> QuerySet:
        owners = match_keys.owners_of(match_keys.keys_of({"email": words}, [("email",)]))
        contacts = Contact.objects.visible_to(self.user)
        if owners:
            return contacts.filter(pk__in=owners.values())
        return contacts.filter(search_text__contains=capitals(normalise.plain(words)))[:2]
