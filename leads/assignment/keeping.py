"""Rules are made, edited, ordered, paused and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from leads.assignment.hearing import hear
from leads.errors import RecordGone
from leads.models import AssignmentRule

ORDER = "SELECT pg_advisory_xact_lock(hashtextextended('leads.assignment.order', 0))"


def in_order() -> list[AssignmentRule]:
    """All rules as they are asked, with what a page draws of each; a constant number of queries."""
    rows = AssignmentRule.objects.select_related("user", "team", "territory", "status_reason")
    return list(rows.prefetch_related("people", "team__members"))


def locked_rule(rule_id: int) -> AssignmentRule:
    """One rule, its row locked until the transaction ends. Raises RecordGone."""
    rule: AssignmentRule | None = (
        AssignmentRule.objects.select_for_update(no_key=True, of=("self",)).filter(pk=rule_id).first()
    )
    if rule is None:
        raise RecordGone("assignment rule", rule_id)
    return rule


def save_rule(rule: AssignmentRule, values: Mapping[str, Any]) -> AssignmentRule:
    """Write `values` (columns, and `people`); a new rule comes last. The row of an old one is locked by the caller."""
    people = values.get("people")
    for name, value in values.items():
        if name != "people":
            setattr(rule, name, value)
    with transaction.atomic():
        if rule.pk is None:
            _lock_order()
            rule.position = AssignmentRule.objects.count()
        else:
            rule.version += 1
        rule.save()
        if people is not None:
            rule.people.set(people)
        hear()
    return rule


def move_rule(rule_id: int, *, to: int) -> None:
    """Put a rule in the place `to`, counted from 0. Raises RecordGone."""
    with transaction.atomic():
        _lock_order()
        order = list(AssignmentRule.objects.values_list("pk", flat=True))
        if rule_id not in order:
            raise RecordGone("assignment rule", rule_id)
        order.remove(rule_id)
        order.insert(max(0, min(to, len(order))), rule_id)
        _number(order)


def set_active(rule_id: int, *, active: bool) -> AssignmentRule:
    """Pause a rule, or let it be asked again. Raises RecordGone."""
    with transaction.atomic():
        rule = locked_rule(rule_id)
        AssignmentRule.objects.filter(pk=rule_id).update(active=active, version=F("version") + 1)
        hear()
    rule.active = active
    return rule


def remove_rule(rule_id: int) -> AssignmentRule:
    """Remove a rule; what it decided stays in the log. Raises RecordGone."""
    with transaction.atomic():
        _lock_order()
        rule = locked_rule(rule_id)
        AssignmentRule.objects.filter(pk=rule_id).delete()
        _number(list(AssignmentRule.objects.values_list("pk", flat=True)))
        hear()
    return rule


def _number(order: list[int]) -> None:
    rows = [AssignmentRule(pk=pk, position=place) for place, pk in enumerate(order)]
    AssignmentRule.objects.bulk_update(rows, ["position"])


def _lock_order() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(ORDER)
