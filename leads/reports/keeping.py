"""Figures that pages show at once: computed in time or by a worker, kept, and said as of when."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone

from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.patience import TooSlow, within
from leads.models import ReportResult
from leads.reports.asked import Asked, asked_by
from leads.reports.computing import compute

log = structlog.get_logger("leadcrm.reports")

COMPUTE = "leads.report"
FRESH = timedelta(minutes=1)
"""So old figures may be without being computed anew."""
AT_ONCE_MS = 25
"""What each statement may take while somebody waits for the page; what takes longer is a worker's to compute."""
MOST_MS = 60_000
"""What each statement may take in a worker."""
TOO_LONG = f"It took longer than {MOST_MS // 1000} seconds. Ask for fewer days, or narrow it."
FAILED = "Something went wrong; it has been logged."
KEPT = timedelta(days=7)
PENDING = Q(computed_at=None) | Q(computed_at__lt=F("asked_at"))


@dataclass(frozen=True)
class Kept:
    """Figures (None while there are none yet), as of when, whether newer ones are being computed, and why there are
    none where that failed.
    """

    figures: dict[str, Any] | None
    as_of: datetime | None
    pending: bool
    error: str = ""


def figures_for(asked: Asked, *, again: bool = False) -> Kept:
    """The figures of a report, at once: fresh ones, else those of the last time while a worker computes new ones.

    `again`: somebody asks once more for what failed, however short a time ago that was.
    """
    known = ReportResult.objects.filter(asked=asked.query).first()
    now = timezone.now()
    if known and known.computed_at and known.computed_at > now - FRESH and not (again and known.error):
        return Kept(known.figures, known.computed_at, False, known.error)
    if known and (known.computed_at is None or known.computed_at < known.asked_at):
        ring_on_commit(COMPUTE)
        return Kept(known.figures, known.computed_at, True)
    if known is None or (known.took_ms <= 4 * AT_ONCE_MS and not known.error):
        try:
            with within(AT_ONCE_MS):
                figures, took = _timed(asked)
        except TooSlow:
            log.info("report left to a worker", asked=asked.query, after_ms=AT_ONCE_MS)
        except Exception:
            log.exception("report failed", asked=asked.query)
            _keep(asked, None, now, 0, error=FAILED)
            return Kept(None, now, False, FAILED)
        else:
            _keep(asked, figures, now, took)
            return Kept(figures, now, False)
    ReportResult.objects.bulk_create(
        [ReportResult(asked=asked.query, asked_at=now)],
        update_conflicts=True,
        unique_fields=["asked"],
        update_fields=["asked_at"],
    )
    ring_on_commit(COMPUTE)
    return Kept(known.figures if known else None, known.computed_at if known else None, True)


def compute_one() -> bool:
    """Compute the report that has been asked for longest; whether there was one. One that fails says so on its page,
    until it is asked for again, and is in nobody's way.
    """
    with transaction.atomic():
        waiting = ReportResult.objects.filter(PENDING).order_by("asked_at")
        row = waiting.select_for_update(skip_locked=True).first()
        if row is None:
            return False
        now = timezone.now()
        row.figures, row.took_ms, row.error = None, 0, ""
        try:
            with within(MOST_MS):
                row.figures, row.took_ms = _timed(asked_by(QueryDict(row.asked)))
        except TooSlow:
            row.error = TOO_LONG
        except Exception:
            log.exception("report failed", asked=row.asked)
            row.error = FAILED
        row.computed_at = now if now > row.asked_at else row.asked_at
        row.save()
    return True


def forget_reports() -> int:
    """Remove results that nobody has asked for lately; how many."""
    return ReportResult.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]


def _timed(asked: Asked) -> tuple[dict[str, Any], int]:
    began = time.perf_counter()
    figures = compute(asked)
    return figures, round((time.perf_counter() - began) * 1000)


def _keep(asked: Asked, figures: dict[str, Any] | None, now: datetime, took: int, error: str = "") -> None:
    ReportResult.objects.bulk_create(
        [ReportResult(asked=asked.query, asked_at=now, computed_at=now, figures=figures, took_ms=took, error=error)],
        update_conflicts=True,
        unique_fields=["asked"],
        update_fields=["asked_at", "computed_at", "figures", "took_ms", "error"],
    )
