"""What tests share: a real worker, the path of Chromium, a clean broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis
from playwright.sync_api import expect

from leadcrm.lib import broker
from tests import costs, lanes, migrated, servers
from tests.database import Shipped
from tests.programs import chromium
from tests.workers import Worker, empty_broker

# Playwright runs an event loop in the thread of the test, where Django would refuse to query.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# A page that is slow because the machine is busy is not wrong. What must be quick, benchmarks measure.
expect.set_options(timeout=20_000)

# Nor is a Redis that takes a moment then: limits would be counted elsewhere from there on.
broker.SECONDS = 3.0

# Every run tries the same examples and fares the same wherever it runs; --hypothesis-profile=fresh tries others.
hypothesis.register_profile("same", derandomize=True, deadline=None)
hypothesis.register_profile("fresh", derandomize=False, deadline=None, print_blob=True)
hypothesis.load_profile("same")


def cost(test: pytest.Item) -> float:
    """About how many seconds a test takes, by what it uses; for files that nobody has measured (tests/costs.py)."""
    if test.get_closest_marker("deep"):
        return 20
    fixtures = set(getattr(test, "fixturenames", ()))
    database = test.get_closest_marker("django_db")
    if "worker" in fixtures:
        return 5
    if test.get_closest_marker("browser") or hasattr(getattr(test, "module", None), "Site"):
        return 3
    if test.get_closest_marker("hypothesis"):
        return 2
    if database is None and not fixtures & {"db", "transactional_db"}:
        return 0.03
    return 0.4 if database and database.kwargs.get("transaction") else 0.12


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a lane, leave the other lanes' tests to them. What fails in a browser is tried once more (decision 59)."""
    for test in items:
        if test.get_closest_marker("browser"):
            test.add_marker(pytest.mark.flaky(reruns=1))
    lane = os.environ.get(lanes.VARIABLE, "")
    if lane:
        known = costs.known(deep=all(test.get_closest_marker("deep") for test in items))
        items[:] = lanes.share(items, lane, path=lambda test: test.nodeid.partition("::")[0], cost=cost, known=known)


HURRIED = {
    "leadcrm.lib.boards": ["COUNTING_MS"],
    "leadcrm.lib.facts": ["LONG_MS"],
    "leadcrm.lib.turns": ["COUNTING_MS"],
    "leads.marketing.counting": ["COUNTING_MS"],
    "leads.meets": ["FIRST_MS", "SAMPLING_MS", "SMALL_SAMPLING_MS", "COUNTING_MS"],
    "leads.open_value": ["MILLISECONDS"],
    "leads.process_counts": ["COUNTING_MS"],
    "leads.reports.keeping": ["AT_ONCE_MS"],
    "leads.views.bulk": ["COUNTING_MS"],
    "leads.views.conditions": ["LOOKING_MS"],
    "scoring.checks.model": ["LOOKING_MS"],
    "scoring.views.going_live": ["PATIENCE_MS"],
    "segments.figures": ["DRAFT_MS", "PATIENCE_MS"],
}
"""What a page gives a query before it does without, by module: some as little as 40 ms."""


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> None:
    """Nor is what is not counted, only guessed or left to the worker because a query took longer on a busy machine.

    Tests of what is too slow say how long that is.
    """
    for name, constants in HURRIED.items():
        module = import_module(name)  # models, which cannot be imported before Django is set up
        for constant in constants:
            assert hasattr(module, constant), f"{name} has no {constant} any more"
            setattr(module, constant, 5_000)
    facts: Any = import_module("leadcrm.lib.facts")
    facts.patient_count.__kwdefaults__["milliseconds"] = 5_000


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: Any) -> None:
    """In servers of our own, the tests' database is a copy of one that has been migrated."""
    if "postgres" in servers.RUNNING:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests with real transactions end with the rows that migrations ship, as all others do."""
    with django_db_blocker.unblock():
        shipped = Shipped()
    TransactionTestCase._fixture_teardown = lambda test: shipped.restore()  # type: ignore[attr-defined]


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
