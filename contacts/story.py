"""The story of a contact and of an account: what they did, agreed to and became, and what apps above know of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet

from contacts.field_history import DELETED, Told, changes_of, tell
from contacts.models import (
    Account,
    Consent,
    Contact,
    Entity,
    FieldChange,
    Interaction,
    InteractionType,
    Merge,
    Record,
    User,
)
from contacts.telling import ALL, CHANGES, answers_in, tellers
from contacts.timeline import Answer, Entry, Rank, Source, older
from leadcrm.lib.paging import Cursor

INTERACTIONS, MAILS, CONSENT = "interactions", "mails", "consent"
OWN_KINDS = ((INTERACTIONS, "Interactions"), (MAILS, "Mails"), (CONSENT, "Consent"))
LAST_KIND = (CHANGES, "Changes")
MAIL_TYPES = [kind.value for kind in InteractionType if kind.value.startswith("email_")]
SHORT = 160
"""Characters of a value that the timeline shows; the field history shows more."""


def kinds_for(user: User) -> list[tuple[str, str]]:
    """What the story of a contact can be narrowed to, as (word in the URL, label)."""
    above = [kind for teller in tellers() for kind in teller.kinds(user)]
    return [(ALL, "All"), *OWN_KINDS[:1], *above, *OWN_KINDS[1:], LAST_KIND]


def sources_of(contact: Contact, show: str, user: User) -> list[Source]:
    """Everything of the kind `show` that is known of a contact, as far as `user` may read it."""
    told: list[Source] = []
    if show in {ALL, INTERACTIONS, MAILS}:
        rows = Interaction.objects.filter(contact=contact)
        told.append(partial(_interactions, rows if show != MAILS else rows.filter(type__in=MAIL_TYPES)))
    if show in {ALL, CONSENT}:
        told.append(partial(_consents, contact.pk))
    if show in {ALL, CHANGES}:
        told.append(partial(field_entries, Contact, Entity.CONTACT, [contact.pk], Rank.FIELD, user))
        told += [partial(_merges, contact.pk), partial(_merges_undone, contact.pk)]
    return told + [source for teller in tellers() for source in teller.sources(contact, show, user)]


def sources_of_account(account_id: int, show: str, user: User) -> list[Source]:
    """What the people of an account did since they are there, and what became of it."""
    told: list[Source] = []
    if show in {ALL, INTERACTIONS}:
        told.append(partial(interactions_of_account, account_id, user))
    if show in {ALL, CHANGES}:
        told.append(partial(field_entries, Account, Entity.ACCOUNT, [account_id], Rank.FIELD, user))
    return told


ACCOUNT_KINDS = [(ALL, "All"), OWN_KINDS[0], LAST_KIND]


def interactions_of_contact(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    return _interactions(Interaction.objects.filter(contact=contact_id), cursor, size)


def _interactions(rows: QuerySet[Interaction], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    found = older(rows.select_related("marketing_context"), "occurred_at", Rank.INTERACTION, cursor)
    return _with_answers(list(found[:size]))


def interactions_of_account(account_id: int, user: User, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    """Those of all its contacts since they joined it, each with the name.

    The newest are found in the index alone, then read.
    """
    people = Contact.objects.visible_to(user).filter(account=account_id)
    came_later = FieldChange.objects.filter(
        subject="contact",
        field="account_id",
        after=account_id,
        subject_id=OuterRef("contact_id"),
        changed_at__gt=OuterRef("occurred_at"),
    )
    every = Interaction.objects.filter(~Exists(came_later), contact__in=people)
    newest = list(older(every, "occurred_at", Rank.INTERACTION, cursor).values_list("pk", flat=True)[:size])
    rows = Interaction.objects.filter(pk__in=newest).select_related("contact", "marketing_context")
    return _with_answers(list(rows), named=True)


def _with_answers(rows: list[Interaction], *, named: bool = False) -> list[Entry]:
    answers = answers_in(rows)
    return [interaction_entry(row, row.contact.name if named else "", answers.get(row.pk, ())) for row in rows]


def interaction_entry(row: Interaction, whose: str = "", answers: tuple[Answer, ...] = ()) -> Entry:
    """An interaction in words: what was done, what about, what a person wrote down of it and who, and where it was."""
    context = row.marketing_context
    where = "" if context is None or context.name == row.subject else str(context)
    written = row.payload if isinstance(row.payload, dict) else {}
    robot = "by a robot, which does not count" if row.robot else ""
    return Entry(
        row.occurred_at,
        Rank.INTERACTION,
        row.pk,
        InteractionType(row.type).label if row.type in InteractionType.values else row.type,
        about=row.subject,
        detail=" · ".join(text for text in (whose, str(written.get("details", "")), where, robot) if text),
        by=str(written.get("by", "")),
        key=row.type == InteractionType.FORM_SUBMITTED,
        answers=answers,
    )


def _consents(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = Consent.objects.filter(contact=contact_id).select_related("recorded_by", "purpose")
    for row in older(rows, "recorded_at", Rank.CONSENT, cursor)[:size]:
        yield Entry(
            row.recorded_at,
            Rank.CONSENT,
            row.pk,
            "Agreed to" if row.given else "Withdrew" if row.purpose else "Withdrew consent down to",
            about=str(row.purpose or row.get_level_display()),
            detail=" · ".join(text for text in (row.source, row.wording) if text),
            by=str(row.recorded_by or ""),
            key=True,
        )


def _merges(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = Merge.objects.filter(entity=Entity.CONTACT, survivor_id=contact_id).select_related("merged_by")
    for row in older(rows, "merged_at", Rank.MERGE, cursor)[:size]:
        undone = "undone since" if row.undone_at else ""
        by = str(row.merged_by or "")
        yield Entry(row.merged_at, Rank.MERGE, row.pk, "Merged with", row.gone_name, undone, by, key=True)


def _merges_undone(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    either = Q(survivor_id=contact_id) | Q(gone_id=contact_id)
    rows = Merge.objects.filter(either, entity=Entity.CONTACT, undone_at__isnull=False).select_related("undone_by")
    for row in older(rows, "undone_at", Rank.UNMERGE, cursor)[:size]:
        about = row.gone_name if row.survivor_id == contact_id else ""
        title = "A merge was undone, with" if about else "A merge was undone"
        yield Entry(
            row.undone_at or row.merged_at, Rank.UNMERGE, row.pk, title, about, by=str(row.undone_by or ""), key=True
        )


def field_entries(
    model: type[Record],
    subject: str,
    ids: Sequence[int],
    rank: Rank,
    user: User,
    cursor: Cursor | None,
    size: int,
    *,
    but: Sequence[str] = (),
    of: Sequence[tuple[int, str, str]] = (),
) -> Iterable[Entry]:
    """Which fields of these records changed; `but`: fields that are told elsewhere. `of` names the records, where
    there are several, as (id, words, URL).
    """
    rows = changes_of(subject, ids).exclude(field__in=but).select_related("actor")
    names = {pk: (words, url) for pk, words, url in of}
    for told in tell(list(older(rows, "changed_at", rank, cursor)[:size]), model, user):
        whose, url = names.get(told.change.subject_id, ("", ""))
        title, about, before = _said(told)
        detail = " · ".join(text for text in (f"before: {before}" if before else "", whose) if text)
        yield Entry(told.when, rank, told.change.pk, title, about=about, detail=detail, by=told.by, url=url)


def _said(told: Told) -> tuple[str, str, str]:
    """What happened, what it became and what it was, in words."""
    if told.change.field == DELETED:
        return ("Deleted" if told.change.after else "Restored"), "", ""
    before, after = _short(told.before), _short(told.after)
    return (f"{told.label} is now", after, before) if after else (f"{told.label} was emptied", "", before)


def _short(words: str) -> str:
    return words if len(words) <= SHORT else words[: SHORT - 1] + "…"
