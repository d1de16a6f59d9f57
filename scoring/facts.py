"""What the engine asks of the facts, as querysets: which leads, which conditions hold, how often what happened.

However many behaviour rules a model has, its interactions are read in one pass: each rule is a filtered count in
the same grouped query.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Min, Q, QuerySet, Value, When

from leads.conditions import Vocabulary, compile_condition
from leads.models import Lead, Status
from scoring.definition import ModelSpec, RuleSpec, parse_or_none
from scoring.models import Scope, Target


def leads_of(model: ModelSpec, leads: QuerySet[Lead], vocabulary: Vocabulary, *, now: datetime) -> QuerySet[Lead]:
    """Those of `leads` that `model` scores: open, with the model's target, enough consent, within its audience."""
    scored = leads.filter(status=Status.OPEN, deleted_at__isnull=True)
    if model.target == Target.CONTACT:
        scored = scored.filter(
            contact__isnull=False, contact__deleted_at__isnull=True, contact__consent_level__gte=model.minimum_consent
        )
    else:
        scored = scored.filter(contact__isnull=True, account__isnull=False, account__deleted_at__isnull=True)
    audience = parse_or_none(model.audience, vocabulary)
    if audience is None:
        return scored.none()
    return scored.filter(compile_condition(audience, vocabulary, now=now)) if model.audience else scored


def holds(rule: RuleSpec, vocabulary: Vocabulary, *, now: datetime) -> Case:
    """An expression over a lead: whether the rule's condition holds, never NULL."""
    node = parse_or_none(rule.condition, vocabulary)
    if node is None:
        return Case(default=Value(False), output_field=BooleanField())
    condition = compile_condition(node, vocabulary, now=now)
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def interactions_path(model: ModelSpec) -> str:
    """How a lead reaches the interactions that count for it."""
    return "contact__interactions" if model.target == Target.CONTACT else "account__contacts__interactions"


def counts_of(model: ModelSpec, leads: QuerySet[Lead], *, now: datetime) -> QuerySet[Any, Any]:
    """One row a lead with `n<i>` (how often rule i happened), `f<i>` (the first of those) and `ahead` (the next
    interaction dated in the future), for the behaviour rules of `model`. Leads without any interaction are absent.
    """
    path = interactions_path(model)
    behaviours = [(i, rule) for i, rule in enumerate(model.rules) if rule.is_behaviour]
    wanted = Q(**{f"{path}__type__in": sorted({rule.interaction_type for _, rule in behaviours})})
    if all(rule.window_days for _, rule in behaviours):
        longest = max(rule.window_days or 0 for _, rule in behaviours)
        wanted &= Q(**{f"{path}__occurred_at__gt": now - timedelta(days=longest)})
    if model.target == Target.ACCOUNT:
        wanted &= Q(account__contacts__deleted_at__isnull=True)
    columns: dict[str, Count | Min] = {}
    for i, rule in behaviours:
        matching = _matching(rule, path, now=now)
        columns[f"n{i}"] = Count(f"{path}__id", filter=matching)
        if rule.window_days:
            columns[f"f{i}"] = Min(f"{path}__occurred_at", filter=matching)
    columns["ahead"] = Min(f"{path}__occurred_at", filter=Q(**{f"{path}__occurred_at__gt": now}))
    return leads.filter(wanted).order_by().values("id").annotate(**columns)


def _matching(rule: RuleSpec, path: str, *, now: datetime) -> Q:
    """Which interactions of the pass count for `rule`."""
    matching = Q(**{f"{path}__type": rule.interaction_type, f"{path}__occurred_at__lte": now})
    if rule.window_days:
        matching &= Q(**{f"{path}__occurred_at__gt": now - timedelta(days=rule.window_days)})
    if rule.subject_contains:
        matching &= Q(**{f"{path}__subject__icontains": rule.subject_contains})
    scope = {
        Scope.CAMPAIGN: Q(**{f"{path}__campaign": F("campaign")}),
        Scope.PRODUCT: Q(**{f"{path}__product": F("product")}),
        Scope.CONTEXT: Q(**{f"{path}__marketing_context": F("marketing_context")}),
        Scope.SINCE_CREATED: Q(**{f"{path}__occurred_at__gte": F("created_at")}),
    }.get(rule.scope)
    return matching & scope if scope is not None else matching
