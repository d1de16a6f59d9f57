"""Asking for a rehearsal, cancelling it, and taking suggested points into the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import doorbell
from leads.models import Lead
from scoring.checks import errors_in
from scoring.definition import POINTS_LIMIT, freeze
from scoring.editing import locked, touch
from scoring.errors import ModelNotReady
from scoring.models import Rule, ScoringModel, State, Switches
from scoring.rehearsal.errors import DraftChanged, NothingToCancel
from scoring.rehearsal.models import Rehearsal, RehearsalState
from scoring.rehearsal.past import closed_leads

REHEARSE = "scoring.rehearse"


@transaction.atomic
def rehearse(model_id: int, *, by: User | None = None) -> Rehearsal:
    """Begin to rehearse the model as it is edited now; the running rehearsal, if it is being rehearsed already.

    Raises ModelNotReady with every error that keeps it from going live.
    """
    model = locked(model_id)
    running = model.rehearsals.filter(state=RehearsalState.RUNNING).first()
    if running is not None:
        return running
    errors = errors_in(model)
    if errors:
        raise ModelNotReady(model.name, errors)
    last = Lead.objects.order_by("-id").values_list("id", flat=True).first() or 0
    others = ScoringModel.objects.live().exclude(pk=model_id)
    switches = Switches.now()
    rehearsal = Rehearsal.objects.create(
        model=model,
        definition=freeze(model),
        live=model.version if model.state == State.LIVE else None,
        asked_by=by,
        as_of=timezone.now(),
        leads_total=Lead.objects.open().count() + closed_leads().count(),
        progress={
            "up_to_id": last,
            "beside": list(others.values_list("version", flat=True)),
            "switches": {"sales_ready": switches.sales_ready, "qualification": switches.qualification},
        },
    )
    doorbell.ring_on_commit(REHEARSE)
    return rehearsal


@transaction.atomic
def cancel(rehearsal_id: int) -> None:
    """Stop a running rehearsal; what an earlier one found stays. Raises NothingToCancel."""
    rehearsal = Rehearsal.objects.select_for_update(of=("self",)).get(pk=rehearsal_id)
    if not rehearsal.is_running:
        raise NothingToCancel
    _end(rehearsal, RehearsalState.CANCELLED)


@transaction.atomic
def give_up(rehearsal_id: int) -> None:
    """Say of a rehearsal that it could not be done; it is not tried again by itself."""
    rehearsal = Rehearsal.objects.select_for_update(of=("self",)).filter(pk=rehearsal_id).first()
    if rehearsal is not None and rehearsal.is_running:
        _end(rehearsal, RehearsalState.FAILED)


def _end(rehearsal: Rehearsal, state: str) -> None:
    rehearsal.leads.all().delete()
    rehearsal.state, rehearsal.progress, rehearsal.finished_at = state, {}, timezone.now()
    rehearsal.save(update_fields=["state", "progress", "finished_at"])


@dataclass(frozen=True)
class Taken:
    """What became of the draft: how many rules have new points, how many (with 0 points) were removed, and its new
    threshold, None when it kept the one it had.
    """

    changed: int
    removed: int
    threshold: int | None


@transaction.atomic
def take_points(
    model_id: int,
    points: Mapping[int, int],
    *,
    seen: Mapping[int, int],
    threshold: tuple[int, int] | None = None,
    by: User,
) -> Taken:
    """Give rules of the draft these points (rule id to points); 0 removes a rule, for it could not go live.

    `seen` are the points each had when they were suggested; `threshold` is that which the draft had then, and the new
    one. A cap keeps the number of times it allows. Raises DraftChanged, with nothing taken over, when something is
    otherwise by now or gone.
    """
    model = locked(model_id)
    rules = {rule.pk: rule for rule in model.rules.filter(pk__in=points)}
    others = [str(rule) for pk, rule in rules.items() if rule.points != seen[pk]]
    if threshold and threshold[0] != model.threshold:
        others.append("the threshold")
    gone = len(points) - len(rules)
    if others or gone:
        raise DraftChanged([*others, *([f"{gone} removed rule{'s' if gone > 1 else ''}"] if gone else [])])
    changed = [rules[pk] for pk, each in points.items() if each and each != rules[pk].points]
    for rule in changed:
        _rescale(rule, max(-POINTS_LIMIT, min(POINTS_LIMIT, points[rule.pk])))
    Rule.objects.bulk_update(changed, ["points", "cap", "day_cap"])
    removed, _ = model.rules.filter(pk__in=[pk for pk, each in points.items() if not each]).delete()
    if threshold:
        model.threshold = threshold[1]
        model.save(update_fields=["threshold"])
    touch(model, by)
    return Taken(len(changed), removed, threshold[1] if threshold and threshold[1] != threshold[0] else None)


def _rescale(rule: Rule, points: int) -> None:
    for name in ("cap", "day_cap"):
        cap = getattr(rule, name)
        if cap is not None and rule.points:
            setattr(rule, name, max(1, round(cap * abs(points) / abs(rule.points))))
    rule.points = points
