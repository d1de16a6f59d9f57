"""Processing submissions end to end (match, create, link, interact) by one worker process.

Nine in ten people are new; one in twenty is known already, and one in twenty posts a second time. No model is live:
scoring has benchmarks of its own. The limit is the rate of bare rows, each with a COMMIT of its own.
"""

from __future__ import annotations

import time

from django.db import connection
from django.utils import timezone

from bench import processes, seed
from bench.report import Report, median
from bench.server import Server, vacuum
from forms_intake.models import IntakeForm, Submission, SubmissionState
from leadcrm.lib import doorbell
from leads.models import Lead
from scoring.models import ScoringModel, State

DEFAULT = {"leads": 50_000, "rounds": 3, "submissions": 4_000}
FULL = {"leads": 1_000_000, "rounds": 3, "submissions": 40_000}
GOAL = 400
PROCESS = "forms_intake.process_submissions"

PENDING = """
INSERT INTO forms_intake_submission (public_id, form_id, payload, dropped, origin, state, attempts, error, received_at)
SELECT gen_random_uuid(), %(form)s, jsonb_build_object(
        'first_name', 'Jane', 'last_name', 'Doe' || g, 'phone', '+12125550123', 'company', 'Acme ' || g,
        'message', 'Please call me',
        'email', CASE g %% 20
            WHEN 0 THEN (SELECT email FROM contacts_contact WHERE id = 1 + g * 7 %% %(leads)s)
            WHEN 1 THEN 'p' || g - 1001 || '.' || %(round)s || '@d' || g %% 3000 || '.example'
            ELSE 'p' || g || '.' || %(round)s || '@d' || g %% 3000 || '.example' END),
    '{}', '{"ip": "203.0.113.9", "user_agent": "bench"}', 'pending', 0, '', clock_timestamp()
FROM generate_series(1, %(submissions)s) g ORDER BY g
"""


def measure(server: Server, *, leads: int, rounds: int, submissions: int) -> Report:
    """Submissions done a second, from the ring to the last one done."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    ScoringModel.objects.update(state=State.STOPPED)
    runs: list[dict[str, float]] = []
    with processes.worker():
        process(200, leads, 0)
        for number in range(1, rounds + 1):
            run = {"limit": float(processes.limit(server, "commit", contacts=leads)["rows_per_s"])}
            runs.append(run | process(submissions, leads, number))
    connection.close()
    server.drop(server.run)
    ours, limit = median(runs, "ours"), median(runs, "limit")
    return Report(
        name="process",
        ours=ours,
        limit=limit,
        ratio=ours / limit,
        goal=GOAL,
        goal_is="ours at least",
        ok=ours >= GOAL,
        n=submissions,
        unit="submissions/s",
        runs=runs,
    )


def process(submissions: int, leads: int, number: int) -> dict[str, float]:
    """Store that many, ring, wait until none is pending; how many were done a second, and what became of them."""
    values = {"form": IntakeForm.objects.get().pk, "leads": leads, "submissions": submissions, "round": number}
    last = Submission.objects.order_by("-id").values_list("id", flat=True).first() or 0
    known = Lead.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(PENDING, values)
    vacuum("forms_intake_submission")
    start = timezone.now()
    mine = Submission.objects.filter(id__gt=last)
    doorbell.ring(PROCESS)
    while mine.filter(state=SubmissionState.PENDING).exists():
        time.sleep(0.05)
    end = mine.order_by("-processed_at").values_list("processed_at", flat=True).first()
    failed = mine.exclude(state=SubmissionState.DONE).count()
    if failed or end is None:
        raise RuntimeError(f"{failed} submissions were not processed")
    seconds = (end - start).total_seconds()
    return {"ours": submissions / seconds, "seconds": seconds, "leads_made": Lead.objects.count() - known}
