"""The story of an opportunity: what its contact did, how it moved and was closed, newest first, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from contacts.models import Contact, User
from contacts.story import field_entries, interactions_of_account, interactions_of_contact
from contacts.timeline import Entry, Rank, Source, older
from leadcrm.lib.numbers import amount
from leadcrm.lib.paging import Cursor
from leads.models import Opportunity, OpportunityEvent
from leads.story_of_contact import tasks_told
from leads.work import readable

MOVES = {OpportunityEvent.Kind.MOVED, OpportunityEvent.Kind.REOPENED}


def sources_of(opportunity: Opportunity, user: User) -> list[Source]:
    """What there is to tell, as far as `user` may read it."""
    tasks = readable(user).filter(opportunity=opportunity).select_related("owner", "lead", "opportunity")
    contact_id, account_id = opportunity.contact_id, opportunity.account_id
    told: list[Source] = [lambda cursor, size: _events(opportunity, cursor, size), *tasks_told(tasks)]
    if contact_id is not None:
        if Contact.objects.visible_to(user).filter(pk=contact_id).exists():
            told.append(partial(interactions_of_contact, contact_id))
    elif account_id is not None:
        told.append(partial(interactions_of_account, account_id, user))
    told.append(
        partial(field_entries, Opportunity, "opportunity", [opportunity.pk], Rank.FIELD, user, but=("owner_id",))
    )
    return told


def _events(opportunity: Opportunity, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = OpportunityEvent.objects.filter(opportunity=opportunity).select_related("actor")
    for row in older(rows, "happened_at", Rank.EVENT, cursor)[:size]:
        worth = f"worth {amount(row.value)}" if row.value is not None and row.from_stage else ""
        yield Entry(
            row.happened_at,
            Rank.EVENT,
            row.pk,
            "Moved to" if row.kind == OpportunityEvent.Kind.MOVED else row.get_kind_display(),
            about=row.get_to_stage_display() if row.kind in MOVES else "",
            detail=" · ".join(text for text in (row.detail, worth) if text),
            by=str(row.actor or ""),
            key=True,
        )
