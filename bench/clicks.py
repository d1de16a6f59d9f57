"""A person's clicks while going live with a model makes every lead sales ready and moves it to Sales acceptance.

Ten clicks a second, each on another lead anywhere among all: its sales rating is changed. `ours` is the slowest.
"""

from __future__ import annotations

import time
from contextlib import suppress

from django.db import connection

from bench import processes, seed
from bench.model import EVERYBODY
from bench.report import Report, percentile
from bench.server import Server
from leads.errors import ChangedMeanwhile
from leads.models import Lead, Rating, StageChange
from leads.services.records import update_lead
from leads.stages import Stage
from scoring.lifecycle import go_live
from scoring.models import RescoreRun, Rule, ScoringModel

DEFAULT = {"leads": 50_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
GOAL_MS = 1000
PER_SECOND = 10
STEP = 7919
"""A prime: clicks go everywhere among the leads and come to each once."""
ENOUGH = 10_000
"""Points that take every lead over its threshold."""


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The slowest click in milliseconds over all rounds, from asking to having committed."""
    took: list[float] = []
    runs = []
    for _ in range(rounds):
        connection.close()
        server.create(server.run, like=seed.ensure(server, leads))
        server.use(server.run)
        with processes.worker():
            clicks = one_round(leads)
        moved = StageChange.objects.filter(to_stage=Stage.SALES_ACCEPTANCE).count()
        if moved < leads // 2:
            raise RuntimeError(f"Only {moved} of {leads} leads moved: this would measure something else")
        took += clicks
        runs.append({"ours": max(clicks), "p95_ms": percentile(clicks, 0.95), "moved": float(moved)})
    connection.close()
    server.drop(server.run)
    return Report(
        name="clicks",
        ours=max(took),
        limit=GOAL_MS,
        ratio=max(took) / GOAL_MS,
        goal=GOAL_MS,
        goal_is="ours below",
        ok=max(took) < GOAL_MS,
        n=len(took),
        unit="ms",
        runs=runs,
        more={"p95_ms": percentile(took, 0.95), "p50_ms": percentile(took, 0.5), "leads": leads},
    )


def one_round(leads: int) -> list[float]:
    """Go live, and click until every lead has its new score; how long each click took, in milliseconds."""
    model = ScoringModel.objects.get()
    Rule.objects.filter(model=model, name=EVERYBODY).update(points=ENOUGH)
    first = Lead.objects.order_by("pk").values_list("pk", flat=True)[0]
    go_live(model)
    took: list[float] = []
    start = time.monotonic()
    while RescoreRun.objects.filter(finished_at=None).exists():
        place = len(took)
        time.sleep(max(0.0, start + place / PER_SECOND - time.monotonic()))
        took.append(click(first + (place * STEP) % leads, list(Rating)[place % len(Rating)]))
    return took


def click(lead_id: int, rating: Rating) -> float:
    """Change the sales rating of one lead as a person does; who comes just after the score is told so."""
    start = time.perf_counter()
    lead = Lead.objects.only("version").get(pk=lead_id)
    with suppress(ChangedMeanwhile):
        update_lead(lead_id, version=lead.version, changes={"rating": rating}, by=None)
    return (time.perf_counter() - start) * 1000
