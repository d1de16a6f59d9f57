"""Doorbells: "there is work in the database", rung after commit.

The work itself is rows; a lost ring only delays until the next sweep. So ringing is coalesced (one message waits
however many ring), bounded in time, and its failure is swallowed.
"""

from __future__ import annotations

import time
from functools import cache

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

log = structlog.get_logger("leadcrm.doorbell")

RUNG_SECONDS = 5
"""How long a ring suppresses further ones if no worker answers it."""
RETRY_SECONDS = 2.0
"""How long ringing is not even tried after the broker failed to answer."""

_silent_until = 0.0


@cache
def client() -> redis.Redis:
    """The connection used for doorbells and limits: short time-outs, because people wait behind it."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)


def _key(task: str) -> str:
    return f"leadcrm:rung:{task}"


def ring(task: str) -> bool:
    """Ask a worker to run the task named `task` soon. True if this call published the message."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        if not client().set(_key(task), "1", nx=True, ex=RUNG_SECONDS):
            return False
        current_app.send_task(task, retry=False, ignore_result=True)
    except Exception as error:  # whatever a broker can throw: the sweep will ring again
        _silent_until = time.monotonic() + RETRY_SECONDS
        log.warning("doorbell failed", task=task, error=repr(error))
        return False
    return True


def ring_on_commit(task: str) -> None:
    """Ring once the surrounding transaction has committed (at once when there is none)."""
    transaction.on_commit(lambda: ring(task))


def answer(task: str) -> None:
    """To be called by the task before it looks for work, so that whoever commits later rings again."""
    try:
        client().delete(_key(task))
    except redis.RedisError as error:
        log.warning("doorbell not answered", task=task, error=repr(error))
