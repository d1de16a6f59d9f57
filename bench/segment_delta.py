"""Applying a thousand membership changes, at the asked size against the same at a tenth of it: what a change costs must
not depend on how many it does not concern."""

from __future__ import annotations

import time

from django.db import connection

from bench import seed
from bench.report import Report, median
from bench.segment import CONDITION
from bench.server import Server, vacuum
from contacts.models import Change
from segments import queue
from segments.models import Segment
from segments.services.lifecycle import create_segment, go_live

DEFAULT = {"leads": 50_000, "rounds": 7}
FULL = {"leads": 1_000_000, "rounds": 7}
GOAL = 1.2
CHANGES = 1_000

# Contacts spread over the whole table go to the country and come back from it.
MOVE = """
UPDATE contacts_contact SET country = CASE country WHEN 'DE' THEN 'XX' ELSE 'DE' END
WHERE id IN (SELECT g * %(step)s FROM generate_series(1, %(changes)s) g)
"""


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """Seconds for the changes at both sizes, in turn."""
    sizes = {"ours": leads, "limit": leads // 10}
    names = {side: f"{server.run}_{side}" for side in sizes}
    for side, size in sizes.items():
        server.create(names[side], like=seed.ensure(server, size))
        server.use(names[side])
        prepare()
    runs: list[dict[str, float]] = []
    for _ in range(rounds):
        run = {}
        for side, size in sizes.items():
            server.use(names[side])
            run[side] = apply(size)
        runs.append(run)
    connection.close()
    for name in names.values():
        server.drop(name)
    ratio = median(runs, "ours") / median(runs, "limit")
    return Report(
        name="segment-delta",
        ours=median(runs, "ours"),
        limit=median(runs, "limit"),
        ratio=ratio,
        goal=GOAL,
        goal_is="ratio at most",
        ok=ratio <= GOAL,
        n=leads,
        unit="s",
        runs=runs,
    )


def prepare() -> None:
    """A live segment of a behaviour, and one of an attribute whose members change."""
    for name, condition in (("Called", CONDITION), ("Country", CONDITION["all"][0])):
        go_live(create_segment(by=None, name=name, condition=condition))
    while queue.refresh_due():
        pass
    vacuum("contacts_contact", "contacts_interaction", "segments_membership", "segments_membershipchange")


def apply(size: int) -> float:
    """Seconds to bring the segments up to date after a thousand contacts moved."""
    Change.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"step": size // CHANGES, "changes": CHANGES})
    before = list(Segment.objects.order_by("pk").values_list("members_count", flat=True))
    start = time.perf_counter()
    while queue.refresh_changes():
        pass
    seconds = time.perf_counter() - start
    after = list(Segment.objects.order_by("pk").values_list("members_count", flat=True))
    if before == after:
        raise RuntimeError("Nobody joined or left: this would measure something else")
    return seconds
