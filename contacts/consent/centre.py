"""What a person changes on their own page of preferences: more counts once confirmed where so wanted, less at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import get_language

from contacts.consent import asking
from contacts.consent.purposes import offered
from contacts.models import ConsentAsked, Contact, How, Purpose, PurposeWording
from contacts.services.consents import record_consent, said_by, standing_of
from contacts.services.guardians import agree_for
from leadcrm.lib.languages import ENGLISH

SALT = "contacts.preferences.shown"
MOST_WARDS = 20


@dataclass(frozen=True)
class Choice:
    """One purpose on the page: in which words (`text`, of the `wording`), whether they agree, whether that waits for
    their confirmation, or, of a child, for their guardian to agree (`held`).
    """

    purpose: Purpose
    wording: PurposeWording
    text: str
    agreed: bool
    waiting: bool = False
    held: bool = False


@dataclass(frozen=True)
class Ward:
    """A child on their guardian's page: what there is to agree to for them."""

    child: Contact
    choices: list[Choice]
    shown: str


@dataclass
class Changed:
    """What came of it, by names of purposes; `held`: to be confirmed, but no mail more may go to them today."""

    agreed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


def choices_of(contact: Contact) -> list[Choice]:
    """What a person can choose now. A constant number of queries."""
    said, now = said_by(contact.pk), standing_of(contact.pk)
    waiting = set(ConsentAsked.objects.filter(contact=contact).values_list("purpose", flat=True))
    return [
        Choice(
            one,
            words,
            words.said_in(_spoken())[0],
            said.agrees_to(one.pk),
            one.pk in waiting,
            held=said.agrees_to(one.pk) and not now.agrees_to(one.pk),
        )
        for one, words in offered()
    ]


def wards_of(guardian: Contact) -> list[Ward]:
    """The children whom somebody answers for, with what they can agree to for each."""
    children = Contact.objects.alive().filter(guardianship__guardian=guardian, guardianship__agreed_at=None)
    found = []
    for child in children.order_by("pk")[:MOST_WARDS]:
        now = standing_of(child.pk)
        choices = [Choice(one, words, words.said_in(_spoken())[0], now.agrees_to(one.pk)) for one, words in offered()]
        found.append(Ward(child, choices, shown_as_text(child, choices)))
    return found


def choose_for(
    guardian: Contact, child_id: int, *, shown: str, wanted: set[int], page: str, ip: str | None
) -> list[str]:
    """Take what a guardian chose for a child; the names of the purposes that changed. They hold the link that went to
    their own mailbox, so no other confirmation is asked for.

    Raises BadSignature where they were shown nothing of the kind, or do not answer for them.
    """
    whose, words, language = _read(shown)
    if whose != child_id or child_id not in [one.child.pk for one in wards_of(guardian)]:
        raise signing.BadSignature
    texts = PurposeWording.objects.in_bulk(list(words.values()))
    versions = {pk: texts[version] for pk, version in words.items() if version in texts}
    return agree_for(
        child_id,
        purposes=wanted & words.keys(),
        seen=words.keys(),
        by=None,
        versions=versions,
        language=language,
        how=How.CENTRE,
        page=page,
        ip=ip,
    )


def shown_as_text(contact: Contact, choices: Sequence[Choice]) -> str:
    """Signed: in which words, and in which language, which purposes were shown to whom. It comes back with what they
    choose.
    """
    shown = [[one.purpose.pk, one.wording.pk] for one in choices]
    return signing.dumps([contact.pk, shown, _spoken()], salt=SALT)


def _read(shown: str) -> tuple[int, dict[int, int], str]:
    """Whose page it was, versions by purpose, and the language. Raises BadSignature."""
    whose, pairs, *more = signing.loads(shown, salt=SALT)
    return whose, dict(pairs), more[0] if more else ""  # pages from before words had languages say none


def _spoken() -> str:
    return get_language() or ENGLISH


def choose(contact: Contact, *, shown: str, wanted: set[int], page: str, ip: str | None) -> Changed:
    """Take what a person chose of what they were `shown`: purposes that are not among `wanted` they do not want.

    What they were not shown stays as it is. Raises BadSignature when they were shown nothing of the kind.
    """
    whose, words, language = _read(shown)
    if whose != contact.pk:
        raise signing.BadSignature
    purposes = Purpose.objects.in_bulk(list(words))
    versions = PurposeWording.objects.in_bulk(list(words.values()))
    said = Changed()
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).select_for_update(no_key=True).first()
        now = said_by(contact.pk)
        asked = set(ConsentAsked.objects.filter(contact=contact).values_list("purpose", flat=True))
        for pk, purpose in sorted(purposes.items()):
            proof: dict[str, Any] = {"how": How.CENTRE, "page": page, "ip": ip}
            if pk in wanted and not now.agrees_to(pk):
                version = versions.get(words[pk])
                if purpose.confirm or pk in asked:  # it is drawn ticked while it waits, whoever had ticked it
                    asked_now = asking.ask(
                        contact=contact, purpose=purpose, version=version, language=language or _spoken(), **proof
                    )
                    if asked_now.mailed is not None:  # else nothing has changed
                        (said.asked if asked_now.mailed else said.held).append(purpose.name)
                elif purpose.retired_at is None:
                    record_consent(contact_id=contact.pk, purpose=purpose, version=version, language=language, **proof)
                    said.agreed.append(purpose.name)
            elif pk not in wanted and (now.agrees_to(pk) or pk in asked):
                record_consent(contact_id=contact.pk, purpose=purpose, given=False, **proof)
                said.withdrawn.append(purpose.name)
    return said
