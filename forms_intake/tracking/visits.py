"""Which page views make one visit: those of one person on one website with no half hour between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from forms_intake.tracking.rules import RuleSpec

IDLE = timedelta(minutes=30)


@dataclass(frozen=True)
class Seen:
    """One page view as it was read: checked, shortened, and of a website of ours."""

    key: UUID
    visitor: UUID
    website_id: int
    at: datetime
    host: str
    path: str
    title: str
    referrer: str
    tags: Mapping[str, str]
    who: str
    rule: RuleSpec | None


@dataclass
class Stay:
    """A visit, stored (`id`) or new (0), and the page views that are added to it."""

    visitor_id: int
    website_id: int
    contact_id: int | None
    started_at: datetime
    ended_at: datetime
    pages: int = 0
    id: int = 0
    later: bool = False
    landing: str = ""
    referrer: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    added: list[Seen] = field(default_factory=list)

    def takes(self, hit: Seen, contact_id: int | None) -> bool:
        """Whether a page view of this contact belongs to it."""
        return (
            self.website_id == hit.website_id
            and self.contact_id == contact_id
            and self.started_at - IDLE <= hit.at <= self.ended_at + IDLE
        )

    def add(self, hit: Seen) -> None:
        """Take it in; who comes first says how the visit began."""
        if not self.pages or hit.at < self.started_at:
            self.landing, self.referrer = hit.path, hit.referrer or self.referrer
            self.tags = hit.tags or self.tags
        self.started_at, self.ended_at = min(self.started_at, hit.at), max(self.ended_at, hit.at)
        self.pages += 1
        self.added.append(hit)


def put(hit: Seen, stays: list[Stay], *, visitor_id: int, contact_id: int | None, later: bool) -> Stay:
    """Add a page view to the visit it belongs to, the latest such, or to a new one of `stays`."""
    found = _best(stay for stay in stays if stay.takes(hit, contact_id))
    if found is None:
        found = Stay(visitor_id, hit.website_id, contact_id, hit.at, hit.at, later=later)
        stays.append(found)
    found.add(hit)
    return found


def _best(stays: Iterable[Stay]) -> Stay | None:
    return max(stays, key=lambda stay: (stay.ended_at, stay.id), default=None)
