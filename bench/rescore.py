"""Scoring every lead anew by one worker process, against the bare UPDATE of as many rows by a sum over the facts.

"changed": every score changes, and with it score row, history and `Lead.score`. "unchanged": the facts of one in two
hundred leads have changed, and the rest must be found to be as it was.
"""

from __future__ import annotations

import time
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from bench import processes, seed
from bench.model import EVERYBODY
from bench.report import Report, median
from bench.server import Server, vacuum
from contacts.models import Change
from leadcrm.lib import doorbell
from leads.models import Lead
from scoring.lifecycle import go_live
from scoring.models import RescoreRun, Rule, ScoreChange, ScoringModel
from scoring.runs import SCORE_CHANGES, start_run

DEFAULT = {"leads": 50_000, "rounds": 3}
FULL = {"leads": 1_000_000, "rounds": 3}
GOAL_CHANGED = 3.0
GOAL_UNCHANGED = 2.0
WRITTEN = ("leads_lead", "scoring_leadscore", "scoring_scorechange")

# Calls give points in every scope, so each of these leads gets another score.
NEW_FACTS = """
INSERT INTO contacts_interaction (contact_id, type, subject, occurred_at, source, payload)
SELECT id, 'call', '', now(), 'bench', '{}' FROM contacts_contact WHERE id %% 200 = %s
"""


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The ratios of both to their limits; `ratio` is that which is worse beside its goal."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    runs: list[dict[str, float]] = []
    with processes.worker():
        rescore_changed(0)  # leads that the new points make sales ready move now, and not while it counts
        for number in range(1, rounds + 1):
            runs.append(
                {
                    "changed": rescore_changed(number),
                    "update": limit(server, "update", leads),
                    "unchanged": rescore_unchanged(number),
                    "limit_unchanged": limit(server, "unchanged", leads),
                }
            )
    connection.close()
    server.drop(server.run)
    return report(leads, runs)


def rescore_changed(number: int) -> float:
    """Seconds to score every lead with another version of the model, in which each gets another score."""
    vacuum(*WRITTEN)
    model = ScoringModel.objects.get()
    Rule.objects.filter(model=model, name=EVERYBODY).update(points=1 + (number + 1) % 2)
    before = ScoreChange.objects.count()
    go_live(model)
    seconds = wait_for_run()
    check(ScoreChange.objects.count() - before, Lead.objects.count(), Lead.objects.count())
    return seconds


def rescore_unchanged(number: int) -> float:
    """Seconds to score every lead when few have changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NEW_FACTS, [number % 200])
        Change.objects.all().delete()  # before the worker sees them: it is to find out by itself
    vacuum(*WRITTEN, "contacts_interaction", "contacts_change")
    before = ScoreChange.objects.count()
    start_run()
    doorbell.ring(SCORE_CHANGES)
    seconds = wait_for_run()
    check(ScoreChange.objects.count() - before, 1, Lead.objects.count() // 100)
    return seconds


def wait_for_run() -> float:
    """How long the latest run took, by the database's clock, from asking to the last commit."""
    while RescoreRun.objects.filter(finished_at=None).exists():
        time.sleep(0.1)
    took: Any = RescoreRun.objects.order_by("-id").values_list(F("finished_at") - F("started_at"), flat=True).first()
    return float(took.total_seconds())


def check(changed: int, least: int, most: int) -> None:
    if not least <= changed <= most:
        raise RuntimeError(f"{changed} scores changed instead of {least} to {most}: this would measure something else")


def limit(server: Server, name: str, leads: int) -> float:
    """Seconds of the bare statement, on a table just vacuumed, as ours were."""
    server.ensure(server.limits)
    with server.cursor(server.limits) as cursor:
        cursor.execute("SELECT to_regclass('limits.contact')")
        made = cursor.fetchone()
        if made and made[0]:
            cursor.execute("VACUUM ANALYZE limits.contact")
    return float(processes.limit(server, name, contacts=leads)["seconds"])


def report(leads: int, runs: list[dict[str, float]]) -> Report:
    ours, update = median(runs, "changed"), median(runs, "update")
    quiet, unchanged = median(runs, "unchanged"), median(runs, "limit_unchanged")
    changed_ratio, quiet_ratio = ours / update, quiet / unchanged
    worse_is_quiet = quiet_ratio / GOAL_UNCHANGED > changed_ratio / GOAL_CHANGED
    return Report(
        name="rescore",
        ours=quiet if worse_is_quiet else ours,
        limit=unchanged if worse_is_quiet else update,
        ratio=quiet_ratio if worse_is_quiet else changed_ratio,
        goal=GOAL_UNCHANGED if worse_is_quiet else GOAL_CHANGED,
        goal_is="ratio at most",
        ok=changed_ratio <= GOAL_CHANGED and quiet_ratio <= GOAL_UNCHANGED,
        n=leads,
        unit="s",
        runs=runs,
        more={
            "shown": "unchanged" if worse_is_quiet else "changed",
            "changed_ratio": changed_ratio,
            "changed_goal": GOAL_CHANGED,
            "unchanged_ratio": quiet_ratio,
            "unchanged_goal": GOAL_UNCHANGED,
            "leads_per_s": leads / ours,
        },
    )
