"""PostgreSQL and Valkey for the tests, unless DATABASE_URL and REDIS_URL name some.

Imported by tests/settings.py, because pytest-django reads the settings before any fixture runs. They live in
data/tests-N, kept between runs (the first start makes a cluster); every test run takes the first N that is free.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from pathlib import Path

from leadcrm.embedded import servers
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.postgres import Postgres
from leadcrm.embedded.valkey import Valkey

HOME = Path(__file__).resolve().parent.parent / "data"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
HELD: list[DataFolder] = []
"""The folder of the servers that this process started, locked for as long as it lives."""
RUNNING: dict[str, subprocess.Popen[bytes]] = {}
"""Those servers, by name."""


def ensure() -> None:
    """Point DATABASE_URL and REDIS_URL at servers that run; processes started from here inherit them."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name, "").strip()]
    if not missing:
        return
    found = free_folder()
    ours: dict[str, servers.Server] = {}
    if "DATABASE_URL" in missing:
        ours["postgres"] = Postgres(found, extra=QUICK)
    if "REDIS_URL" in missing:
        ours["valkey"] = Valkey(found, extra={"appendonly": "no"})
    RUNNING.update(servers.start_together(ours))
    servers.point_to(ours)
    atexit.register(stop)


def stop() -> None:
    servers.stop(RUNNING)
    RUNNING.clear()


def folder(number: int) -> Path:
    return HOME / f"tests-{number}"


def locked(path: Path) -> DataFolder | None:
    """A folder for tests, locked by us; None when another run has it."""
    found = DataFolder(path)
    try:
        found.lock()
    except CannotRun:
        return None
    return found


def free_folder() -> DataFolder:
    """The first folder for tests that no other run has locked; locked by us for as long as we live."""
    for number in range(20):
        if found := locked(folder(number)):
            HELD.append(found)
            return found
    raise CannotRun(f"All folders for tests in {HOME} are in use.")
