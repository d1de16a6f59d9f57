"""Taking page views while no worker runs, against a bare Django view that validates six fields and inserts one row.

Afterwards one worker makes visits of all of them: `worked_per_s` says how quickly.
"""

from __future__ import annotations

import time

from django.db import connection

from bench import processes, seed
from bench.accept import GOAL, GOAL_P95, WARM_UP_SECONDS
from bench.report import Report, median
from bench.server import BASE, Server
from contacts.models import MarketingContext
from forms_intake.models import Hit, PageRule, RawHit, Website
from forms_intake.tracking.receiving import TRACK
from leadcrm.lib import doorbell

DEFAULT = {"leads": 50_000, "rounds": 7, "seconds": 4}
FULL = {"leads": 1_000_000, "rounds": 7, "seconds": 10}
SETTINGS = {"LEADCRM_HITS_PER_MINUTE": "1000000", "LEADCRM_SECRET_KEY": "only-for-benchmarks"}
"""The rate limiter is on, with a limit above the load."""
ORIGIN = "https://www.example.com"


def measure(server: Server, *, leads: int, rounds: int, seconds: int) -> Report:
    """Hits a second, ours and posts of the bare view; p95 and errors beside them."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    path = f"/t/{a_website().public_id}/"
    bare = {"DATABASE_URL": server.address(server.limits)}
    server.ensure(server.limits)
    with server.cursor(server.limits) as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_view_post")
    runs: list[dict[str, float]] = []
    with processes.our_web(SETTINGS) as ours, processes.bare_web(bare) as limit:
        hits(ours, seconds=WARM_UP_SECONDS, path=path)
        processes.wrk(limit, seconds=WARM_UP_SECONDS, path="/submit")
        for _ in range(rounds):
            stored = RawHit.objects.count()
            our = hits(ours, seconds=seconds, path=path)
            stored = RawHit.objects.count() - stored
            its = processes.wrk(limit, seconds=seconds, path="/submit")
            runs.append(
                {
                    "ours": our["requests_per_s"],
                    "limit": its["requests_per_s"],
                    "ours_p95_ms": our["p95_ms"],
                    "limit_p95_ms": its["p95_ms"],
                    "errors": our["errors"],
                    "stored": stored,
                }
            )
    worked = work_off()
    connection.close()
    server.drop(server.run)
    return report(runs, worked)


def a_website() -> Website:
    """A website with two rules."""
    context = MarketingContext.objects.create(kind=MarketingContext.Kind.WEBSITE, name="Bench")
    website: Website = Website.objects.create(name="Bench", origins=[ORIGIN], marketing_context=context)
    PageRule.objects.create(website=website, name="Pricing visited", pattern="/pricing/")
    PageRule.objects.create(website=website, name="A product", match="glob", pattern="/products/*", position=1)
    return website


def hits(url: str, *, seconds: int, path: str) -> dict[str, float]:
    """Send page views to `url`+`path` as `processes.wrk` sends posts."""
    script = BASE / "bench" / "hits.lua"
    return processes.wrk(url, seconds=seconds, path=path, script=script, env={"ORIGIN": ORIGIN})


def work_off() -> float:
    """Let one worker make visits of everything that waits; page views a second."""
    waiting, start = RawHit.objects.count(), time.monotonic()
    with processes.worker():
        start = time.monotonic()
        doorbell.ring(TRACK)
        while RawHit.objects.exists():
            time.sleep(0.05)
        took = time.monotonic() - start
    if Hit.objects.count() < waiting:
        raise RuntimeError("page views were lost")
    return waiting / took


def report(runs: list[dict[str, float]], worked: float) -> Report:
    ours, limit = median(runs, "ours"), median(runs, "limit")
    p95, its_p95 = median(runs, "ours_p95_ms"), median(runs, "limit_p95_ms")
    errors = sum(run["errors"] for run in runs)
    return Report(
        name="track",
        ours=ours,
        limit=limit,
        ratio=ours / limit,
        goal=GOAL,
        goal_is="ratio at least",
        ok=ours / limit >= GOAL and p95 <= GOAL_P95 * its_p95 and not errors,
        n=int(sum(run["stored"] for run in runs)),
        unit="requests/s",
        runs=runs,
        more={
            "p95_ms": p95,
            "limit_p95_ms": its_p95,
            "p95_ratio": p95 / its_p95,
            "p95_goal": GOAL_P95,
            "worked_per_s": worked,
        },
    )
