"""The story of a lead: what its contact did, how it moved and what was decided, newest first, page by page.

Each source is read from where the page before ended, so that page 100 of a busy contact costs what page 1 does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.models import Contact, Interaction, User
from contacts.story import entry_of
from leadcrm.lib.paging import ID, Column, Cursor, cursor_of
from leads.models import Cause, Lead, LeadEvent, StageChange

PAGE = 40


class Show(StrEnum):
    ALL = "all"
    INTERACTIONS = "interactions"
    MOVES = "moves"


class Rank(StrEnum):
    """Kinds of entries, as they are told when they happened in the same moment: what follows from what, on top."""

    MOVE = "1"
    EVENT = "2"
    SCORE = "3"
    INTERACTION = "4"


PLACE = (Column("when", datetime), Column("rank", str), ID)
"""What a cursor holds of the last entry of a page."""


@dataclass(frozen=True)
class Entry:
    """One line. `title` in words, `about` stands out, `detail` explains; `key` marks a turning point."""

    when: datetime
    rank: str
    pk: int
    title: str
    about: str = ""
    detail: str = ""
    by: str = ""
    points: int | None = None
    key: bool = False
    url: str = ""


Source = Callable[[Cursor | None, int], Iterable[Entry]]
"""Gives up to so many entries that come after the cursor, newest first."""


@dataclass(frozen=True)
class Page:
    """Entries by local day, and where the next page begins."""

    days: list[tuple[date, list[Entry]]]
    next: Cursor | None


def page_of(sources: Iterable[Source], cursor: Cursor | None, *, size: int = PAGE) -> Page:
    """The `size` newest entries after `cursor` of all sources together."""
    entries = [entry for source in sources for entry in source(cursor, size + 1)]
    entries.sort(key=lambda entry: (-entry.when.timestamp(), entry.rank, -entry.pk))
    shown = entries[:size]
    days = groupby(shown, key=lambda entry: timezone.localtime(entry.when).date())
    return Page(
        [(day, list(those)) for day, those in days], cursor_of(shown[-1], PLACE) if len(entries) > size else None
    )


def sources_of(lead: Lead, show: Show, user: User) -> list[Source]:
    """What leads and contacts know, as far as `user` may read it; scoring adds its own."""
    told: list[Source] = []
    contact_id, account_id = lead.contact_id, lead.account_id
    if show != Show.MOVES and contact_id is not None:
        told.append(lambda cursor, size: _interactions(contact_id, cursor, size))
    elif show != Show.MOVES and account_id is not None:
        told.append(lambda cursor, size: _interactions_of_account(account_id, user, cursor, size))
    if show != Show.INTERACTIONS:
        told.append(lambda cursor, size: _moves(lead, cursor, size))
        told.append(lambda cursor, size: _events(lead, cursor, size))
    return told


def older(rows: QuerySet, time: str, rank: str, cursor: Cursor | None) -> QuerySet:
    """The rows that come after `cursor`, newest first; ties are broken by rank, then by id."""
    newest = rows.order_by(f"-{time}", "-pk")
    if cursor is None:
        return newest
    when, last_rank, pk = cursor.values
    before = Q(**{f"{time}__lt": when})
    if rank == last_rank:
        before |= Q(**{time: when, "pk__lt": pk})
    elif rank > last_rank:
        before |= Q(**{time: when})
    return newest.filter(before, **{f"{time}__lte": when})


def _interactions(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = Interaction.objects.filter(contact=contact_id).select_related("marketing_context")
    for row in older(rows, "occurred_at", Rank.INTERACTION, cursor)[:size]:
        yield _told(row)


def _interactions_of_account(account_id: int, user: User, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    """Those of all its contacts, each with the name. The newest are found in the index alone, then read."""
    people = Contact.objects.visible_to(user).filter(account=account_id)
    every = Interaction.objects.filter(contact__in=people)
    newest = list(older(every, "occurred_at", Rank.INTERACTION, cursor).values_list("pk", flat=True)[:size])
    rows = Interaction.objects.filter(pk__in=newest).select_related("contact", "marketing_context")
    for row in rows:
        yield _told(row, whose=row.contact.name)


def _told(row: Interaction, whose: str = "") -> Entry:
    told = entry_of(row)
    detail = " · ".join(text for text in (whose, told.detail) if text)
    return Entry(
        row.occurred_at,
        Rank.INTERACTION,
        row.pk,
        told.title,
        about=told.about,
        detail=detail,
        by=told.by,
        key=told.key,
    )


def _moves(lead: Lead, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = StageChange.objects.filter(lead=lead).select_related("actor")
    for row in older(rows, "moved_at", Rank.MOVE, cursor)[:size]:
        cause = "" if row.cause == Cause.PERSON else row.get_cause_display()
        yield Entry(
            row.moved_at,
            Rank.MOVE,
            row.pk,
            "Moved to",
            about=lead.stages.name_of(row.to_stage),
            detail=": ".join(word for word in (cause, row.reason) if word),
            by=str(row.actor or ""),
            key=True,
        )


def _events(lead: Lead, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = LeadEvent.objects.filter(lead=lead).select_related("actor")
    for row in older(rows, "happened_at", Rank.EVENT, cursor)[:size]:
        yield Entry(
            row.happened_at,
            Rank.EVENT,
            row.pk,
            row.get_kind_display(),
            detail=row.detail,
            by=str(row.actor or ""),
            key=True,
        )
