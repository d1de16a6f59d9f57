"""Who a browser turned out to be, followed up: what is nobody's yet is given to them, what came after is theirs.

A cookie never outranks an e-mail: whoever sends a form is who the form says, and from then on so is the browser. Who
had it before keeps what they had. A signed link names a browser only while no form has: mails are forwarded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Max, Min

from contacts.merging import became
from contacts.models import Contact, Entity
from forms_intake.models import Hit, Identification, IdentifiedBy, Visit, VisitorIdentity
from forms_intake.tracking.identities import Epoch, until, window
from forms_intake.tracking.recording import Met, give, record
from forms_intake.tracking.sites import sites_of
from leadcrm.lib.doorbell import ring_on_commit

MOST_VISITS = 500
"""A browser's latest visits, so many, are given to whom it turned out to be."""
NAME = """
INSERT INTO forms_intake_identification (key, contact_id, since, submission_id)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[], %s::bigint[]) ON CONFLICT (submission_id) DO NOTHING
"""


def name_visitors(rows: Sequence[tuple[str, int, datetime, int]], *, ring: str) -> None:
    """Note for workers, within the transaction that processes them, whose browsers sent these submissions.

    Rows of (visitor's key, contact, received, submission).
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(NAME, [list(column) for column in zip(*rows, strict=True)])
    ring_on_commit(ring)


def follow(visitor_id: int, contact_id: int, *, since: datetime, how: IdentifiedBy) -> None:
    """From `since` on the browser is used by this contact; the visitor must be held. Nothing when that is known."""
    person = _there(contact_id)
    if person is None:
        return
    known = list(VisitorIdentity.objects.filter(visitor=visitor_id).order_by("since", "pk"))
    before = [one for one in known if one.since <= since]
    current = before[-1] if before else None
    if current and current.contact_id == person:
        if how == IdentifiedBy.FORM and current.how != how:
            VisitorIdentity.objects.filter(pk=current.pk).update(how=how)
        return
    if how == IdentifiedBy.LINK and any(one.how == IdentifiedBy.FORM for one in known):
        return
    VisitorIdentity.objects.create(visitor_id=visitor_id, contact_id=person, since=since, how=how)
    end = until((Epoch(one.since, one.contact_id) for one in known), since)
    _hand_over(visitor_id, person, since=since, end=end, is_first=not before)


def user_of(key: str) -> int | None:
    """The contact who uses the browser with this key now, or whom they were merged into; None for nobody known."""
    latest = VisitorIdentity.objects.filter(visitor__key=key).order_by("-since", "-pk")
    contact_id = latest.values_list("contact_id", flat=True).first()
    return _there(contact_id) if contact_id else None


def pending(limit: int) -> list[Identification]:
    """Some identifications that nobody follows up yet, the oldest forms first; held until the transaction ends."""
    rows = Identification.objects.order_by("pk").select_for_update(skip_locked=True, of=("self",))
    return sorted(rows[:limit], key=lambda one: (one.since, one.pk))


def _there(contact_id: int) -> int | None:
    """The contact, or whom it was merged into; None when it is gone."""
    if Contact.objects.alive().filter(pk=contact_id).exists():
        return contact_id
    further = became.became_of(Entity.CONTACT, contact_id)
    return further if further and Contact.objects.alive().filter(pk=further).exists() else None


def _hand_over(visitor_id: int, contact_id: int, *, since: datetime, end: datetime | None, is_first: bool) -> None:
    """Give the visits of an epoch to its contact, and, of the first one, what nobody had before it."""
    rows = Visit.objects.filter(visitor=visitor_id, ended_at__gte=since - window() if is_first else since)
    if end is not None:
        rows = rows.filter(started_at__lt=end)
    for visit in reversed(rows.exclude(contact=contact_id).order_by("-started_at", "-pk")[:MOST_VISITS]):
        if visit.contact_id is None:
            if is_first or visit.started_at >= since:
                _take(visit, contact_id, since)
        elif visit.started_at >= since:
            _move(visit, contact_id, since)
        else:
            _split(visit, contact_id, since)


def _take(visit: Visit, contact_id: int, since: datetime) -> None:
    """Nobody's visit is theirs, and what it met of the rules is told."""
    visit.contact_id, visit.later = contact_id, visit.started_at < since
    visit.save(update_fields=["contact_id", "later"])
    record(_met(visit, contact_id, since))


def _met(visit: Visit, contact_id: int, since: datetime) -> Iterable[Met]:
    site = sites_of([visit.website_id])[visit.website_id]
    rules = {rule.id: rule for rule in site.rules}
    hits = Hit.objects.filter(visit=visit.pk, rule__in=list(rules)).order_by("rule_id", "at", "pk").distinct("rule_id")
    for hit in hits:
        yield Met(
            contact_id,
            visit.pk,
            rules[hit.rule_id or 0],
            site.name,
            hit.at,
            hit.host,
            hit.path,
            hit.title,
            hit.at < since,
            visit.tags,
        )


def _rules_of(visit_id: int) -> list[int]:
    rows = Hit.objects.filter(visit=visit_id, rule__isnull=False)
    return list(rows.order_by("rule_id").values_list("rule_id", flat=True).distinct())


def _move(visit: Visit, contact_id: int, since: datetime) -> None:
    """A visit that began after the form, and was taken for that of whom the browser belonged to before."""
    visit.contact_id, visit.later = contact_id, False
    visit.save(update_fields=["contact_id", "later"])
    give(visit.pk, _rules_of(visit.pk), to=contact_id, since=since)


def _split(visit: Visit, contact_id: int, since: datetime) -> None:
    """Of a visit during which the browser changed hands, what came after the form becomes a visit of its own."""
    after = Hit.objects.filter(visit=visit.pk, at__gte=since)
    said: dict[str, Any] = after.aggregate(first=Min("at"), last=Max("at"))
    if said["first"] is None:
        return
    rules = _rules_of(visit.pk)
    landing = after.order_by("at", "pk").values_list("path", flat=True)[0]
    new = Visit.objects.create(
        website_id=visit.website_id,
        visitor_id=visit.visitor_id,
        contact_id=contact_id,
        started_at=said["first"],
        ended_at=said["last"],
        landing=landing,
        tags=visit.tags,
    )
    new.pages = after.update(visit=new)
    new.save(update_fields=["pages"])
    left = Hit.objects.filter(visit=visit.pk).aggregate(last=Max("at"))["last"]
    Visit.objects.filter(pk=visit.pk).update(ended_at=left or visit.started_at, pages=F("pages") - new.pages)
    give(visit.pk, rules, to=contact_id, since=since, visit=new.pk)
    record(_met(new, contact_id, since))
