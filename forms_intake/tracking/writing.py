"""Page views become visits, and where it is known whose they are, interactions. A constant number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from forms_intake.known import contact_of
from forms_intake.models import Hit, IdentifiedBy, Visit, VisitorIdentity
from forms_intake.tracking.identities import Epoch, owner_at
from forms_intake.tracking.recording import Met, record
from forms_intake.tracking.sites import SiteSpec
from forms_intake.tracking.stitching import follow
from forms_intake.tracking.visits import IDLE, Seen, Stay, put
from leadcrm.lib.rows import insert

VISITORS = """
INSERT INTO forms_intake_visitor AS visitor (key, first_seen, last_seen)
SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS seen (key, first_seen, last_seen) ORDER BY key
ON CONFLICT (key) DO UPDATE SET first_seen = LEAST(visitor.first_seen, excluded.first_seen),
    last_seen = GREATEST(visitor.last_seen, excluded.last_seen)
RETURNING key, id
"""
"""Makes them or holds them, in the order of their keys, until the transaction ends."""
EXTEND = """
UPDATE forms_intake_visit AS visit SET started_at = grown.started_at, ended_at = grown.ended_at, pages = grown.pages,
    landing = grown.landing, referrer = grown.referrer
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::text[], %s::text[])
    AS grown (id, started_at, ended_at, pages, landing, referrer)
WHERE visit.id = grown.id
"""


def hold_visitors(seen: Mapping[UUID, tuple[datetime, datetime]]) -> dict[UUID, int]:
    """The ids of these visitors, by key, made where they are new; theirs is the turn until the transaction ends."""
    if not seen:
        return {}
    keys = sorted(seen)
    with connection.cursor() as cursor:
        cursor.execute(
            VISITORS, [[str(key) for key in keys], [seen[key][0] for key in keys], [seen[key][1] for key in keys]]
        )
        return {UUID(str(key)): pk for key, pk in cursor.fetchall()}


def write_hits(hits: Sequence[Seen], sites: Mapping[int, SiteSpec]) -> None:
    """Keep page views, each once however often it is delivered. In the order of their time."""
    span: dict[UUID, tuple[datetime, datetime]] = {}
    for hit in hits:
        first, last = span.get(hit.visitor, (hit.at, hit.at))
        span[hit.visitor] = min(first, hit.at), max(last, hit.at)
    visitors = hold_visitors(span)
    known = set(Hit.objects.filter(key__in=[hit.key for hit in hits]).values_list("key", flat=True))
    fresh = [hit for hit in hits if hit.key not in known]
    if not fresh:
        return
    _name_by_links(fresh, visitors)
    epochs = epochs_of(visitors.values())
    stays = _stays(fresh, visitors)
    places = []
    for hit in fresh:
        pk = visitors[hit.visitor]
        contact_id, later = owner_at(epochs.get(pk, ()), hit.at)
        stay = put(hit, stays.setdefault(pk, []), visitor_id=pk, contact_id=contact_id, later=later)
        places.append((hit, stay, later))
    _store([stay for those in stays.values() for stay in those if stay.added])
    insert(_hit(hit, stay) for hit, stay, _ in places)
    record(
        Met(
            stay.contact_id,
            stay.id,
            hit.rule,
            sites[hit.website_id].name,
            hit.at,
            hit.host,
            hit.path,
            hit.title,
            later,
            dict(stay.tags),
        )
        for hit, stay, later in places
        if hit.rule and stay.contact_id
    )


def epochs_of(visitor_ids: Iterable[int]) -> dict[int, list[Epoch]]:
    """Who these visitors were from when on. One query."""
    found: dict[int, list[Epoch]] = {}
    rows = VisitorIdentity.objects.filter(visitor__in=list(visitor_ids)).order_by("since", "pk")
    for visitor_id, since, contact_id in rows.values_list("visitor_id", "since", "contact_id"):
        found.setdefault(visitor_id, []).append(Epoch(since, contact_id))
    return found


def _name_by_links(hits: Iterable[Seen], visitors: Mapping[UUID, int]) -> None:
    """Who came by a signed link is known from that page view on, unless a form has said who uses this browser."""
    for hit in hits:
        if hit.who and (contact_id := contact_of(hit.who)):
            follow(visitors[hit.visitor], contact_id, since=hit.at, how=IdentifiedBy.LINK)


def _stays(hits: Sequence[Seen], visitors: Mapping[UUID, int]) -> dict[int, list[Stay]]:
    """The visits that page views of that time may belong to, by visitor. One query."""
    rows = Visit.objects.filter(
        visitor__in=list(visitors.values()), ended_at__gte=hits[0].at - IDLE, started_at__lte=hits[-1].at + IDLE
    )
    found: dict[int, list[Stay]] = {}
    for row in rows.order_by("pk"):
        stay = Stay(row.visitor_id, row.website_id, row.contact_id, row.started_at, row.ended_at, row.pages, row.pk)
        stay.landing, stay.referrer, stay.tags, stay.later = row.landing, row.referrer, row.tags, row.later
        found.setdefault(row.visitor_id, []).append(stay)
    return found


def _store(stays: Sequence[Stay]) -> None:
    made = [stay for stay in stays if not stay.id]
    rows = insert(
        Visit(
            website_id=stay.website_id,
            visitor_id=stay.visitor_id,
            contact_id=stay.contact_id,
            started_at=stay.started_at,
            ended_at=stay.ended_at,
            pages=stay.pages,
            landing=stay.landing,
            referrer=stay.referrer,
            tags=dict(stay.tags),
            later=stay.later,
        )
        for stay in made
    )
    grown = [stay for stay in stays if stay.id]
    for stay, row in zip(made, rows, strict=True):
        stay.id = row.pk
    if grown:
        columns = ("id", "started_at", "ended_at", "pages", "landing", "referrer")
        with connection.cursor() as cursor:
            cursor.execute(EXTEND, [[getattr(stay, name) for stay in grown] for name in columns])


def _hit(hit: Seen, stay: Stay) -> Hit:
    return Hit(
        key=hit.key,
        visit_id=stay.id,
        website_id=hit.website_id,
        at=hit.at,
        host=hit.host,
        path=hit.path,
        title=hit.title,
        rule_id=hit.rule.id if hit.rule else None,
    )
