"""Naming who may do what with a model, in the words Django's own checks use."""

from __future__ import annotations

from django.db.models import Model
from rules.permissions import permissions
from rules.predicates import Predicate

EVERYTHING = ("view", "add", "change", "delete")


def allow(who: Predicate, *models: type[Model], to: tuple[str, ...] = EVERYTHING) -> None:
    """Let whoever satisfies `who` do `to` (some of view, add, change, delete) with `models`, and see their app.

    What was allowed to others before stays allowed.
    """
    for model in models:
        meta = model._meta
        for name in (meta.app_label, *(f"{meta.app_label}.{action}_{meta.model_name}" for action in to)):
            known = permissions.get(name)
            permissions[name] = who if known is None else known | who
