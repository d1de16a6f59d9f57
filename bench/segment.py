"""Counting who meets two attributes and one behaviour, and making them the members of a segment, against the bare
count of as many."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from bench import processes, seed
from bench.report import Report, median
from bench.server import Server, vacuum
from segments import queue
from segments.definition import draft_of, read, vocabulary_of, wanted
from segments.models import Membership, Segment
from segments.services.lifecycle import create_segment, delete_segment, go_live

DEFAULT = {"leads": 50_000, "rounds": 5}
FULL = {"leads": 1_000_000, "rounds": 5}
GOAL_COUNT = 1.5
GOAL_BUILD = 3.0

# A tenth of the contacts, half of those, and of these whoever had a call in a month: as the limit asks.
CONDITION = {
    "all": [
        {"field": "contact.country", "op": "is", "value": "DE"},
        {"field": "contact.job_title", "op": "is_one_of", "value": ["Engineer", "Driver"]},
        {"did": "call", "within_days": 30},
    ]
}


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The ratios of both to the limit; `ratio` is that which is worse beside its goal."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    vacuum("contacts_contact", "contacts_interaction")
    runs: list[dict[str, float]] = []
    for number in range(rounds):
        segment = create_segment(by=None, name=f"Called {number}", condition=CONDITION)
        counted, members = timed(count, segment)
        built, found = timed(build, segment)
        if found != members or not members:
            raise RuntimeError(f"{found} members instead of {members}: this would measure something else")
        runs.append({"count": counted, "build": built, "limit": limit(server, leads), "members": members})
        delete_segment(segment, by=None)
        Segment.objects.filter(pk=segment.pk).delete()  # as after thirty days: its rows weigh on no other round
    connection.close()
    server.drop(server.run)
    return report(leads, runs)


def timed(action: Callable[[Segment], int], segment: Segment) -> tuple[float, int]:
    """Seconds, and what it found."""
    start = time.perf_counter()
    found = action(segment)
    return time.perf_counter() - start, found


def count(segment: Segment) -> int:
    """How many meet the draft, as its page counts them."""
    vocabulary = vocabulary_of(segment.subject)
    number: int = wanted(read(segment, draft_of(segment), vocabulary), vocabulary, now=timezone.now()).count()
    return number


def build(segment: Segment) -> int:
    """Going live and finding all members; how many."""
    go_live(segment)
    queue.refresh_due()
    return Membership.objects.filter(segment=segment).count()


def limit(server: Server, leads: int) -> float:
    """Seconds of the bare count."""
    server.ensure(server.limits)
    return float(processes.limit(server, "count", contacts=leads)["seconds"])


def report(leads: int, runs: list[dict[str, float]]) -> Report:
    bare = median(runs, "limit")
    counting, building = median(runs, "count") / bare, median(runs, "build") / bare
    worse_is_build = building / GOAL_BUILD > counting / GOAL_COUNT
    return Report(
        name="segment",
        ours=median(runs, "build" if worse_is_build else "count"),
        limit=bare,
        ratio=building if worse_is_build else counting,
        goal=GOAL_BUILD if worse_is_build else GOAL_COUNT,
        goal_is="ratio at most",
        ok=counting <= GOAL_COUNT and building <= GOAL_BUILD,
        n=leads,
        unit="s",
        runs=runs,
        more={
            "shown": "build" if worse_is_build else "count",
            "count_ratio": counting,
            "count_goal": GOAL_COUNT,
            "build_ratio": building,
            "build_goal": GOAL_BUILD,
        },
    )
