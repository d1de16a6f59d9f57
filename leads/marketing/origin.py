"""What a lead came through, and where that can be seen: its form or page, its medium, event and so on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from contacts.models import PARTS, MarketingContext, User
from leads.access import may_keep_lists
from leads.marketing.narrowing import LABELS, SOURCE_CODE, Way, way_through


@dataclass(frozen=True)
class Place:
    """Where the form or page that owns a context stands: how the link is called, and where it leads."""

    label: str
    url: str


@dataclass(frozen=True)
class Through:
    """One thing that a lead came through: what it is, its name, and all leads that did."""

    label: str
    name: str
    url: str


@dataclass(frozen=True)
class Origin:
    """The first touch of a lead. `url` lists all leads of it; `edit_url` is "" for who does not keep contexts."""

    context: MarketingContext
    url: str
    through: list[Through]
    places: list[Place]
    edit_url: str


def list_url(way: Way) -> str:
    """The leads that came this way, whatever became of them."""
    return f"{reverse('leads:list')}?{urlencode(way.query)}"


def places_of(context_ids: Collection[int], user: User) -> dict[int, list[Place]]:
    """Where what owns these contexts can be seen by this person. What apps above own, they tell: the roof names them
    in PLACES_OF_CONTEXTS.
    """
    found: dict[int, list[Place]] = {}
    for name in settings.PLACES_OF_CONTEXTS:
        for context_id, place in import_string(name)(context_ids, user):
            found.setdefault(context_id, []).append(place)
    return found


def origin_of(context_id: int | None, user: User) -> Origin | None:
    """What a lead with this context came through: one query, and those of `places_of`."""
    known = MarketingContext.objects.select_related("campaign", *PARTS)
    context = known.filter(pk=context_id).first() if context_id else None
    if context is None:
        return None
    through = [
        Through(LABELS[name], part.name, list_url(Way(name, str(part.pk))))
        for name in PARTS
        if (part := getattr(context, name)) is not None and part.pk != context.pk
    ]
    if context.source_code:
        through.append(
            Through(LABELS[SOURCE_CODE], context.source_code, list_url(Way(SOURCE_CODE, context.source_code)))
        )
    edit_url = reverse("leads:context", args=[context.pk]) if may_keep_lists(user) else ""
    places = places_of([context.pk], user).get(context.pk, [])
    return Origin(context, list_url(way_through(context)), through, places, edit_url)
