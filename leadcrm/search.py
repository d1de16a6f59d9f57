"""Search, and jumping to pages: what the palette (Ctrl-K) and the search page show."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest

from contacts.models import Account, Contact, User
from leadcrm.lib.links import url_of
from leadcrm.lib.lists import capitals
from leadcrm.rail import rail
from leads.models import Lead

LEAST_LETTERS = 3
"""Shorter words have no trigram, so the index cannot find them."""


@dataclass(frozen=True)
class Hit:
    """One thing found. `remark` tells namesakes apart."""

    label: str
    remark: str
    url: str
    icon: str


@dataclass(frozen=True)
class Group:
    heading: str
    hits: list[Hit] = field(default_factory=list)


def find(request: HttpRequest, user: User, words: str, *, each: int) -> list[Group]:
    """Pages whose name contains `words`, then up to `each` leads, contacts and accounts this person may see."""
    groups = [Group("Pages", _pages(request, words))]
    typed = words.split()[:5]
    if any(len(word) >= LEAST_LETTERS for word in typed):
        terms = [capitals(word) for word in typed]
        groups += [
            Group("Leads", _leads(user, terms, each)),
            Group("Contacts", _contacts(user, terms, each)),
            Group("Accounts", _accounts(terms, each)),
        ]
    return [group for group in groups if group.hits]


def _pages(request: HttpRequest, words: str) -> list[Hit]:
    links = [(link, section.heading) for section in rail(request) for link in section.links]
    wanted = words.lower().strip()
    return [Hit(link.label, heading, link.url, link.icon) for link, heading in links if wanted in link.label.lower()]


def _containing(rows: QuerySet, lookup: str, terms: list[Upper]) -> QuerySet:
    for term in terms:
        rows = rows.filter(**{lookup: term})
    return rows


def _contacts(user: User, terms: list[Upper], each: int) -> list[Hit]:
    rows = _containing(Contact.objects.visible_to(user).select_related("account"), "search_text__contains", terms)
    return [
        Hit(contact.name, str(contact.account or contact.email), url, "user")
        for contact in rows[:each]
        if (url := url_of("contacts:detail", contact.pk))
    ]


def _leads(user: User, terms: list[Upper], each: int) -> list[Hit]:
    """By their contact's name: topics have no index to search."""
    visible = Lead.objects.visible_to(user).select_related("contact", "account")
    rows = _containing(visible, "contact__search_text__contains", terms)[:each]
    return [
        Hit(str(lead.contact or lead.account or lead.topic), lead.topic, url, "target")
        for lead in rows
        if (url := url_of("leads:detail", lead.pk))
    ]


def _accounts(terms: list[Upper], each: int) -> list[Hit]:
    rows = _containing(Account.objects.alive().alias(upper=Upper("name")), "upper__contains", terms)
    return [
        Hit(account.name, account.city or account.domain, url, "building-2")
        for account in rows[:each]
        if (url := url_of("accounts:detail", account.pk))
    ]
