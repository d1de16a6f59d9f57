"""A real Celery worker on the test database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import redis
from django.conf import settings
from django.db import connection

from leadcrm.celery import app
from leadcrm.embedded.processes import spawn
from leadcrm.lib import broker, ratelimit
from leadcrm.programs import ROOT, worker_command

START_SECONDS = 30


class Worker:
    """Started and stopped by the fixture of the same name; tests may kill it and start it again."""

    def __init__(self, *, log: Path, processes: int = 1) -> None:
        self.log = log
        self.processes = processes
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LEADCRM_WORKER_PROCESSES": str(self.processes),
        }
        self.process = spawn(worker_command(), log=self.log, dies_by=signal.SIGKILL, env=environment, cwd=ROOT)
        until = time.monotonic() + START_SECONDS
        while not app.control.ping(timeout=0.3):
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"The worker did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9, as the out-of-memory killer does; its processes go with it."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        """Let it finish what it does, at most ten seconds, and end it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.kill()

    def wait_until(self, happened: Callable[[], object], *, seconds: float = 30) -> None:
        """Wait for something the worker does; fails with its log when it does not come true in time."""
        until = time.monotonic() + seconds
        while not happened():
            if time.monotonic() > until:
                raise AssertionError(f"It did not happen within {seconds} s.\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)


def database_url() -> str:
    """DATABASE_URL of the database this test runs in."""
    facts = {name: str(connection.settings_dict[name] or "") for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    who = f"{quote(facts['USER'])}:{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else quote(facts["USER"])
    if facts["HOST"].startswith("/"):
        return f"postgresql://{who}@/{facts['NAME']}?{urlencode({'host': facts['HOST']})}"
    port = f":{facts['PORT']}" if facts["PORT"] else ""
    return f"postgresql://{who}@{facts['HOST']}{port}/{facts['NAME']}"


def empty_broker() -> None:
    """Drop messages and doorbells of earlier tests; nothing else in that Redis is touched."""
    broker._silent_until = 0.0  # an earlier test's dead Redis is not this one's
    client = redis.Redis.from_url(settings.REDIS_URL)
    for pattern in ("celery", "unacked*", "_kombu.*", "leadcrm:*"):
        for key in client.scan_iter(pattern, count=1000):
            client.delete(key)
    client.close()
    ratelimit._taken.clear()  # what this process took from Redis before is gone with it
