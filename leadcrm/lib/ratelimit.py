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

COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
if count <= tonumber(ARGV[2]) then return -1 end
return redis.call('PTTL', KEYS[1])
"""
MOST_LOCAL_KEYS = 10_000


@dataclass(frozen=True)
class Decision:
    """Whether it is allowed now, and if not, in how many whole seconds it is worth trying again."""

    allowed: bool
    retry_after: int = 0


ALLOWED = Decision(True)
_local: dict[str, tuple[float, int]] = {}
_lock = threading.Lock()


@cache
def _script() -> Script:
    return broker.client().register_script(COUNT)


def allow(key: str, *, limit: int, seconds: int) -> Decision:
    """Count one more of `key`; at most `limit` are allowed in a window of `seconds` that begins with the first."""
    if not broker.is_silent():
        try:
            left = int(_script()(keys=[f"leadcrm:limit:{key}"], args=[seconds * 1000, limit]))
        except Exception as error:  # whatever a broker can throw
            broker.failed()
            log.warning("limits are counted in this process", error=repr(error))
        else:
            return ALLOWED if left < 0 else Decision(False, max(1, -(-left // 1000)))
    return _allow_locally(key, limit, seconds)


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
