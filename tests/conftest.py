"""What tests share: a real worker, the path of Chromium, a clean broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs import chromium
from tests.workers import Worker, empty_broker

# Playwright runs an event loop in the thread of the test, where Django would refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A real Celery worker, a process of its own on the test database; `worker.kill()` is kill -9."""
    empty_broker()
    real = Worker(log=tmp_path / "worker.log")
    real.start()
    try:
        yield real
    finally:
        real.stop()
        empty_broker()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the Chromium of this machine."""
    found = chromium()
    if found is None:
        pytest.fail("There is no Chromium; `python -m tests.programs` says how to get it.")
    return {
        "executable_path": found,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ],
    }
