"""Accepting posts while no worker runs, against a bare Django view that validates six fields and inserts one row."""

from __future__ import annotations

from django.db import connection

from bench import processes, seed
from bench.report import Report, median
from bench.server import Server
from forms_intake.models import IntakeForm, Submission

DEFAULT = {"leads": 50_000, "rounds": 7, "seconds": 4}
FULL = {"leads": 1_000_000, "rounds": 7, "seconds": 10}
GOAL = 0.75
GOAL_P95 = 2.0
WARM_UP_SECONDS = 2
SETTINGS = {"LEADCRM_FORM_POSTS_PER_MINUTE": "1000000", "LEADCRM_SECRET_KEY": "only-for-benchmarks"}
"""The rate limiter is on, with a limit above the load."""


def measure(server: Server, *, leads: int, rounds: int, seconds: int) -> Report:
    """Posts a second, ours and the bare view's; p95 and errors beside them."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    path = f"/f/{IntakeForm.objects.get().public_id}/"
    bare = {"DATABASE_URL": server.address(server.limits)}
    server.ensure(server.limits)
    with server.cursor(server.limits) as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare_view_post")
    runs: list[dict[str, float]] = []
    with processes.our_web(SETTINGS) as ours, processes.bare_web(bare) as limit:
        processes.wrk(ours, seconds=WARM_UP_SECONDS, path=path)
        processes.wrk(limit, seconds=WARM_UP_SECONDS, path="/submit")
        for _ in range(rounds):
            stored = Submission.objects.count()
            our = processes.wrk(ours, seconds=seconds, path=path)
            stored = Submission.objects.count() - stored
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
    connection.close()
    server.drop(server.run)
    return report(runs)


def report(runs: list[dict[str, float]]) -> Report:
    ours, limit = median(runs, "ours"), median(runs, "limit")
    p95, its_p95 = median(runs, "ours_p95_ms"), median(runs, "limit_p95_ms")
    errors = sum(run["errors"] for run in runs)
    return Report(
        name="accept",
        ours=ours,
        limit=limit,
        ratio=ours / limit,
        goal=GOAL,
        goal_is="ratio at least",
        ok=ours / limit >= GOAL and p95 <= GOAL_P95 * its_p95 and not errors,
        n=int(sum(run["stored"] for run in runs)),
        unit="requests/s",
        runs=runs,
        more={"p95_ms": p95, "limit_p95_ms": its_p95, "p95_ratio": p95 / its_p95, "p95_goal": GOAL_P95},
    )
