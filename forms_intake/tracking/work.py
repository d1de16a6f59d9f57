"""Claiming what arrived, a set at a time. What nothing can be made of is kept with its reason, and stops nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from django.db import OperationalError, transaction

from contacts.acting import acting
from contacts.doorbells import facts_changed
from forms_intake.models import Identification, IdentifiedBy, RawHit
from forms_intake.tracking import mails, stitching
from forms_intake.tracking.reading import seen_in
from forms_intake.tracking.sites import sites_of
from forms_intake.tracking.writing import hold_visitors, write_hits

log = structlog.get_logger("forms_intake.tracking")

BATCH = 500
NAMED = 100
PATIENCE = 5
COLLISIONS = ("40P01", "40001")
CAUSE = "visit"


def track_next(limit: int = BATCH) -> int:
    """Follow up some identifications, then make something of up to `limit` raw rows, the oldest first; how many there
    were. A transaction each. What another worker holds is skipped.
    """
    return _patiently(_follow_up, NAMED) + _patiently(_track, limit)


def _patiently(work: Callable[[int], int], limit: int) -> int:
    """In a transaction, and again after a collision with another writer."""
    for tries in range(PATIENCE):
        try:
            with acting(None, cause=CAUSE), transaction.atomic():
                if done := work(limit):
                    facts_changed()
            return done
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in COLLISIONS or tries + 1 == PATIENCE:
                raise
            log.info("tried again after a collision", error=str(error))
    return 0


def _track(limit: int) -> int:
    claimed = _claim(limit)
    if claimed:
        _process(claimed)
    return len(claimed)


def _claim(limit: int) -> list[RawHit]:
    return list(RawHit.objects.filter(error="").order_by("pk").select_for_update(skip_locked=True)[:limit])


def _follow_up(limit: int) -> int:
    named = stitching.pending(limit)
    visitors = hold_visitors({one.key: (one.since, one.since) for one in named})
    for one in named:
        stitching.follow(visitors[one.key], one.contact_id, since=one.since, how=IdentifiedBy.FORM)
    Identification.objects.filter(pk__in=[one.pk for one in named]).delete()
    return len(named)


def _process(claimed: Sequence[RawHit]) -> None:
    """The set as one; when that fails, one by one, so that the others go on."""
    try:
        with transaction.atomic():
            _write(claimed)
    except OperationalError:
        raise
    except Exception as error:  # whatever it is, it must not stop the others
        log.warning("tracked one by one", error=repr(error), rows=len(claimed))
        for raw in claimed:
            _process_alone(raw)


def _process_alone(raw: RawHit) -> None:
    try:
        with transaction.atomic():
            _write([raw])
    except OperationalError:
        raise
    except Exception as error:
        log.exception("a hit failed", raw=raw.pk)
        RawHit.objects.filter(pk=raw.pk).update(error=repr(error)[:300])


def _write(raws: Sequence[RawHit]) -> None:
    hits = [raw for raw in raws if raw.kind == RawHit.Kind.HITS]
    sites = sites_of({raw.website_id for raw in hits if raw.website_id})
    write_hits(seen_in(hits, sites), sites)
    mails.write_touches([raw for raw in raws if raw.kind != RawHit.Kind.HITS])
    RawHit.objects.filter(pk__in=[raw.pk for raw in raws]).delete()
