"""From an interaction's commit to its score being visible and its lead moved, at a steady 100 interactions a second.

Each interaction is a call of another contact, so each changes one score; every tenth takes a lead over the threshold
and must move it. Interactions are sent on time whatever happens to earlier ones.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from django.db import connection

from bench import processes, seed
from bench.model import CALL_POINTS, THRESHOLD
from bench.report import Report, percentile
from bench.server import Server
from contacts.models import InteractionType
from contacts.services.interactions import log_interaction
from leadcrm.lib import doorbell
from leads.models import Lead
from leads.stages import Stage
from scoring.models import LeadScore
from scoring.runs import SCORE_CHANGES

DEFAULT = {"leads": 50_000, "rounds": 1, "seconds": 15}
FULL = {"leads": 1_000_000, "rounds": 1, "seconds": 60}
GOAL_MS = 500
PER_SECOND = 100
LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 60
WARM_UP = 100


@dataclass
class Sightings:
    """When (time.monotonic) the watcher saw a lead's score change, and the lead move."""

    scored: dict[int, float] = field(default_factory=dict)
    moved: dict[int, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)


def measure(server: Server, *, leads: int, rounds: int, seconds: int) -> Report:
    """p50, p95 and p99 in milliseconds over all rounds."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    count = PER_SECOND * seconds
    crossing, staying = chosen(rounds * count + WARM_UP)
    everyone = [crossing.pop() if n % 10 == 0 and crossing else staying.pop() for n in range(rounds * count + WARM_UP)]
    waits: list[float] = []
    runs = []
    moves = 0
    with processes.worker():
        one_round(server, everyone[:WARM_UP])
        for number in range(rounds):
            start = WARM_UP + number * count
            took, moved = one_round(server, everyone[start : start + count])
            waits += took
            moves += moved
            runs.append({"ours": percentile(took, 0.95), "p50_ms": percentile(took, 0.5), "moved": float(moved)})
    connection.close()
    server.drop(server.run)
    p95 = percentile(waits, 0.95)
    return Report(
        name="latency",
        ours=p95,
        limit=GOAL_MS,
        ratio=p95 / GOAL_MS,
        goal=GOAL_MS,
        goal_is="ours below",
        ok=p95 < GOAL_MS,
        n=len(waits),
        unit="ms",
        runs=runs,
        more={
            "p50_ms": percentile(waits, 0.5),
            "p99_ms": percentile(waits, 0.99),
            "most_ms": max(waits),
            "moved": moves,
            "leads": leads,
        },
    )


def chosen(count: int) -> tuple[list[int], list[int]]:
    """Leads that one call takes over the threshold, and leads that it does not, spread over the table."""
    scores = LeadScore.objects.filter(reached=False).order_by("version_id", "lead_id")
    near = scores.filter(score__gte=THRESHOLD - CALL_POINTS).values_list("lead_id", flat=True)
    crossing = list(near[: count // 10 + 1])
    far = list(scores.filter(score__lt=THRESHOLD - CALL_POINTS).values_list("lead_id", flat=True))
    step = max(1, len(far) // count)
    return crossing, far[::step]


def one_round(server: Server, lead_ids: list[int]) -> tuple[list[float], int]:
    """Log a call for each lead, 100 a second. Milliseconds from each commit to what had to follow; how many moved."""
    with_contact = Lead.objects.filter(id__in=lead_ids, contact__isnull=False)
    contacts: dict[int, int] = dict(with_contact.values_list("id", "contact__id"))
    to_move = set(
        LeadScore.objects.filter(lead_id__in=lead_ids, score__gte=THRESHOLD - CALL_POINTS).values_list(
            "lead_id", flat=True
        )
    )
    seen = Sightings()
    watcher = threading.Thread(target=watch, args=(server, seen))
    watcher.start()
    committed: dict[int, float] = {}
    try:
        start = time.monotonic()
        for place, lead_id in enumerate(lead_ids):
            time.sleep(max(0.0, start + place / PER_SECOND - time.monotonic()))
            log_interaction(contact_id=contacts[lead_id], type=InteractionType.CALL, source="bench")
            doorbell.ring(SCORE_CHANGES)
            committed[lead_id] = time.monotonic()
        until = time.monotonic() + PATIENCE_SECONDS
        while not (seen.scored.keys() >= committed.keys() and seen.moved.keys() >= to_move):
            if time.monotonic() > until:
                raise RuntimeError(f"{len(committed) - len(seen.scored)} scores did not follow")
            time.sleep(0.05)
    finally:
        seen.stop.set()
        watcher.join()
    ends = {lead_id: max(seen.scored[lead_id], seen.moved.get(lead_id, 0)) for lead_id in lead_ids}
    return [max(0.0, ends[lead_id] - moment) * 1000 for lead_id, moment in committed.items()], len(to_move)


def watch(server: Server, seen: Sightings) -> None:
    """Look for new score and stage history, as a page would for a lead: what has committed, in id order."""
    with server.cursor(server.run) as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM scoring_scorechange")
        scored = _number(cursor.fetchone())
        cursor.execute("SELECT coalesce(max(id), 0) FROM leads_stagechange")
        moved = _number(cursor.fetchone())
        while not seen.stop.is_set():
            cursor.execute("SELECT id, lead_id FROM scoring_scorechange WHERE id > %s ORDER BY id", [scored])
            for scored, lead_id in cursor.fetchall():  # noqa: B007
                seen.scored.setdefault(lead_id, time.monotonic())
            cursor.execute(
                "SELECT id, lead_id FROM leads_stagechange WHERE id > %s AND to_stage = %s ORDER BY id",
                [moved, Stage.SALES_ACCEPTANCE],
            )
            for moved, lead_id in cursor.fetchall():  # noqa: B007
                seen.moved.setdefault(lead_id, time.monotonic())
            time.sleep(LOOK_SECONDS)


def _number(row: tuple[int, ...] | None) -> int:
    return row[0] if row else 0
