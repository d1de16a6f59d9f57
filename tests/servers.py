"""PostgreSQL and Valkey for the tests, unless DATABASE_URL and REDIS_URL name some.

Imported by tests/settings.py, because pytest-django reads the settings before any fixture runs. They live in
data/tests-N, kept between runs (the first start makes a cluster); every test run takes the first N that is free.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from leadcrm.embedded import servers
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.postgres import Postgres
from leadcrm.embedded.valkey import Valkey

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
HELD: list[DataFolder] = []


def ensure() -> None:
    """Point DATABASE_URL and REDIS_URL at servers that run; processes started from here inherit them."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name, "").strip()]
    if not missing:
        return
    folder = free_folder()
    ours: dict[str, servers.Server] = {}
    if "DATABASE_URL" in missing:
        ours["postgres"] = Postgres(folder, extra=QUICK)
    if "REDIS_URL" in missing:
        ours["valkey"] = Valkey(folder, extra={"appendonly": "no"})
    processes = servers.start_together(ours)
    servers.point_to(ours)
    atexit.register(servers.stop, processes)


def free_folder() -> DataFolder:
    """The first folder for tests that no other run has locked; locked by us for as long as we live."""
    home = Path(__file__).resolve().parent.parent / "data"
    for number in range(20):
        folder = DataFolder(home / f"tests-{number}")
        try:
            folder.lock()
        except CannotRun:
            continue
        HELD.append(folder)
        return folder
    raise CannotRun(f"All folders for tests in {home} are in use.")
