"""The list of leads as a file, through our web server: how soon it begins, and what it takes of memory.

Memory is private memory of the web server's processes at its peak, at the full size against `SMALL` rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from bench import processes, seed
from bench.memory import watched
from bench.report import Report
from bench.server import Server
from contacts.models import Role, User

DEFAULT = {"leads": 50_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
SMALL = 10_000
GOAL = 1.3
FIRST_BYTE_SECONDS = 1.0
WARM_UP = 8
"""So many requests, and both processes have probably answered one."""
SECRET = "only-for-benchmarks"
"""Who is signed in here is known to the web server by it."""


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """Peak memory of exporting every lead, against that of few, and the time to the first byte."""
    few = exported(server, min(SMALL, leads))
    runs = [few, *(exported(server, leads) for _ in range(rounds))]
    most = max(run["mb"] for run in runs[1:])
    first = max(run["first_byte"] for run in runs)
    return Report(
        name="export",
        ours=most,
        limit=few["mb"],
        ratio=most / few["mb"],
        goal=GOAL,
        goal_is="ratio at most, and the first byte within a second",
        ok=most / few["mb"] <= GOAL and first < FIRST_BYTE_SECONDS,
        n=leads,
        unit="MB",
        runs=runs,
        more={"first_byte": first, "rows_per_s": runs[-1]["rows"] / runs[-1]["seconds"]},
    )


def exported(server: Server, leads: int) -> dict[str, float]:
    """Export all leads of a workspace of that size once, after a small file to warm up."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    with signed_in() as cookie, processes.our_web_process({"LEADCRM_SECRET_KEY": SECRET}) as (address, pid):
        where = f"{address}{reverse('views:export', args=['lead'])}"
        for _ in range(WARM_UP):
            read(f"{where}?q=nobody-is-called-so", cookie)
        with watched(pid) as peaks:
            figures = read(where, cookie)
        figures["mb"] = peaks["worker"]
    connection.close()
    server.drop(server.run)
    if figures["rows"] != leads:
        raise RuntimeError(f"{figures['rows']:,.0f} of {leads:,} leads came")
    return figures


@contextmanager
def signed_in() -> Iterator[str]:
    """The session cookie of a manager."""
    client = Client()
    with override_settings(SECRET_KEY=SECRET):
        client.force_login(User.objects.create_user("exporter", role=Role.ADMINISTRATOR))
    yield f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def read(address: str, cookie: str) -> dict[str, float]:
    """Read a file to its end: seconds to the first byte and to the last, and how many rows it has."""
    start = time.monotonic()
    with urlopen(Request(address, headers={"Cookie": cookie}), timeout=1200) as answer:
        first = answer.read(1)
        first_byte = time.monotonic() - start
        lines = first.count(b"\n")
        while block := answer.read(1024 * 1024):
            lines += block.count(b"\n")
    return {"first_byte": first_byte, "seconds": time.monotonic() - start, "rows": float(lines - 1)}
