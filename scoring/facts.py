"""What the engine asks of the facts: which leads and which conditions hold (querysets), how often what happened (SQL).

However many behaviour rules a model has, a lead's interactions are read in one pass: each rule is a filtered count in
the same query. Nothing in the SQL comes from people: every value, also of a rule, is a parameter.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import BooleanField, Case, QuerySet, Value, When

from leads.conditions import Vocabulary, behaviours_in, compile_condition
from leads.models import Lead
from scoring import caps, decay
from scoring.definition import ModelSpec, RuleSpec, parse_or_none
from scoring.models import Counting, Decay, Scope, Target
from scoring.moments import Moment
from scoring.sql import Sql, joined

INTERACTIONS = {
    Target.CONTACT: " FROM contacts_interaction i WHERE i.contact_id = f.contact_id AND NOT i.robot",
    Target.ACCOUNT: """ FROM contacts_contact c JOIN contacts_interaction i ON i.contact_id = c.id
        WHERE c.account_id = f.account_id AND c.deleted_at IS NULL AND NOT i.robot""",
}
"""Whose interactions count for a lead, by the target of the model; never what robots did."""

SCOPES = {
    Scope.CAMPAIGN: " AND i.campaign_id = f.campaign_id",
    Scope.PRODUCT: " AND i.product_id = f.product_id",
    Scope.CONTEXT: " AND i.marketing_context_id = f.marketing_context_id",
    Scope.SINCE_CREATED: " AND i.occurred_at >= f.created_at",
}
OF_LEAD = ("contact_id", "account_id", "campaign_id", "product_id", "marketing_context_id", "created_at")
"""What the two tables above read of a lead."""


def leads_of(model: ModelSpec, leads: QuerySet[Lead], vocabulary: Vocabulary, *, now: Moment) -> QuerySet[Lead]:
    """Those of `leads` that `model` scores: open then, with the model's target, enough consent, within its audience."""
    scored = now.scored(leads).filter(deleted_at__isnull=True)
    if model.target == Target.CONTACT:
        scored = scored.filter(
            contact__isnull=False, contact__deleted_at__isnull=True, contact__consent_level__gte=model.minimum_consent
        )
    else:
        scored = scored.filter(contact__isnull=True, account__isnull=False, account__deleted_at__isnull=True)
    audience = parse_or_none(model.audience, vocabulary)
    if audience is None:
        return scored.none()
    if not model.audience:
        return scored
    return scored.filter(compile_condition(audience, now.known(vocabulary), now=now.latest))


def holds(rule: RuleSpec, vocabulary: Vocabulary, *, now: Moment) -> Case:
    """An expression over a lead: whether the rule's condition holds, never NULL."""
    node = parse_or_none(rule.condition, vocabulary)
    if node is None:
        return Case(default=Value(False), output_field=BooleanField())
    condition = compile_condition(node, now.known(vocabulary), now=now.latest)
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def watched_types(model: ModelSpec, vocabulary: Vocabulary) -> list[str]:
    """The types of interaction that a score of `model` depends on: those of behaviour rules and those that conditions
    and the audience ask for.
    """
    types = {rule.interaction_type for rule in model.rules if rule.is_behaviour}
    for tree in (model.audience, *(rule.condition for rule in model.rules)):
        node = parse_or_none(tree, vocabulary) if tree else None
        if node is not None:
            types |= behaviours_in(node)
    return sorted(types)


def counts_of(model: ModelSpec, types: list[str], *, now: Moment) -> Sql:
    """The behaviour rules of `model` as a lateral join `b` to the leads `f`: `n<i>` (how often rule i happened),
    `f<i>` (the first of those, when the rule has a window), `w<i>` and `d<i>` (what they are still worth, in
    millionths, and when that is next less, when the rule has a decay), `e<i>` (what is earned under the rule's cap a
    day, in points or, when they fade, in millionths) and `ahead` (the next interaction dated in the future), of
    interactions of these `types`.

    One pass over the interactions of each lead, in the order of the index that holds all it reads.
    """
    behaviours = [(i, rule) for i, rule in enumerate(model.rules) if rule.is_behaviour]
    columns = [Sql("min(i.occurred_at) FILTER (WHERE i.occurred_at > ", []) + now.sql + Sql(") AS ahead", [])]
    for i, rule in behaviours:
        matching = counts_for(rule, now=now)
        columns.append(Sql("count(*) FILTER (WHERE ", []) + matching + Sql(f") AS n{i}", []))
        if rule.window_days:
            columns.append(Sql("min(i.occurred_at) FILTER (WHERE ", []) + matching + Sql(f") AS f{i}", []))
        if rule.decay != Decay.NONE:
            columns += _worth(i, rule, matching, now=now)
    wanted = Sql(" AND i.type = ANY(%s)", [types])
    if all(rule.window_days for _, rule in behaviours):
        longest = max((rule.window_days or 0 for _, rule in behaviours), default=0)
        wanted += Sql(" AND i.occurred_at > ", []) + now.days_before(longest)
    counted = Sql("SELECT ", []) + joined(columns, ", ") + Sql(INTERACTIONS[Target(model.target)], []) + wanted
    if any(rule.day_cap is not None for _, rule in behaviours):
        counted = caps.over_days(behaviours, counted)
    return Sql(" CROSS JOIN LATERAL (", []) + counted + Sql(") b", [])


def _worth(i: int, rule: RuleSpec, matching: Sql, *, now: Moment) -> list[Sql]:
    """Each time counts with what is left of it; "at least n" with what is left of the latest."""
    left = decay.left_of(rule, now=now)
    total = Sql("max(" if rule.counting == Counting.AT_LEAST else "sum(", []) + left
    worth = Sql("COALESCE(", []) + total + Sql(") FILTER (WHERE ", []) + matching + Sql(f"), 0) AS w{i}", [])
    step = Sql("min(", []) + decay.next_step(now=now) + Sql(") FILTER (WHERE ", []) + matching
    return [worth, step + Sql(" AND ", []) + left + Sql(f" > 0) AS d{i}", [])]


def counts_for(rule: RuleSpec, *, now: Moment) -> Sql:
    """Whether interaction `i` counts for `rule` of lead `f`."""
    matching = Sql("i.type = %s AND i.occurred_at <= ", [rule.interaction_type]) + now.sql
    if rule.window_days:
        # In front, because comparing moments is cheaper than comparing texts, and most of the past is older.
        matching = Sql("i.occurred_at > ", []) + now.days_before(rule.window_days) + Sql(" AND ", []) + matching
    if rule.subject_contains:
        pattern = f"%{connection.ops.prep_for_like_query(rule.subject_contains)}%"
        matching += Sql(" AND upper(i.subject) LIKE upper(%s)", [pattern])
    return matching + Sql(SCOPES.get(rule.scope, ""), [])
