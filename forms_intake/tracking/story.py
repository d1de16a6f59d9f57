"""What a contact's timeline tells of their visits: one line a visit, with the pages in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.urls import reverse

from contacts.models import Contact, User
from contacts.telling import ALL
from contacts.timeline import Entry, Rank, Source, older
from forms_intake.models import Hit, Visit
from leadcrm.lib.durations import duration_words
from leadcrm.lib.paging import Cursor

VISITS = "visits"
MOST_PAGES = 6
"""Of a visit, so many pages are named."""
MOST_HITS = 5000
"""Of all visits of a page of the timeline together, so many page views are looked at."""


class TellsOfVisits:
    """As contacts.telling.Teller says. Whoever may read the contact may read where they were."""

    def kinds(self, user: User) -> Sequence[tuple[str, str]]:
        return [(VISITS, "Visits")]

    def sources(self, contact: Contact, show: str, user: User) -> list[Source]:
        return [partial(_visits, contact.pk)] if show in {ALL, VISITS} else []


def _visits(contact_id: int, cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = Visit.objects.filter(contact=contact_id).select_related("website")
    found = list(older(rows, "started_at", Rank.VISIT, cursor)[:size])
    pages = pages_of([visit.pk for visit in found])
    for visit in found:
        yield Entry(
            visit.started_at,
            Rank.VISIT,
            visit.pk,
            f"Visited {visit.website}:",
            about=_length(visit),
            detail=" · ".join(word for word in _details(visit, pages.get(visit.pk, [])) if word),
            url=reverse("forms_intake:visit", args=[visit.pk]),
        )


def pages_of(visit_ids: Sequence[int]) -> dict[int, list[str]]:
    """The first pages of each visit, in their order, each named once. One query."""
    found: dict[int, list[str]] = {}
    hits = Hit.objects.filter(visit__in=visit_ids).order_by("at", "pk").values_list("visit", "path")
    for visit_id, path in hits[:MOST_HITS]:
        named = found.setdefault(visit_id, [])
        if path not in named:
            named.append(path)
    return found


def _length(visit: Visit) -> str:
    pages = f"{visit.pages} page{'' if visit.pages == 1 else 's'}"
    lasted = visit.ended_at - visit.started_at
    return f"{pages} in {duration_words(lasted)}" if lasted.total_seconds() >= 60 else pages


def _details(visit: Visit, pages: Sequence[str]) -> Iterable[str]:
    yield ", ".join(pages[:MOST_PAGES]) + (f" and {len(pages) - MOST_PAGES} more" if len(pages) > MOST_PAGES else "")
    yield f"from {visit.referrer}" if visit.referrer else ""
    yield f"campaign {visit.tags['utm_campaign']}" if visit.tags.get("utm_campaign") else ""
    yield "attributed later" if visit.later else ""


TELLS_OF_VISITS = TellsOfVisits()
