"""Beat's heart: a mark in Redis that the clock goes on, for whoever wants to know whether sweeps still ring."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery.beat import PersistentScheduler

from leadcrm.lib.broker import client

log = structlog.get_logger("leadcrm.clock")

HEARD = "leadcrm:beat"
REST_SECONDS = 2.0
SILENT_SECONDS = 60
"""Silence beyond this means that beat is dead or hangs: it wakes every two seconds."""


class HeardScheduler(PersistentScheduler):
    """Celery's own, which leaves the mark after each round in which it rang what was due."""

    marked = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        rest: float = super().tick(*args, **kwargs)
        if time.monotonic() - self.marked >= REST_SECONDS:
            self.marked = time.monotonic()
            try:
                client().set(HEARD, str(time.time()))
            except Exception as error:  # whatever a broker can throw: the clock goes on
                log.warning("no mark left", error=repr(error))
        return rest


def last_heard() -> float | None:
    """Seconds since beat left its mark; None when it never did. Raises redis.RedisError when Redis does not answer."""
    mark: Any = client().get(HEARD)
    return None if mark is None else round(max(0.0, time.time() - float(mark)), 1)
