"""From what a browser sent to page views: nothing is trusted, and what makes no sense is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from forms_intake.known import MOST_CHARACTERS, WHO
from forms_intake.models import RawHit
from forms_intake.tracking.addresses import masked, page_of, referrer_of
from forms_intake.tracking.identities import hit_key, key_of
from forms_intake.tracking.robots import is_automatic
from forms_intake.tracking.rules import first_met
from forms_intake.tracking.sites import SiteSpec
from forms_intake.tracking.visits import Seen
from forms_intake.validation import storable

OLDEST = timedelta(hours=1)
"""So long a browser may keep a page view before it sends it; what claims to be older counts as that old."""
TITLE_CHARACTERS = 200


def seen_in(raws: Iterable[RawHit], sites: Mapping[int, SiteSpec]) -> list[Seen]:
    """The page views of these rows, in the order of their time; robots' left out."""
    found: dict[UUID, Seen] = {}
    for raw in raws:
        if raw.website_id in sites and not is_automatic(raw.user_agent):
            for seen in _of_one(raw, sites[raw.website_id or 0]):
                found.setdefault(seen.key, seen)
    return sorted(found.values(), key=lambda one: one.at)  # those of one moment stay as the browser sent them


def _of_one(raw: RawHit, site: SiteSpec) -> Iterator[Seen]:
    said = json.loads(raw.body)
    visitor = key_of(said["v"])
    if visitor is None:
        return
    for hit in said["h"]:
        page = page_of(hit["u"], (WHO,))
        if page is None or page.origin not in site.origins:
            continue
        yield Seen(
            key=hit_key(visitor, hit["i"]),
            visitor=visitor,
            website_id=site.id,
            at=_moment(raw.received_at, hit.get("a")),
            host=page.host,
            path=page.path,
            title=masked(storable(_text(hit.get("t")))).strip()[:TITLE_CHARACTERS],
            referrer=referrer_of(_text(hit.get("r")), page.host),
            tags=page.tags,
            who=page.query.get(WHO, "")[:MOST_CHARACTERS],
            rule=first_met(site.rules, page.host, page.path),
        )


def _moment(received: datetime, age: Any) -> datetime:
    """When it happened, by how many milliseconds the browser says it kept it."""
    if isinstance(age, bool) or not isinstance(age, (int, float)) or not 0 < age < OLDEST.total_seconds() * 1000:
        age = OLDEST.total_seconds() * 1000 if _is_long(age) else 0
    return received - timedelta(milliseconds=age)


def _is_long(age: Any) -> bool:
    return isinstance(age, (int, float)) and not isinstance(age, bool) and age > 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
