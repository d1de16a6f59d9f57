"""Of whom a condition can be asked: which vocabulary, which records, and how each of them is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact, User
from leadcrm.lib.links import url_of
from leads.conditions import Vocabulary, contact_vocabulary, lead_vocabulary, opportunity_vocabulary, without_contact
from leads.models import Lead, Opportunity


@dataclass(frozen=True)
class Example:
    """A record as an example shows it: who, what tells namesakes apart, and its page."""

    name: str
    remark: str
    url: str


@dataclass(frozen=True)
class Subject:
    """`vocabulary` says what may be asked (one query), `rows` gives the records a person may see."""

    name: str
    noun: str
    vocabulary: Callable[[], Vocabulary]
    rows: Callable[[User], QuerySet]
    example: Callable[[Any], Example]
    drawn_with: tuple[str, ...]


def _lead(lead: Lead) -> Example:
    who = lead.contact or lead.account
    remark = " · ".join(
        filter(None, [lead.topic if who else "", str(lead.contact.account or "") if lead.contact else ""])
    )
    return Example(str(who or lead.topic), remark, url_of("leads:detail", lead.pk))


def _contact(contact: Contact) -> Example:
    remark = " · ".join(filter(None, [contact.job_title, str(contact.account or "")]))
    return Example(str(contact), remark or contact.email, url_of("contacts:detail", contact.pk))


def _opportunity(one: Opportunity) -> Example:
    return Example(str(one), str(one.account or one.contact or ""), url_of("opportunities:detail", one.pk))


WITH = ("contact__account", "account")
SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        each.name: each
        for each in (
            Subject("lead", "leads", lead_vocabulary, lambda user: Lead.objects.visible_to(user), _lead, WITH),
            Subject(
                "contact",
                "contacts",
                contact_vocabulary,
                lambda user: Contact.objects.visible_to(user),
                _contact,
                ("account",),
            ),
            Subject(
                "opportunity",
                "opportunities",
                opportunity_vocabulary,
                lambda user: Opportunity.objects.visible_to(user),
                _opportunity,
                ("account", "contact"),
            ),
            Subject(
                "scoring",
                "open leads",
                partial(lead_vocabulary, scoring=True),
                lambda user: Lead.objects.visible_to(user).open(),
                _lead,
                WITH,
            ),
            Subject(
                "scoring-account",
                "open leads of an account alone",
                lambda: without_contact(lead_vocabulary(scoring=True)),
                lambda user: Lead.objects.visible_to(user).open().filter(contact=None, account__isnull=False),
                _lead,
                WITH,
            ),
        )
    }
)
