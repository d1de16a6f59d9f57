"""Going live and stopping."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import doorbell
from leads.conditions import InvalidCondition, Vocabulary, lead_vocabulary, parse, without_contact
from scoring.definition import COUNT_LIMIT, POINTS_LIMIT, RULE_LIMIT, SCORE_LIMIT, WINDOW_LIMIT, freeze, spec_of
from scoring.errors import ModelNotLive, ModelNotReady
from scoring.models import Counting, Decay, ModelVersion, Rule, ScoringModel, State, Switches, Target
from scoring.queue import dates_turn_at
from scoring.runs import SCORE_CHANGES, start_run
from scoring.turns import change_models


def problems_of(model: ScoringModel) -> list[tuple[str, str]]:
    """What keeps `model` from going live: (rule name or part of the model, what is wrong with it)."""
    rules = list(model.rules.all())
    problems: list[tuple[str, str]] = []
    if not rules:
        problems.append(("Rules", "there are none"))
    if len(rules) > RULE_LIMIT:
        problems.append(("Rules", f"there are {len(rules)}; {RULE_LIMIT} is the most"))
    scores = [("Threshold", model.threshold), *((f"Grade {grade}", grade.from_score) for grade in model.grades.all())]
    for where, value in scores:
        if abs(value) > SCORE_LIMIT:
            problems.append((where, f"must be from -{SCORE_LIMIT} to {SCORE_LIMIT}"))
    vocabulary = lead_vocabulary(scoring=True)
    for where, tree in [("Audience", model.audience), *((rule.name, rule.condition) for rule in rules)]:
        problems += [(where, problem) for problem in _condition_problems(tree, vocabulary, Target(model.target))]
    if model.target == Target.ACCOUNT and model.minimum_consent:
        problems.append(("Minimum consent", "a lead of an account alone has no contact who could give it"))
    for rule in rules:
        if not rule.points or abs(rule.points) > POINTS_LIMIT:
            problems.append((rule.name, f"points must be from -{POINTS_LIMIT} to {POINTS_LIMIT} and not 0"))
        if rule.interaction_type and not 1 <= rule.at_least <= COUNT_LIMIT:
            problems.append((rule.name, f"at least must be from 1 to {COUNT_LIMIT}"))
        if rule.window_days is not None and not 1 <= rule.window_days <= WINDOW_LIMIT:
            problems.append((rule.name, f"the window must be from 1 to {WINDOW_LIMIT} days"))
        problems += [(rule.name, problem) for problem in decay_problems(rule)]
        if not rule.interaction_type and not rule.condition:
            problems.append((rule.name, "it has neither a condition nor an interaction, so every lead would meet it"))
    return problems


def _condition_problems(tree: Any, vocabulary: Vocabulary, target: Target) -> list[str]:
    """What is wrong with a condition, by position; also where it asks for what leads of the target never have."""
    try:
        parse(tree, vocabulary)
    except InvalidCondition as error:
        return [f"at {error.path or 'the top'}: {error.problem}"]
    if target == Target.CONTACT:
        return []
    try:
        parse(tree, without_contact(vocabulary))
    except InvalidCondition as error:
        return [f"at {error.path or 'the top'}: a lead of an account alone has no contact to ask this of"]
    return []


def decay_problems(rule: Rule) -> list[str]:
    """What is wrong with how the points of a rule are to fade."""
    if rule.decay == Decay.NONE:
        return []
    if not rule.interaction_type or rule.counting == Counting.NONE:
        return ["only what happened can fade, neither a profile nor what never happened"]
    if rule.decay == Decay.LINEAR and not rule.window_days:
        return ["to fade evenly it needs a window, at whose end nothing is left"]
    if rule.decay == Decay.HALF_LIFE and not 1 <= (rule.half_life_days or 0) <= WINDOW_LIMIT:
        return [f"the half-life must be from 1 to {WINDOW_LIMIT} days"]
    return []


@transaction.atomic
def go_live(model: ScoringModel, *, by: User | None = None) -> ModelVersion:
    """Freeze the model as it is edited now into a new live version and score every lead with it.

    Raises ModelNotReady with every problem there is.
    """
    change_models()
    model = ScoringModel.objects.select_for_update().get(pk=model.pk)
    problems = problems_of(model)
    if problems:
        raise ModelNotReady(model.name, problems)
    number = model.versions.count() + 1
    version = ModelVersion.objects.create(model=model, number=number, definition=freeze(model), created_by=by)
    model.version, model.state = version, State.LIVE
    model.stopped_at, model.keeps_scores = None, False
    model.conditions_change_at = dates_turn_at(spec_of(version))
    model.save(update_fields=["version", "state", "conditions_change_at", "stopped_at", "keeps_scores"])
    start_run(model.pk)
    doorbell.ring_on_commit(SCORE_CHANGES)
    return version


@transaction.atomic
def stop(model: ScoringModel) -> None:
    """Stop a live model: its scores go, and `Lead.score` falls back to what other models say.

    With the clean-up switched off they remain as they are now; they make nobody sales ready any more.
    """
    change_models()
    model = ScoringModel.objects.select_for_update().get(pk=model.pk)
    if model.state != State.LIVE:
        raise ModelNotLive(model.name)
    model.state, model.stopped_at = State.STOPPED, timezone.now()
    model.keeps_scores = not Switches.now().clean_up
    model.save(update_fields=["state", "stopped_at", "keeps_scores"])
    start_run(model.pk)
    doorbell.ring_on_commit(SCORE_CHANGES)
