"""In which rows a report counts: by a record that a lead has, or by words."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

from django.db.models import F, Q, Value
from django.db.models.functions import NullIf

from contacts.models import MarketingContext
from leads.models import Lead, LeadEvent
from leads.reports.asked import EACH_REASON, Asked

Group: TypeAlias = int | str | None
"""What a row is about: a record's id, or words; None for leads that have none."""
IN_WORDS = frozenset({"marketing_context__source_code"})
NONE = "none"


def rows_of(asked: Asked) -> Any:
    """The group of a lead as an expression."""
    return NullIf(F(asked.by), Value("")) if asked.by in IN_WORDS else F(asked.by)


def names_of(asked: Asked, groups: Collection[Group]) -> dict[Group, str]:
    """How groups are called."""
    if asked.by in IN_WORDS:
        return {group: str(group) for group in groups}
    model: Any
    if asked.by == EACH_REASON:
        model = LeadEvent._meta.get_field("recycle_reason").related_model
    elif asked.by.startswith("marketing_context"):
        model = MarketingContext
    else:
        model = Lead._meta.get_field(asked.by).related_model
    found = model._default_manager.in_bulk([group for group in groups if group is not None])
    return {pk: str(one) for pk, one in found.items()}


def in_group(asked: Asked, field: str, word: str) -> Q:
    """That `field` is in the group that an address names; anything for a word that names none."""
    if asked.by in IN_WORDS:
        if word == NONE:
            return Q(**{field: ""}) | Q(**{f"{field}__isnull": True})
        return Q(**{field: word.removeprefix("is:")}) if word.startswith("is:") else Q()
    if word == NONE:
        return Q(**{f"{field}__isnull": True})
    return Q(**{field: int(word)}) if word.isdecimal() and len(word) < 19 else Q()


def word_of(asked: Asked, group: Group) -> str:
    """A group as an address names it."""
    if group is None:
        return NONE
    return f"is:{group}" if asked.by in IN_WORDS else str(group)
