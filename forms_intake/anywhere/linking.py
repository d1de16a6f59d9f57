"""Links by which a form knows one person: made for contacts whom their maker may see, to be sent to those alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from contacts.letters import address_of
from contacts.models import Contact, User
from contacts.pickers import ContactField
from forms_intake.asking import asked_of, asks_address_of_all
from forms_intake.known import WHO, ends_at, known_by, word_for
from forms_intake.looks.prefilled import filled_in
from forms_intake.models import Ask, FieldType, Prefill
from forms_intake.spec.shape import FieldSpec, FormSpec

NEVER_LEFT_OUT = frozenset({FieldType.HIDDEN, FieldType.CONSENT})
NEVER_FILLED_IN = NEVER_LEFT_OUT | {FieldType.MULTI_CHOICE}


class ForOne(forms.Form):
    """For whom a link is made."""

    def __init__(self, data: Any = None, *, user: User, contact: Contact | None = None) -> None:
        super().__init__(data, initial={"contact": contact})
        self.fields["contact"] = ContactField(
            user=user, label="Contact", help_text="The e-mail, or a part of the name."
        )


@dataclass(frozen=True)
class SignedLink:
    """What makes any form know a contact, until `ends_at`."""

    contact_id: int
    word: str
    ends_at: datetime

    @property
    def query(self) -> str:
        return f"{WHO}={self.word}"

    def to(self, path: str) -> str:
        """The whole address of a page of ours on which a form stands, for that contact."""
        return f"{address_of(path)}?{self.query}"


@dataclass(frozen=True)
class Effect:
    """What a signed link does at a form, by the labels of its fields: `fills` in, `spares` once known, `asks` of
    nobody else.
    """

    fills: list[str]
    spares: list[str]
    asks: list[str]

    def __bool__(self) -> bool:
        return bool(self.fills or self.spares or self.asks)


def signed_link(contact_id: int) -> SignedLink:
    """A link for a contact whom, as its caller has made sure, the maker may see: it shows what a form fills in."""
    return SignedLink(contact_id, word_for(contact_id), ends_at())


def links_for(contact_ids: Iterable[int], *, seen_by: User) -> list[SignedLink]:
    """A link for each of the contacts that are there and that `seen_by` may see, in the order asked. One query."""
    asked = list(dict.fromkeys(contact_ids))
    there = set(Contact.objects.visible_to(seen_by).filter(pk__in=asked).values_list("pk", flat=True))
    return [signed_link(pk) for pk in asked if pk in there]


def effect_of(form: FormSpec) -> Effect:
    """What a link may do at a form, whomever it is for."""
    by_link = (one for one in form.fields if one.target and one.prefill in (Prefill.LINK, Prefill.BOTH))
    left_out = [one for one in form.fields if one.type not in NEVER_LEFT_OUT]
    spared = (one for one in left_out if one.ask == Ask.UNKNOWN)
    never = form.email_key if asks_address_of_all(form) else ""
    return Effect(
        fills=_labels(one for one in by_link if one.type not in NEVER_FILLED_IN),
        spares=_labels(one for one in spared if one.key != never),
        asks=_labels(one for one in left_out if one.ask == Ask.KNOWN),
    )


def effect_for(form: FormSpec, link: SignedLink) -> Effect:
    """What this very link does as things stand."""
    known = known_by(link.word, form)
    if known is None:
        return Effect([], [], [])
    shown = asked_of(form, known)
    return Effect(
        fills=_labels(one for one in shown if filled_in(one, {}, known) is not one),
        spares=_labels(one for one in form.fields if one not in shown and one.key in known.filled),
        asks=_labels(one for one in shown if one.ask == Ask.KNOWN and one.type not in NEVER_LEFT_OUT),
    )


def _labels(fields: Iterable[FieldSpec]) -> list[str]:
    return [one.label for one in fields]
