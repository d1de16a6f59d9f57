"""What tests share: a real worker, the path of Chromium, a clean broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.programs import chromium
from tests.workers import Worker, empty_broker

# Playwright runs an event loop in the thread of the test, where Django would refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

SHIPPED = (
    "contacts.migrations.0003_default_strategy",
    "leads.migrations.0003_defaults",
    "scoring.migrations.0002_hear_of_changes",
)
"""Migrations whose rows a test that truncates its tables takes away from the next one."""


@pytest.fixture(autouse=True)
def shipped_rows(request: pytest.FixtureRequest) -> None:
    """Tests with real transactions begin with the rows that migrations ship, as all others do."""
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("transactional_db")
        default_strategy = apps.get_model("contacts", "ContactMatchingStrategy").objects
        if not default_strategy.filter(is_default=True).exists():
            for name in SHIPPED:
                import_module(name).add(apps, connection.schema_editor())


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
