"""Consent is recorded as it was given or withdrawn; the level in force stands on the contact.

Given, a consent raises the level. Withdrawn, it lowers it: of everything, to what is said; of one purpose, to what the
others still come to. The contact's row is locked first, so that two statements are taken one after the other.

Of a child counts what their guardian said, purpose by purpose, and every withdrawal, whoever's it is; what the child
agrees to is kept, and counts once the guardian agrees to it, or to whatever they say (services/guardians.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues, RecordGone
from contacts.models import (
    Consent,
    ConsentAsked,
    ConsentLevel,
    Contact,
    Entity,
    Guardianship,
    How,
    InteractionType,
    Merge,
    Purpose,
    PurposeWording,
    User,
)
from contacts.services.interactions import log_interaction

UNSUBSCRIBED = ConsentLevel.TRANSACTIONAL
"""What is left to who unsubscribes from everything: what they asked for or bought may still be written about."""


@dataclass
class Standing:
    """What somebody agrees to: in general and, by purpose id, the latest statement about each purpose."""

    general: int = 0
    said: dict[int, Consent] = field(default_factory=dict)

    @property
    def level(self) -> int:
        """What all of it comes to."""
        return max([self.general, *(said.level for said in self.said.values() if said.given)])

    def agrees_to(self, purpose_id: int | None) -> bool:
        return purpose_id in self.said and self.said[purpose_id].given


def standing(statements: Iterable[Consent], *, of_a_ward: bool = False) -> Standing:
    """What these statements of one person, oldest first, come to. Pure.

    `of_a_ward`: they are a child, so that only their guardian agrees to anything.
    """
    now = Standing()
    for one in statements:
        if of_a_ward and one.given and not one.by_guardian:
            continue
        if one.purpose_id is not None:
            now.said[one.purpose_id] = one
        elif one.given:
            now.general = max(now.general, one.level)
        else:
            now.general = min(now.general, one.level)
            now.said = {pk: said for pk, said in now.said.items() if not said.given or said.level <= one.level}
    return now


def standing_of(contact_id: int) -> Standing:
    """What a contact agrees to now, as far as it counts. One query."""
    ward = Guardianship.objects.filter(child=OuterRef("contact"), agreed_at=None)
    rows = list(_statements(contact_id).annotate(of_a_ward=Exists(ward)))
    return standing(rows, of_a_ward=bool(rows) and rows[0].of_a_ward)


def said_by(contact_id: int) -> Standing:
    """What was said for a contact, by them or their guardian, whether it counts or not. One query."""
    return standing(_statements(contact_id))


def _statements(contact_id: int) -> QuerySet[Consent]:
    return Consent.objects.filter(contact=contact_id).order_by("recorded_at", "pk")


def record_consent(
    *,
    contact_id: int,
    level: int | None = None,
    purpose: Purpose | None = None,
    version: PurposeWording | None = None,
    given: bool = True,
    wording: str = "",
    language: str = "",
    how: str = How.PERSON,
    source: str = "",
    page: str = "",
    ip: str | None = None,
    confirmed_at: datetime | None = None,
    confirmed_ip: str | None = None,
    by_guardian: bool = False,
    by: User | None = None,
) -> Consent:
    """Add a consent. Given, it raises the contact's level to at least `level` (that of the `purpose`, if there is
    one); withdrawn, it lowers it to at most that, or to what is left without the purpose.
    `by_guardian`: said by who answers for a child. `language`: that of the `wording`; without one, the version's words
    in it are kept, or its first where it has none.

    Raises RecordGone, InvalidValues.
    """
    if purpose is not None:
        level = purpose.level
    if level not in ConsentLevel.values:
        raise InvalidValues({"level": f"There is no consent level {level}."})
    words, language = _words(wording, language, version)
    with transaction.atomic():
        contact = _locked(contact_id)
        if given:
            in_force = max(contact.consent_level, level)
        elif purpose is None:
            in_force = min(contact.consent_level, level)
            _questions_to(contact).filter(purpose__level__gt=level).delete()
        else:
            in_force = level = min(contact.consent_level, _take_back(purpose, contact))
        consent = Consent.objects.create(
            contact_id=contact_id,
            purpose=purpose,
            version=version,
            level=level,
            given=given,
            wording=words,
            language=language,
            how=how,
            source=source[:200],
            page=page[:300],
            ip=ip,
            confirmed_at=confirmed_at,
            confirmed_ip=confirmed_ip,
            by_guardian=by_guardian,
            recorded_by=by,
        )
        _let_guardian_decide(contact)
        _write(contact, in_force)
        facts_changed()
    return consent


def _words(wording: str, language: str, version: PurposeWording | None) -> tuple[str, str]:
    """What was read, and in which language: as it is said, else as the version has it."""
    words = wording.replace("\x00", "")
    if not words and version is not None:
        words, language = version.said_in(language)
    return words, language if words else ""


def _take_back(purpose: Purpose, contact: Contact) -> int:
    """The level that is left to a contact without this purpose, which no click in an older mail brings back."""
    now = standing_of(contact.pk)
    now.said.pop(purpose.pk, None)
    _questions_to(contact).filter(purpose=purpose).delete()
    return now.level


def withdraw_all(
    *, contact_id: int, how: str, source: str = "", page: str = "", ip: str | None = None, by: User | None = None
) -> list[Consent]:
    """Take back whatever lets us write to a person but for what they asked for; the statements that were added, none
    when they had said so last. What they did is an interaction too. Raises RecordGone.
    """
    with transaction.atomic():
        contact = _locked(contact_id)
        statements = list(Consent.objects.filter(contact=contact_id).order_by("recorded_at", "pk"))
        now = standing(statements)
        open_ones = [said for said in now.said.values() if said.given and said.level > UNSUBSCRIBED]
        level = min(contact.consent_level, UNSUBSCRIBED)
        had_said_so = bool(statements) and not statements[-1].given and statements[-1].purpose_id is None
        # What somebody had said who was merged into them since leaves with that one, should it be undone.
        had_said_so = had_said_so and not _was_merged_into(contact_id, since=statements[-1].recorded_at)
        _questions_to(contact).delete()
        if not open_ones and contact.consent_level <= UNSUBSCRIBED and had_said_so:
            return []
        shared: dict[str, Any] = {
            "contact_id": contact_id,
            "given": False,
            "how": how,
            "source": source[:200],
            "page": page[:300],
            "ip": ip,
            "recorded_by": by,
        }
        added = [
            *(Consent(purpose_id=said.purpose_id, level=level, **shared) for said in open_ones),
            Consent(level=UNSUBSCRIBED, wording="Unsubscribe from everything", **shared),
        ]
        for one in added:
            one.save(force_insert=True)
        _let_guardian_decide(contact)
        _write(contact, level)
        if how in (How.UNSUBSCRIBE, How.CENTRE):
            log_interaction(
                contact_id=contact_id,
                type=InteractionType.EMAIL_UNSUBSCRIBED,
                subject="Everything",
                occurred_at=timezone.now(),
                source="consent",
            )
        facts_changed()
    return added


def take_back_as_well(contact_id: int, statements: Iterable[Consent]) -> None:
    """What somebody took back counts for this contact too, who was one with them then: of everything, or of purposes
    that this contact agrees to. Kept as it was said, when and how. Raises RecordGone.
    """
    with transaction.atomic():
        contact = _locked(contact_id)
        now, level, added = standing_of(contact_id), contact.consent_level, []
        for said in statements:
            if said.given or (said.purpose_id is not None and not now.agrees_to(said.purpose_id)):
                continue
            if said.purpose_id is None:
                level = min(level, said.level)
            else:
                now.said.pop(said.purpose_id)
                level = min(level, now.level)
            values = {field.attname: getattr(said, field.attname) for field in Consent._meta.concrete_fields}
            added.append(Consent(**values | {"id": None, "contact_id": contact_id, "level": level}))
        if added:
            Consent.objects.bulk_create(added)
            _let_guardian_decide(contact)
            _write(contact, level)
            facts_changed()


def _questions_to(contact: Contact) -> QuerySet[ConsentAsked]:
    """What waits for their click, also what stayed with those who became them, because both were asked the same: that
    follows as soon as there is room (contacts/merging/stragglers.py), or comes back when a merge is undone.
    """
    people, further = {contact.pk}, {contact.pk}
    while further:
        merges = Merge.objects.filter(entity=Entity.CONTACT, survivor_id__in=further, undone_at=None)
        further = set(merges.values_list("gone_id", flat=True)) - people
        people |= further
    return ConsentAsked.objects.filter(contact__in=people)


def _was_merged_into(contact_id: int, *, since: datetime) -> bool:
    merges = Merge.objects.filter(entity=Entity.CONTACT, survivor_id=contact_id, undone_at=None, merged_at__gt=since)
    return bool(merges.exists())


def _locked(contact_id: int) -> Contact:
    contact = Contact.objects.alive().filter(pk=contact_id).select_for_update(no_key=True).first()
    if contact is None:
        raise RecordGone("contact", contact_id)
    return contact


def most_of_ward(contact_id: int) -> int:
    """The highest level that may come into force of a child, by the purposes that their guardian agreed to."""
    return max(ConsentLevel.TRANSACTIONAL, standing(_statements(contact_id), of_a_ward=True).level)


def _let_guardian_decide(contact: Contact) -> None:
    known = Guardianship.objects.filter(child=contact, agreed_at=None).first()
    if known is not None and known.most != (most := most_of_ward(contact.pk)):
        Guardianship.objects.filter(pk=known.pk).update(most=most)


def _write(contact: Contact, level: int) -> None:
    Contact.objects.filter(pk=contact.pk).update(consent_level=level, updated_at=timezone.now())
