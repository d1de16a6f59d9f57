"""Writing drafts: making models, and adding, copying, moving and removing their rules. One transaction each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from contacts.models import User
from scoring.definition import freeze, freeze_rule
from scoring.errors import ChangedSince, ModelGone, ModelWasLive, NameTaken, RuleGone
from scoring.exchange import load_model
from scoring.models import Axis, Grade, Rule, RuleGroup, ScoringModel, State

SUFFIX = " (copy)"


def fingerprint(definition: dict[str, Any]) -> str:
    """A word that differs whenever `definition` (of a model or a rule) does: what a page showed, to compare with."""
    said = json.dumps(definition, sort_keys=True, default=str)
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def locked(model_id: int) -> ScoringModel:
    """The model, held against other editors until the transaction ends. Raises ModelGone."""
    model = ScoringModel.objects.select_for_update(of=("self",)).select_related("version").filter(pk=model_id).first()
    if model is None:
        raise ModelGone(model_id)
    return model


def touch(model: ScoringModel, by: User) -> None:
    """Note who edited the draft last, and when."""
    model.edited_at, model.edited_by = timezone.now(), by
    model.save(update_fields=["edited_at", "edited_by"])


@transaction.atomic
def make_model(name: str, *, by: User, definition: dict[str, Any] | None = None) -> ScoringModel:
    """A new draft of that name; with a definition (see ModelVersion) a copy of it. Raises NameTaken, InvalidModel."""
    if ScoringModel.objects.filter(name=name).exists():
        raise NameTaken(name)
    model = load_model({**(definition or {}), "name": name}, by=by)
    touch(model, by)
    return model


@transaction.atomic
def replace_draft(model_id: int, definition: dict[str, Any], *, seen: str, by: User) -> ScoringModel:
    """Make `definition` the draft; its name stays. Raises ChangedSince, InvalidModel, ModelGone."""
    model = locked(model_id)
    must_be_as_seen(model, seen)
    model = load_model({**definition, "name": model.name}, by=by)
    touch(model, by)
    return model


def must_be_as_seen(model: ScoringModel, seen: str) -> None:
    """Raise ChangedSince unless the draft is what the person was shown."""
    if fingerprint(freeze(model)) != seen:
        raise ChangedSince(model.name, by=str(model.edited_by or ""))


@transaction.atomic
def delete_model(model_id: int) -> None:
    """Delete a draft that never was live: scores and their history point to all others. Raises ModelWasLive."""
    model = locked(model_id)
    if model.version_id is not None or model.state != State.DRAFT:
        raise ModelWasLive(model.name)
    model.delete()


def set_grades(model: ScoringModel, grades: Sequence[tuple[str, int]], *, axis: Axis = Axis.SCORE) -> None:
    """Replace the grades of an axis, when they differ; each is a name and the score it begins at."""
    known = model.grades.filter(axis=axis)
    if sorted((grade.name, grade.from_score) for grade in known) == sorted(grades):
        return
    known.delete()
    Grade.objects.bulk_create(Grade(model=model, axis=axis, name=name, from_score=score) for name, score in grades)


def set_groups(model: ScoringModel, groups: Sequence[tuple[str, str, int | None] | None]) -> None:
    """The groups of rules, in order, each a name, a half and a cap: those there are become the first of them (None:
    removed; its rules stay, without a group), the others are new.
    """
    known = list(model.groups.all())
    model.groups.update(name=Concat(Value("\x1f"), Cast("pk", CharField())))  # names may change places
    for place, group in enumerate(groups):
        if group is None:
            if place < len(known):
                known[place].delete()
            continue
        row = known[place] if place < len(known) else RuleGroup(model=model)
        row.name, row.category, row.cap = group
        row.position = place
        row.save()


def next_position(model: ScoringModel) -> int:
    """Behind the last rule."""
    last = model.rules.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else min(last + 1, 32_767)


@transaction.atomic
def copy_rule(model_id: int, rule_id: int, *, by: User) -> Rule:
    """The same rule once more, behind it. Raises RuleGone, ModelGone."""
    model = locked(model_id)
    rules = _rules(model)
    place = _place(rules, rule_id)
    twin = Rule.objects.get(pk=rule_id)
    twin.pk, twin.name = None, twin.name[: 100 - len(SUFFIX)] + SUFFIX
    twin.save(force_insert=True)
    _order(model, [*rules[: place + 1], twin, *rules[place + 1 :]])
    touch(model, by)
    return twin


@transaction.atomic
def move_rule(model_id: int, rule_id: int, *, to: int, by: User) -> None:
    """Put the rule in place `to`, counted from 0; beyond the ends is the end. Raises RuleGone, ModelGone."""
    model = locked(model_id)
    rules = _rules(model)
    rule = rules.pop(_place(rules, rule_id))
    rules.insert(max(0, to), rule)
    if _order(model, rules):
        touch(model, by)


@transaction.atomic
def remove_rule(model_id: int, rule_id: int, *, seen: str, by: User) -> Rule:
    """Remove the rule, if it is as the person saw it. Raises ChangedSince, RuleGone, ModelGone."""
    model = locked(model_id)
    rules = _rules(model)
    rule = rules[_place(rules, rule_id)]
    if fingerprint(freeze_rule(rule)) != seen:
        raise ChangedSince(rule.name, by=str(model.edited_by or ""))
    Rule.objects.filter(pk=rule.pk).delete()
    touch(model, by)
    return rule


def _rules(model: ScoringModel) -> list[Rule]:
    return list(model.rules.order_by("position", "id"))


def _place(rules: list[Rule], rule_id: int) -> int:
    place = next((place for place, rule in enumerate(rules) if rule.pk == rule_id), None)
    if place is None:
        raise RuleGone(rule_id)
    return place


def _order(model: ScoringModel, rules: Sequence[Rule]) -> bool:
    """Number the rules anew; whether any moved."""
    moved = [rule for place, rule in enumerate(rules) if rule.position != place]
    for place, rule in enumerate(rules):
        rule.position = place
    Rule.objects.bulk_update(moved, ["position"])
    return bool(moved)
