"""Taking a rehearsal further, a step at a time; each step is one transaction that also says where to go on.

`progress` has `after_id` and `up_to_id` for open leads, `after` ([moment, id]) for closed ones, the versions of other
models that were live when it began (`beside`) and the `switches` of then, and what was counted;
`result` at the end: `now` and `live_now` (Standing), `outlook` (Outlook), `beside` (names), `switches`; `known` and
`live_known` (Tally: lost, won), `closed`; `suggestion` (Suggestion or None) and `why_none`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from leads.conditions import lead_vocabulary
from leads.models import Lead, Status
from scoring.batch import Range
from scoring.definition import ModelSpec, spec_of
from scoring.engine import FOR_BATCHES
from scoring.models import ModelVersion
from scoring.rehearsal import extra, past
from scoring.rehearsal.inputs import counting, inputs_of
from scoring.rehearsal.models import Part, Rehearsal, RehearsalState, RehearsedLead
from scoring.rehearsal.now import Standing, verdicts
from scoring.rehearsal.outlook import Foresight, Outlook, Turn
from scoring.rehearsal.services import give_up
from scoring.rehearsal.suggest import LEAST_OF_EACH, as_json, suggest
from scoring.rehearsal.tally import Tally

log = structlog.get_logger("leadcrm.rehearsal")

OPEN_STEP = 5_000
CLOSED_STEP = 2_000
MOST_LEARNED = 20_000
"""Points are suggested from so many outcomes at most, the latest: what sold years ago may not sell today."""
MOST_CELLS = 2_000_000
"""And from so many times rules at most: two hundred rules are learned from ten thousand leads, in the same memory."""
TAKE = "SELECT pg_try_advisory_xact_lock(hashtextextended('scoring.rehearsal', %s))"
WRITTEN = ("state", "part", "leads_done", "progress", "result", "finished_at")
DRAFT_ID = 0
"""Stands for the version that what is rehearsed does not have yet."""


def specs_of(rehearsal: Rehearsal) -> list[ModelSpec]:
    """What is rehearsed and, if there is one, the live version it is compared with."""
    draft = ModelVersion(pk=DRAFT_ID, model_id=rehearsal.model_id, definition=rehearsal.definition)
    return [spec_of(version) for version in (draft, rehearsal.live) if version is not None]


def beside(rehearsal: Rehearsal) -> list[ModelSpec]:
    """The other models that were live when it began, and are still there."""
    versions = ModelVersion.objects.filter(pk__in=rehearsal.progress["beside"]).order_by("model_id")
    return [spec_of(version) for version in versions]


def advance() -> bool:
    """Take the oldest running rehearsal that no other worker has one step further; whether there was one to take.

    No row is held meanwhile: whoever cancels it need not wait, and the step under way is dropped. One that cannot be
    done is given up, and the log says why: tried again it would only fail again.
    """
    taken = 0
    try:
        with transaction.atomic():
            rehearsal = _taken()
            if rehearsal is None:
                return False
            taken = rehearsal.pk
            _step(rehearsal)
    except Exception:
        if not taken:
            raise
        log.exception("rehearsal failed", rehearsal=taken)
        give_up(taken)
    return True


def _taken() -> Rehearsal | None:
    """The oldest running rehearsal that nobody else has; ours until the transaction ends."""
    running = Rehearsal.objects.filter(state=RehearsalState.RUNNING)
    for pk in running.order_by("id").values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [pk])
            (is_ours,) = cursor.fetchone()
        # Looked up only now: its last step may have ended since.
        rehearsal = running.select_related("live").filter(pk=pk).first() if is_ours else None
        if rehearsal is not None:
            return rehearsal
    return None


def _step(rehearsal: Rehearsal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FOR_BATCHES)
    STEPS[Part(rehearsal.part)](rehearsal)
    still = Rehearsal.objects.filter(pk=rehearsal.pk, state=RehearsalState.RUNNING)
    if not still.update(**{name: getattr(rehearsal, name) for name in WRITTEN}):
        transaction.set_rollback(True)


def look_at_open(rehearsal: Rehearsal) -> None:
    """The next open leads: how they stand under both, and whom it would turn."""
    progress = rehearsal.progress
    ahead = Lead.objects.filter(id__gt=progress.get("after_id", 0), id__lte=progress["up_to_id"]).order_by("id")
    last = ahead.values_list("id", flat=True)[OPEN_STEP - 1 : OPEN_STEP].first() or progress["up_to_id"]
    batch = Range(progress.get("after_id", 0), last)
    now, live = (Standing.from_json(progress[key]) if key in progress else Standing() for key in ("now", "live_now"))
    outlook = Outlook.from_json(progress["outlook"]) if "outlook" in progress else Outlook()
    specs = [*specs_of(rehearsal), *beside(rehearsal)]
    said = verdicts(specs, batch, lead_vocabulary(scoring=True), rehearsal.as_of)
    counted = [now, live] if rehearsal.live else [now]
    for lead in said.values():
        for standing, verdict in zip(counted, lead, strict=False):
            if verdict is not None:
                standing.add(verdict)
    _keep(rehearsal, Foresight(specs, progress["switches"]).look(batch, said, outlook))
    progress |= {
        "after_id": last,
        "now": now.as_json(),
        "live_now": live.as_json(),
        "outlook": outlook.as_json(),
    }
    rehearsal.leads_done += batch.leads().filter(status=Status.OPEN).count()
    if last >= progress["up_to_id"]:
        rehearsal.part = Part.OUTCOMES


def _keep(rehearsal: Rehearsal, turns: Sequence[Turn]) -> None:
    RehearsedLead.objects.bulk_create(
        RehearsedLead(
            rehearsal=rehearsal,
            lead_id=turn.lead_id,
            becomes=turn.becomes,
            before=turn.before,
            after=turn.after,
            rank=max((score for score in (turn.before, turn.after) if score is not None), default=0),
        )
        for turn in turns
    )


def look_at_closed(rehearsal: Rehearsal) -> None:
    """The next leads whose outcome is known: what both said of them just before."""
    progress = rehearsal.progress
    leads = past.closed_after(_place(progress), CLOSED_STEP)
    tallies = [Tally.from_json(progress[key]) if key in progress else Tally(kinds=2) for key in ("known", "live_known")]
    vocabulary = lead_vocabulary(scoring=True)
    for said in past.scored(specs_of(rehearsal), leads, vocabulary):
        tallies[int(said.version_id != DRAFT_ID)].add(said.score, int(said.won))
    progress |= {"known": tallies[0].as_json(), "live_known": tallies[1].as_json()}
    progress["closed"] = progress.get("closed", 0) + len(leads)
    rehearsal.leads_done += len(leads)
    if len(leads) < CLOSED_STEP:
        rehearsal.part = Part.POINTS
    else:
        progress["after"] = [leads[-1].closed_at.isoformat(), leads[-1].lead_id]


def _place(progress: dict[str, Any]) -> tuple[datetime, int] | None:
    if "after" not in progress:
        return None
    moment, lead_id = progress["after"]
    return datetime.fromisoformat(moment), lead_id


def look_for_points(rehearsal: Rehearsal) -> None:
    """Points from the latest outcomes, if they can be had; then it is done, and earlier rehearsals go."""
    progress = rehearsal.progress
    known = Tally.from_json(progress["known"])
    suggestion, why_none = None, ""
    if not extra.is_installed():
        why_none = "extra"
    elif min(known.total(0), known.total(1)) < LEAST_OF_EACH:
        why_none = "few"
    else:
        spec = specs_of(rehearsal)[0]
        leads = past.latest_closed(min(MOST_LEARNED, MOST_CELLS // len(spec.rules)))
        inputs, won = inputs_of(past.scored([counting(spec)], leads, lead_vocabulary(scoring=True)))
        suggestion = (
            as_json(suggest(spec, inputs, won)) if LEAST_OF_EACH <= sum(won) <= len(won) - LEAST_OF_EACH else None
        )
        why_none = "" if suggestion else "few"
    kept = ("now", "live_now", "outlook", "switches", "known", "live_known", "closed")
    rehearsal.result = {key: progress[key] for key in kept} | {"suggestion": suggestion, "why_none": why_none}
    rehearsal.result["beside"] = [spec.name for spec in beside(rehearsal)]
    rehearsal.progress = {}
    rehearsal.state = RehearsalState.DONE
    rehearsal.finished_at = timezone.now()
    Rehearsal.objects.filter(model=rehearsal.model_id, id__lt=rehearsal.pk).delete()


STEPS: dict[Part, Callable[[Rehearsal], None]] = {
    Part.OPEN: look_at_open,
    Part.OUTCOMES: look_at_closed,
    Part.POINTS: look_for_points,
}
