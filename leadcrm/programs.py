"""How the web server, the worker and beat are started: the commands, alike for the supervisor and for containers."""

from __future__ import annotations

import sys
from pathlib import Path

from leadcrm.lib import env

ROOT = Path(__file__).resolve().parent.parent


def prepare_command(*, demo: bool, sure: bool) -> list[str]:
    """What must be done before anything serves, as a program that ends by itself."""
    return [sys.executable, "-m", "leadcrm", "prepare", *(["--demo"] if demo else []), *(["--yes"] if sure else [])]


def web_command(bind: str) -> list[str]:
    """gunicorn with synchronous workers, which keep their database connections. `bind` is host:port or fd://n."""
    workers = env.whole("LEADCRM_WEB_PROCESSES", 2, least=1, most=64)
    return [
        *(sys.executable, "-m", "gunicorn", "leadcrm.wsgi:application"),
        *("--config", "python:leadcrm.webserver"),
        *("--bind", bind),
        *("--workers", str(workers)),
    ]


def worker_command() -> list[str]:
    """A Celery worker with LEADCRM_WORKER_PROCESSES (2) processes; without the chatter that many workers need."""
    processes = env.whole("LEADCRM_WORKER_PROCESSES", 2, least=1, most=64)
    return [
        *(sys.executable, "-m", "celery", "--app", "leadcrm.celery:app", "--quiet", "worker"),
        *("--concurrency", str(processes)),
        *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    ]


def beat_command() -> list[str]:
    """The clock that rings the sweeps."""
    return [sys.executable, "-m", "celery", "--app", "leadcrm.celery:app", "--quiet", "beat", "--pidfile="]
