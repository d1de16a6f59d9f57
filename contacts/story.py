"""A contact's timeline: interactions newest first, page by page, at ten million rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionType
from leadcrm.lib.paging import ID, Column, Sort, page_of

LATEST = Sort("latest", "Latest", (Column("occurred_at", datetime), ID), descending=True)
PAGE = 40


@dataclass(frozen=True)
class Entry:
    """One line of templates/parts/timeline_item.html."""

    when: datetime
    title: str
    about: str
    detail: str
    key: bool
    by: str = ""
    url: str = ""
    points: int | None = None


@dataclass(frozen=True)
class Story:
    """Entries by local day, and the cursor of the page that follows ("" for none)."""

    days: list[tuple[date, list[Entry]]]
    older: str


def story_of(contact: Contact, at: str = "") -> Story:
    """The page of a contact's story that begins at the cursor `at`. Two queries."""
    rows = Interaction.objects.filter(contact=contact).select_related("marketing_context")
    page = page_of(rows, LATEST, at, size=PAGE, counted=Interaction.objects.none())
    days = groupby((entry_of(row) for row in page.rows), key=lambda entry: timezone.localtime(entry.when).date())
    return Story([(day, list(entries)) for day, entries in days], page.next)


def entry_of(row: Interaction) -> Entry:
    """An interaction in words: what was done, what about, what a person wrote down of it and who, and where it was."""
    context = row.marketing_context
    where = "" if context is None or context.name == row.subject else str(context)
    written = row.payload if isinstance(row.payload, dict) else {}
    robot = "by a robot, which does not count" if row.robot else ""
    return Entry(
        when=row.occurred_at,
        title=InteractionType(row.type).label if row.type in InteractionType.values else row.type,
        about=row.subject,
        detail=" · ".join(text for text in (str(written.get("details", "")), where, robot) if text),
        key=row.type == InteractionType.FORM_SUBMITTED,
        by=str(written.get("by", "")),
    )
