"""Is this process alive, and is the installation ready? Answered before anything else looks at the request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from contacts.models import Change, ChangeConsumer
from forms_intake.models import RawHit, Submission, SubmissionState
from forms_intake.outages import failing_connectors, failing_mailboxes
from leadcrm.clock import SILENT_SECONDS, last_heard
from leadcrm.lib.doorbell import client
from leads.mail.claiming import waiting as mails
from scoring.models import LeadScore, RescoreRun

log = structlog.get_logger("leadcrm.health")
Handler = Callable[[HttpRequest], HttpResponse]

STARTED = time.monotonic()
"""When the web server began: its processes share what was loaded once, so a fresh one starts no grace of its own."""


class HealthChecks:
    """Answers /healthz and /readyz before hosts, HTTPS and sessions are looked at: probes come by address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.answers: dict[str, Handler] = {"/healthz": healthz, "/readyz": readyz}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answers.get(request.path, self.get_response)(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing, so that a dead database does not get a good process restarted."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def readyz(request: HttpRequest) -> HttpResponse:
    """What state the installation is in, as JSON: 503 with reasons when posts cannot be kept, which only a dead
    database can be the cause of; what else is not as it should be stands under `degraded`, with 200.

    Posts are accepted with a dead broker and without a worker, and wait in the database. A load balancer that took
    the web servers out of service for such a thing would lose them.
    """
    state = database_state()
    state |= broker_state()
    reasons = [] if state["database"] == "ok" else ["the database does not answer"]
    body = {"ready": not reasons, "reasons": reasons, "degraded": degraded(state), **state}
    return JsonResponse(body, status=503 if reasons else 200, headers={"Cache-Control": "no-store"})


def degraded(state: Mapping[str, Any]) -> list[str]:
    """What of this state somebody should look into, in words."""
    limit = settings.READY_SECONDS
    words = []
    if state["broker"] != "ok":
        words.append("the broker does not answer, so posts wait for it")
    elif is_silent(state["beat_seconds"]) and time.monotonic() - STARTED > SILENT_SECONDS:
        words.append("beat is not heard of, so nothing that a lost message left behind is found")
    if number := state.get("failing_mailboxes"):
        words.append(f"{number} mailbox{'es' if number > 1 else ''} cannot be read")
    if number := state.get("failing_connectors"):
        words.append(f"{number} connector{'s' if number > 1 else ''} of ads fail{'' if number > 1 else 's'}")
    waits = {
        "submission": "a submission",
        "change": "a change",
        "due_score": "a score that is due",
        "mail": "a mail",
        "hit": "a page view or an opened mail",
    }
    for name, what in waits.items():
        age = state.get(f"oldest_{name}_seconds")
        if age is not None and age > limit:
            words.append(f"{what} has waited for {age:.0f} s, more than {limit}")
    return words


def is_silent(beat_seconds: float | None) -> bool:
    """Whether beat should have been heard of by now. Just after a start it need not have been, and any mark is old."""
    return beat_seconds is None or beat_seconds > SILENT_SECONDS


def database_state() -> dict[str, Any]:
    """Whether it answers, and the ages in seconds (None: nothing waits) of what has waited longest.

    `oldest_bulk_change_seconds` and `oldest_run_seconds` tell of imports and of scoring every lead anew, which may take
    their time; `oldest_due_score_seconds` of scores that time has changed and the sweep has not;
    `oldest_mail_seconds` of mails that the mail server has not taken; `oldest_hit_seconds` of what browsers and mail
    programs told of visits and mails. `failing_mailboxes` and `failing_connectors` count those that
    have failed for a while.
    """
    try:
        now = timezone.now()
        waiting = Submission.objects.filter(state=SubmissionState.PENDING).order_by("id")
        runs = RescoreRun.objects.to_do().order_by("id")
        unsent = mails().order_by("created_at")
        hits = RawHit.objects.filter(error="").order_by("id")
        due = LeadScore.objects.filter(next_change_at__lte=now).order_by("next_change_at")
        return {
            "database": "ok",
            "oldest_submission_seconds": age(now, waiting.values_list("received_at", flat=True).first()),
            "oldest_change_seconds": age(now, oldest_change(bulk=False)),
            "oldest_bulk_change_seconds": age(now, oldest_change(bulk=True)),
            "oldest_run_seconds": age(now, runs.values_list("started_at", flat=True).first()),
            "oldest_due_score_seconds": age(now, due.values_list("next_change_at", flat=True).first()),
            "oldest_mail_seconds": age(now, unsent.values_list("created_at", flat=True).first()),
            "oldest_hit_seconds": age(now, hits.values_list("received_at", flat=True).first()),
            "failing_mailboxes": failing_mailboxes().count(),
            "failing_connectors": failing_connectors().count(),
        }
    except DatabaseError as error:
        log.warning("database does not answer", error=repr(error))
        connection.close()
        return {"database": "does not answer"}


def oldest_change(*, bulk: bool) -> datetime | None:
    """When the change was queued that has waited longest, over all consumers; one index look-up for each."""
    firsts = (
        Change.objects.filter(consumer=name, bulk=bulk).order_by("id").values_list("queued_at", flat=True).first()
        for name in ChangeConsumer.objects.values_list("name", flat=True)
    )
    return min((first for first in firsts if first is not None), default=None)


def broker_state() -> dict[str, Any]:
    """Whether the broker answers, and how many seconds ago beat was heard of (None: never)."""
    try:
        client().ping()
        return {"broker": "ok", "beat_seconds": last_heard()}
    except redis.RedisError as error:
        log.warning("broker does not answer", error=repr(error))
        return {"broker": "does not answer"}


def age(now: datetime, then: datetime | None) -> float | None:
    return None if then is None else round(max(0.0, (now - then).total_seconds()), 1)
