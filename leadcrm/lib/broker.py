"""The connection to Redis that people wait behind, and the circuit breaker around it.

Whoever waits here waits at most `SECONDS`, and then nobody does for `RETRY_SECONDS`: a dead or hanging broker costs
one request a third of a second now and then, never every request.
"""

from __future__ import annotations

import time
from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

SECONDS = 0.3
"""How long one call may take."""
RETRY_SECONDS = 2.0
"""How long Redis is not even tried after it failed to answer."""

_silent_until = 0.0


@cache
def client() -> redis.Redis:
    """One client a process. It never tries again by itself: the library's own retries would wait for seconds."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
    )


def is_silent() -> bool:
    """Whether Redis failed a moment ago, so that it should not be asked now."""
    return time.monotonic() < _silent_until


def failed() -> None:
    """To be called when Redis did not answer."""
    global _silent_until
    _silent_until = time.monotonic() + RETRY_SECONDS
