"""Search, and jumping to pages: what the palette (Ctrl-K) and the search page show."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest

from contacts.finding import exactly
from contacts.models import Account, Contact, User
from leadcrm import within_reach
from leadcrm.hits import Hit
from leadcrm.lib.links import url_of
from leadcrm.lib.lists import capitals
from leadcrm.rail import rail
from leads.models import Lead, Opportunity

LEAST_LETTERS = 3
"""Shorter words have no trigram, so the index cannot find them."""
MOST_LETTERS = 200
MOST_COMPANIES = 50
"""Of so many accounts whose name fits, leads are looked for."""
NUMBER = re.compile(r"#\s?([0-9]{1,18})")


@dataclass(frozen=True)
class Group:
    heading: str
    hits: list[Hit] = field(default_factory=list)


def find(request: HttpRequest, user: User, words: str, *, each: int) -> list[Group]:
    """What can be done with the record one looks at, what one looked at lately, pages and saved views whose name
    contains `words`, then up to `each` leads, opportunities, contacts and accounts this person may see.

    By name; by phone number and external id as a whole; a lead by `#` and its number, too.
    """
    groups = [
        Group("On this record", within_reach.actions(request, user, words)),
        Group("Looked at lately", [] if words else within_reach.recent(user, request.GET.get("recent", ""))),
        Group("Pages", _pages(request, words)),
        Group("Views", within_reach.views(user, words)[:each]),
    ]
    wanted = _Wanted(words.replace("\x00", "").strip()[:MOST_LETTERS], each)
    if wanted.says_something:
        groups += [
            Group("Leads", _leads(user, wanted)),
            Group("Opportunities", _opportunities(user, wanted)),
            Group("Contacts", _contacts(user, wanted)),
            Group("Accounts", _accounts(wanted)),
        ]
    return [group for group in groups if group.hits]


@dataclass(frozen=True)
class _Wanted:
    """What was typed, and how many of each kind are asked for."""

    words: str
    each: int

    @property
    def terms(self) -> list[Upper]:
        """The words in capitals; none when no index can find them."""
        typed = self.words.split()[:5]
        return [capitals(word) for word in typed] if any(len(word) >= LEAST_LETTERS for word in typed) else []

    @property
    def number(self) -> int:
        """The lead that "#123" names; 0, which none has, for anything else."""
        said = NUMBER.fullmatch(self.words)
        return int(said[1]) if said else 0

    @property
    def says_something(self) -> bool:
        return bool(self.terms or self.number)

    def first_of(self, *ways: QuerySet) -> list[Any]:
        """The first rows that these ways find, each once."""
        found: dict[int, Any] = {}
        for way in ways:
            if len(found) < self.each:
                found |= {row.pk: row for row in way[: self.each] if row.pk not in found}
        return list(found.values())[: self.each]


def _pages(request: HttpRequest, words: str) -> list[Hit]:
    links = [(link, section.heading) for section in rail(request) for link in section.links]
    wanted = words.lower().strip()
    return [Hit(link.label, heading, link.url, link.icon) for link, heading in links if wanted in link.label.lower()]


def _containing(rows: QuerySet, lookup: str, terms: list[Upper]) -> QuerySet:
    for term in terms:
        rows = rows.filter(**{lookup: term})
    return rows if terms else rows.none()


def _companies(terms: list[Upper]) -> QuerySet:
    return _containing(Account.objects.alive().alias(upper=Upper("name")), "upper__contains", terms)


def _contacts(user: User, wanted: _Wanted) -> list[Hit]:
    visible = Contact.objects.visible_to(user).select_related("account")
    rows = wanted.first_of(
        visible.filter(exactly(wanted.words)), _containing(visible, "search_text__contains", wanted.terms)
    )
    return [
        Hit(contact.name, str(contact.account or contact.email), url, "user")
        for contact in rows
        if (url := url_of("contacts:detail", contact.pk))
    ]


def _leads(user: User, wanted: _Wanted) -> list[Hit]:
    """By number, by their contact, by their account: topics have no index to search."""
    visible = Lead.objects.visible_to(user).select_related("contact", "account")
    people = list(Contact.objects.alive().filter(exactly(wanted.words)).values_list("pk", flat=True)[: wanted.each])
    companies = list(_companies(wanted.terms).order_by().values_list("pk", flat=True)[:MOST_COMPANIES])
    rows = wanted.first_of(
        visible.filter(pk=wanted.number),
        visible.exclude(external_id="").filter(external_id=wanted.words),
        visible.filter(contact__in=people),
        _containing(visible, "contact__search_text__contains", wanted.terms),
        visible.filter(account__in=companies),
    )
    return [
        Hit(str(lead.contact or lead.account or lead.topic), lead.topic, url, "target")
        for lead in rows
        if (url := url_of("leads:detail", lead.pk))
    ]


def _opportunities(user: User, wanted: _Wanted) -> list[Hit]:
    """By topic, by external id, by account."""
    visible = Opportunity.objects.visible_to(user).select_related("account", "contact")
    topics = _containing(Opportunity.objects.alias(upper=Upper("topic")), "upper__contains", wanted.terms)
    found = Q(pk__in=topics.values("pk")) | Q(account__in=_companies(wanted.terms).values("pk"))
    rows = visible.filter(found | (Q(external_id=wanted.words) & ~Q(external_id=""))).order_by("-pk")[: wanted.each]
    return [
        Hit(one.topic, str(one.account or one.contact or ""), url, "handshake")
        for one in rows
        if (url := url_of("opportunities:detail", one.pk))
    ]


def _accounts(wanted: _Wanted) -> list[Hit]:
    named = Account.objects.alive().exclude(external_id="").filter(external_id=wanted.words)
    return [
        Hit(account.name, account.city or account.domain, url, "building-2")
        for account in wanted.first_of(named, _companies(wanted.terms))
        if (url := url_of("accounts:detail", account.pk))
    ]
