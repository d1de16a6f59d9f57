"""Doorbells: "there is work in the database", rung after commit.

The work itself is rows; a lost ring only delays until the next sweep. So ringing is coalesced (one message waits
however many ring), bounded in time, and its failure is swallowed. Who commits work does not even wait for the ring: a
thread of the process rings at once, and then at most every `REST_SECONDS`.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from functools import cache
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import pools

from leadcrm.lib import broker
from leadcrm.lib.broker import client

__all__ = ["answer", "client", "ring", "ring_on_commit", "waiting"]

log = structlog.get_logger("leadcrm.doorbell")

RUNG_SECONDS = 5
"""How long a ring suppresses further ones if no worker answers it."""
WAITS_SECONDS = 60
"""How long a ring that no worker answers says that somebody waits: by then its message is lost, or many wait."""
REST_SECONDS = 0.02
"""How long the ringing thread waits after a ring for more to ring for: under load one ring then serves many."""


def _key(task: str) -> str:
    return f"leadcrm:rung:{task}"


def _waits_key(task: str) -> str:
    return f"leadcrm:waits:{task}"


@cache
def _publishers() -> Any:
    """Connections of our own to publish on: Celery's would try again for seconds while somebody waits."""
    impatient = {
        "socket_timeout": broker.SECONDS,
        "socket_connect_timeout": broker.SECONDS,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
    return pools.producers[current_app.connection_for_write(settings.CELERY_BROKER_URL, transport_options=impatient)]


def ring(task: str) -> bool:
    """Ask a worker to run the task named `task` soon. True if this call published the message."""
    if broker.is_silent():
        return False
    try:
        with client().pipeline() as both:  # one transaction, so that no answer comes between
            both.set(_key(task), "1", nx=True, ex=RUNG_SECONDS)
            both.set(_waits_key(task), "1", ex=WAITS_SECONDS)
            if not both.execute()[0]:
                return False
        with _publishers().acquire(block=True, timeout=broker.SECONDS) as producer:
            current_app.send_task(task, retry=False, ignore_result=True, producer=producer)
    except Exception as error:  # whatever a broker can throw: the sweep will ring again
        broker.failed()
        log.warning("doorbell failed", task=task, error=repr(error))
        return False
    return True


def ring_on_commit(task: str) -> None:
    """Have it rung once the surrounding transaction has committed (at once when there is none); waits for nothing."""
    transaction.on_commit(lambda: _ringer().ask(task))


class Ringer(threading.Thread):
    """Rings for those who do not wait. Asked again meanwhile it rings again, so no commit goes unheard."""

    def __init__(self) -> None:
        super().__init__(name="doorbell", daemon=True)
        self._asked: set[str] = set()
        self._wake = threading.Event()

    def ask(self, task: str) -> None:
        """Ring for `task` soon."""
        self._asked.add(task)
        self._wake.set()

    def ring_all(self) -> None:
        """Ring now for whatever was asked for."""
        while self._asked:
            ring(self._asked.pop())

    def run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            self.ring_all()
            time.sleep(REST_SECONDS)


@cache
def _ringer() -> Ringer:
    """The ringing thread of this process."""
    ringer = Ringer()
    ringer.start()
    atexit.register(ringer.ring_all)  # a command may end right after its commit
    return ringer


# Threads do not survive a fork; the child gets one of its own when it first rings.
os.register_at_fork(after_in_child=_ringer.cache_clear)


def answer(task: str) -> None:
    """To be called by the task before it looks for work, so that whoever commits later rings again."""
    try:
        client().delete(_key(task), _waits_key(task))
    except Exception as error:  # the work itself must go on
        log.warning("doorbell not answered", task=task, error=repr(error))


def waiting() -> set[str]:
    """The tasks known to this process, in a worker all, that were rung for and that no worker has begun yet; none when
    the broker does not say.
    """
    names = [name for name in current_app.tasks if not name.startswith("celery.")]
    try:
        rung = client().mget([_waits_key(name) for name in names])
    except Exception as error:  # the work itself must go on
        log.warning("doorbells not asked for", error=repr(error))
        return set()
    return {name for name, value in zip(names, rung, strict=True) if value}
