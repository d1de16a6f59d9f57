"""Importing leads with contacts and accounts, validated and matched, by one worker process, as the wizard does it.

All rows are new, in an empty workspace, as those of the limit are: `limits.py import` copies the same rows to staging
and upserts them set by set, without validation or history. Memory is that of the worker's processes.
"""

from __future__ import annotations

import time
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench import processes
from bench.memory import watched
from bench.report import Report, median
from bench.server import Server
from forms_intake.imports import jobs, keeping
from forms_intake.models import ImportRun, ImportState

DEFAULT = {"leads": 20_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
GOAL = 2.5
MOST_MB = 256
HEADER = "email,first,last,phone,title,country,topic,source"
FIELDS = {
    "email": "email", "first_name": "first", "last_name": "last", "phone": "phone", "job_title": "title",
    "country": "country",
}  # fmt: skip
MAPPING = {"name": "Bench", "contact": {"fields": FIELDS}, "lead": {"fields": {"topic": "topic"}}}


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """Rows imported a second, and the most memory that takes."""
    runs: list[dict[str, float]] = []
    for number in range(rounds):
        limit = float(processes.limit(server, "import", contacts=leads)["rows_per_s"])
        server.create(server.run)
        server.use(server.run)
        call_command("migrate", verbosity=0)
        with processes.worker() as worker, watched(worker, every=0.5, database=False) as peaks:
            begin = peaks["worker"]
            seconds = run_import(leads, number)
        connection.close()
        server.drop(server.run)
        memory = peaks["worker"]
        runs.append({"limit": limit, "ours": leads / seconds, "seconds": seconds, "mb": memory, "mb_before": begin})
    ours, limit, mb = median(runs, "ours"), median(runs, "limit"), max(run["mb"] for run in runs)
    return Report(
        name="import",
        ours=ours,
        limit=limit,
        ratio=limit / ours,
        goal=GOAL,
        goal_is="ratio at most",
        ok=limit / ours <= GOAL and mb <= MOST_MB,
        n=leads,
        unit="rows/s",
        runs=runs,
        more={"mb": mb, "mb_at_most": MOST_MB},
    )


def run_import(rows: int, number: int) -> float:
    """Import that many rows; the seconds from the click to the end."""
    key, size = keeping.keep(_lines(rows, number))
    run = ImportRun.objects.create(
        name="bench.csv", state=ImportState.DRAFT, file=key, size=size, mapping=MAPPING, about=rows, file_kind="csv"
    )
    start = time.monotonic()
    jobs.ask(run.pk, ImportState.RUNNING)
    while run.is_under_way or run.state == ImportState.DRAFT:
        time.sleep(0.1)
        run.refresh_from_db()
    seconds = time.monotonic() - start
    Path(keeping.path_of(key)).unlink(missing_ok=True)
    if run.state != ImportState.DONE or run.leads_created != rows:
        raise RuntimeError(f"{run.state}: {run.leads_created} leads, {run.errors} errors. {run.problem}")
    return seconds


def _lines(rows: int, number: int):  # type: ignore[no-untyped-def]
    yield f"{HEADER}\n".encode()
    for first in range(0, rows, 1_000):
        yield "".join(
            f"u{i}.{number}@d{i % 50_000}.example,F{i % 997},L{i % 9973},"
            f"+1{2_000_000_000 + i},T{i % 100},DE,Autumn,web\n"
            for i in range(first, min(rows, first + 1_000))
        ).encode()
