"""Leads narrowed by their marketing context, or by the medium, event and so on through which they came.

Contexts are few, so they are found first: leads are then asked for by the ids of contexts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from contacts.models import PARTS, MarketingContext

CONTEXT, SOURCE_CODE = "context", "source_code"
NAMES = (CONTEXT, *PARTS, SOURCE_CODE)
LABELS = {CONTEXT: "Marketing context", SOURCE_CODE: "Source code"} | {part: part.capitalize() for part in PARTS}
Choices = list[tuple[str, str]]


def contexts_through(name: str, value: str) -> QuerySet[MarketingContext]:
    """The context itself, those with this medium and so on (its own among them), those with this source code."""
    column = "pk" if name == CONTEXT else name
    return MarketingContext.objects.filter(**{column: value})


def offered(also: Collection[int] = ()) -> dict[str, Choices]:
    """What each of NAMES may be, in one query: what is not archived, and those of these ids."""
    choices: dict[str, Choices] = {name: [] for name in NAMES}
    codes = set()
    for context in MarketingContext.objects.filter(Q(active=True) | Q(pk__in=also)).order_by("name", "pk"):
        choices[CONTEXT].append((str(context.pk), str(context)))
        if context.kind in PARTS:
            choices[context.kind].append((str(context.pk), context.name))
        codes.add(context.source_code)
    choices[SOURCE_CODE] = [(code, code) for code in sorted(codes - {""})]
    return choices


@dataclass(frozen=True)
class Way:
    """How leads that came through a context are listed: a filter of the lead list and its value."""

    name: str
    value: str

    @property
    def query(self) -> dict[str, str]:
        return {"status": "any", self.name: self.value}


def way_through(context: MarketingContext) -> Way:
    """By the medium, event or code that it is; by itself."""
    if context.kind in PARTS:
        return Way(context.kind, str(context.pk))
    if context.kind == MarketingContext.Kind.SOURCE_CODE:
        return Way(SOURCE_CODE, context.source_code)
    return Way(CONTEXT, str(context.pk))


def ways_meet(contexts: Iterable[MarketingContext]) -> Q:
    """All contexts that some of the ways through these would find."""
    found = Q(pk__in=[])
    for context in contexts:
        way = way_through(context)
        found |= Q(**{"pk" if way.name == CONTEXT else way.name: way.value})
    return found


class ContextFilter(django_filters.ChoiceFilter):
    """Leads by what they came through: any of NAMES."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(choices=(), label=LABELS[part], empty_label="Any")

    @property
    def field(self) -> Any:
        filterset, part = self.parent, self.part
        # A function, not a method of this: forms copy their fields, and all that these hold on to.
        self.extra["choices"] = lambda: offered_to(filterset)[part]
        return super().field

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        if not value:
            return qs
        return qs.filter(marketing_context__in=list(contexts_through(self.part, value).values_list("pk", flat=True)))


def offered_to(filterset: Any) -> dict[str, Choices]:
    """What the filters of one page offer: asked for once."""
    if not hasattr(filterset, "contexts_offered"):
        asked = [filterset.data.get(name, "") for name in (CONTEXT, *PARTS)] if filterset.data else []
        also = [int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 19]
        filterset.contexts_offered = offered(also)
    known: dict[str, Choices] = filterset.contexts_offered
    return known
