"""What processing a post costs at a size, against the same at a hundredth of it: looking people up must not grow.

The time that one worker process takes, at both sizes in turn, each in a database of its own.
"""

from __future__ import annotations

from django.db import connection

from bench import processes, seed
from bench.process import process
from bench.report import Report, median
from bench.server import Server
from scoring.models import ScoringModel, State

DEFAULT = {"leads": 100_000, "rounds": 3, "submissions": 4_000}
FULL = {"leads": 1_000_000, "rounds": 5, "submissions": 8_000}
SMALLER = 100
GOAL = 1.2
WARM_UP = 1_000


def measure(server: Server, *, leads: int, rounds: int, submissions: int) -> Report:
    """Milliseconds a post, at `leads` contacts and at a hundredth of them."""
    few = max(1_000, leads // SMALLER)
    large = f"{server.run}_large"
    server.create(large, like=seed.ensure(server, leads))
    small = seed.ensure(server, few)
    taken: dict[int, list[float]] = {leads: [], few: []}
    for number in range(rounds):
        for size in sorted(taken, reverse=number % 2 == 0):  # what drifts meanwhile is fair to both
            if size == few:  # what is added would soon make it a large one
                server.create(server.run, like=small)
            server.use(large if size == leads else server.run)
            ScoringModel.objects.update(state=State.STOPPED)
            with processes.worker():
                process(WARM_UP, size, 2 * number)
                took = process(submissions, size, 2 * number + 1)["seconds"]
            taken[size].append(1000 * took / submissions)
            connection.close()
    for name in (large, server.run):
        server.drop(name)
    runs = [{"ours": ours, "limit": limit} for ours, limit in zip(taken[leads], taken[few], strict=True)]
    ours, limit = median(runs, "ours"), median(runs, "limit")
    return Report(
        name="process-size",
        ours=ours,
        limit=limit,
        ratio=ours / limit,
        goal=GOAL,
        goal_is="ratio at most",
        ok=ours / limit <= GOAL,
        n=submissions,
        unit="ms a post",
        runs=runs,
        more={"contacts": leads, "limit_contacts": few},
    )
