"""How often something may happen: counted in Redis, and in this process when Redis does not answer.

A limit must never be the reason that somebody is turned away by a fault of ours, nor make them wait: when Redis is
silent each process counts for itself, so that the limit then holds for each process alone.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import cache

import structlog
from redis.commands.core import Script

from leadcrm.lib import broker

log = structlog.get_logger("leadcrm.ratelimit")

TAKE = """
local count = redis.call('INCRBY', KEYS[1], ARGV[3])
if count == tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local free = tonumber(ARGV[2]) - (count - tonumber(ARGV[3]))
return {math.min(free, tonumber(ARGV[3])), redis.call('PTTL', KEYS[1])}
"""
SHARE = 50
"""A process takes a fiftieth of a limit at once, and asks Redis again when that is used up: exact below a hundred."""
MOST_LOCAL_KEYS = 10_000


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed now, and if not, in how many whole seconds it is worth trying again."""

    allowed: bool
    retry_after: int = 0


ALLOWED = Decision(True)
_local: dict[str, tuple[float, int]] = {}
_taken: dict[str, tuple[float, int]] = {}
"""By key, until when, and how many more this process may allow without asking: taken from Redis already."""
_lock = threading.Lock()


@cache
def _script() -> Script:
    return broker.client().register_script(TAKE)


def allow(key: str, *, limit: int, seconds: int) -> Decision:
    """Count one more of `key`; at most `limit` are allowed in a window of `seconds` that begins with the first."""
    if _use_taken(key):
        return ALLOWED
    if not broker.is_silent():
        share = max(1, limit // SHARE)
        try:
            free, left = _script()(keys=[f"leadcrm:limit:{key}"], args=[seconds * 1000, limit, share])
        except Exception as error:  # whatever a broker can throw
            broker.failed()
            log.warning("limits are counted in this process", error=repr(error))
        else:
            if free <= 0:
                return Decision(False, max(1, -(-left // 1000)))
            if free > 1:
                _keep_taken(key, time.monotonic() + left / 1000, free - 1)
            return ALLOWED
    return _allow_locally(key, limit, seconds)


def _use_taken(key: str) -> bool:
    if key not in _taken:
        return False
    with _lock:
        until, free = _taken.pop(key, (0.0, 0))
        if not free or until <= time.monotonic():
            return False
        if free > 1:
            _taken[key] = until, free - 1
        return True


def _keep_taken(key: str, until: float, free: int) -> None:
    with _lock:
        if len(_taken) >= MOST_LOCAL_KEYS:
            _taken.clear()
        _taken[key] = until, free


def _allow_locally(key: str, limit: int, seconds: int) -> Decision:
    now = time.monotonic()
    with _lock:
        if len(_local) >= MOST_LOCAL_KEYS:
            _local.clear()  # rather let a few more in than grow without end
        ends, count = _local.get(key, (0.0, 0))
        if ends <= now:
            ends, count = now + seconds, 0
        _local[key] = (ends, count + 1)
    return ALLOWED if count < limit else Decision(False, max(1, int(ends - now) + 1))
