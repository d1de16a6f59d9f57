"""The story of a lead: what its contact did, how it moved and what was decided, newest first, page by page.

Each source is read from where the page before ended, so that page 100 of a busy contact costs what page 1 does.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import partial

from contacts.models import Entity, User
from contacts.story import field_entries, interactions_of_account, interactions_of_contact
from contacts.timeline import PLACE, Entry, Page, Rank, Source, older, page_of
from leadcrm.lib.paging import Cursor
from leads.models import Cause, Lead, LeadEvent, StageChange

__all__ = ["PLACE", "Entry", "Page", "Rank", "Show", "Source", "page_of", "sources_of"]

TOLD_AS_EVENTS = ("owner_id",)
"""Fields whose changes are told as events; the field history has them as well."""


class Show(StrEnum):
    ALL = "all"
    INTERACTIONS = "interactions"
    MOVES = "moves"
    CHANGES = "changes"


def sources_of(lead: Lead, show: Show, user: User) -> list[Source]:
    """What leads and contacts know, as far as `user` may read it; scoring adds its own."""
    told: list[Source] = []
    contact_id, account_id = lead.contact_id, lead.account_id
    interactions = show in {Show.ALL, Show.INTERACTIONS}
    if interactions and contact_id is not None:
        told.append(partial(interactions_of_contact, contact_id))
    elif interactions and account_id is not None:
        told.append(partial(interactions_of_account, account_id, user))
    if show in {Show.ALL, Show.MOVES}:
        told.append(lambda cursor, size: _moves(lead, cursor, size))
        told.append(lambda cursor, size: _events(lead, cursor, size))
    if show in {Show.ALL, Show.CHANGES}:
        told.append(partial(field_entries, Lead, Entity.LEAD, [lead.pk], Rank.LEAD_FIELD, user, but=TOLD_AS_EVENTS))
    return told


def and_taken_back(row: LeadEvent | StageChange, words: str) -> str:
    """What is told of an event or a move, and that it was undone."""
    return (f"{words} (taken back)" if words else "Taken back") if row.taken_back else words


def _moves(lead: Lead, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = StageChange.objects.between_stages().filter(lead=lead).select_related("actor")
    for row in older(rows, "moved_at", Rank.MOVE, cursor)[:size]:
        cause = "" if row.cause == Cause.PERSON else row.get_cause_display()
        yield Entry(
            row.moved_at,
            Rank.MOVE,
            row.pk,
            "Moved to",
            about=lead.stages.name_of(row.to_stage),
            detail=and_taken_back(row, ": ".join(word for word in (cause, row.reason) if word)),
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
            detail=and_taken_back(row, row.detail),
            by=str(row.actor or ""),
            key=True,
        )
