"""What scoring every lead anew takes of memory at its peak, at the full size and at a tenth of it.

Every score changes: nothing of a run is larger. What counts is private memory: the worker's processes, and the
PostgreSQL sessions of this database. Buffers that all sessions share are given once, whatever the size.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from bench import processes, seed
from bench.report import Report, median
from bench.rescore import rescore_changed
from bench.server import Server

DEFAULT = {"leads": 100_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
GOAL = 1.3
EVERY_SECONDS = 0.05


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The peak at that size beside the peak at a tenth of it, in MB: worker and database together."""
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        small, large = peak_of(server, leads // 10), peak_of(server, leads)
        runs.append({f"tenth_{name}": value for name, value in small.items()} | large)
    ours, tenth = median(runs, "together"), median(runs, "tenth_together")
    return Report(
        name="memory",
        ours=ours,
        limit=tenth,
        ratio=ours / tenth,
        goal=GOAL,
        goal_is="ratio at most",
        ok=ours <= GOAL * tenth,
        n=leads,
        unit="MB",
        runs=runs,
    )


def peak_of(server: Server, leads: int) -> dict[str, float]:
    """The most that a run over that many leads took, in MB: {"worker", "database", "together"}."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    with processes.worker() as worker, watched(worker) as peaks:
        for number in range(2):
            rescore_changed(number)
    connection.close()
    server.drop(server.run)
    return peaks


@contextmanager
def watched(worker: int, *, every: float = EVERY_SECONDS, database: bool = True) -> Iterator[dict[str, float]]:
    """Looks, `every` so many seconds while this lasts, at what the worker and the sessions it has in the database take;
    the most of each. A look goes through every page of every process: seldom, and without the database, where what is
    measured beside it is time.
    """
    peaks = {"worker": 0.0, "database": 0.0, "together": 0.0}
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            now = {"worker": sum(map(private_mb, family(worker)))}
            now["database"] = sum(map(private_mb, sessions())) if database else 0.0
            now["together"] = now["worker"] + now["database"]
            peaks.update({name: max(peaks[name], value) for name, value in now.items()})
        connection.close()  # this thread's own

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield peaks
    finally:
        over.set()
        watching.join()


def sessions() -> list[int]:
    """The processes of the database that serve this one, helpers included, but for the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []  # it ended meanwhile


def private_mb(pid: int) -> float:
    """The process's own memory, in MB; 0 when it has ended. What a parent and its children still have in common, as
    after a fork, counts once among them all.
    """
    try:
        found = re.search(r"^Pss_Anon:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
