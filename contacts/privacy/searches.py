"""Whom somebody searched for: in lists that were exported or changed in bulk, and in views that were saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from contacts.models import SavedView
from contacts.privacy.holding import Person

ERASED = "erased"


def forget_searched(rows: QuerySet, person: Person) -> int:
    """Of rows whose `query` is the address of a list, those that name this person: who took which list stays on
    record, for whom not. How many.
    """
    named = _naming("query", (*person.emails, *person.names))
    return rows.filter(named).update(query=f"q={ERASED}") if named else 0


def forget_viewed(person: Person) -> int:
    """Saved views that look for one of their addresses look for nobody from now on; how many. A view is somebody's
    work and of one name there are many, so names stay.
    """
    named = _naming("text", person.emails) | _naming("name", person.emails)
    if not named:
        return 0
    found = SavedView.objects.alias(text=Cast("query", TextField())).filter(named).order_by("pk")
    views = list(found.select_for_update(no_key=True, of=("self",)))
    address = re.compile("|".join(re.escape(email) for email in person.emails), re.IGNORECASE)
    for view in views:
        # Whoever edits it just now is told that it changed.
        SavedView.objects.filter(pk=view.pk).update(
            name=address.sub(ERASED, view.name),
            query=_without(view.query, address),
            version=F("version") + 1,
            updated_at=timezone.now(),
        )
    return len(views)


def _without(query: Mapping[str, Any], address: re.Pattern[str]) -> dict[str, Any]:
    return {name: [address.sub(ERASED, str(value)) for value in values] for name, values in query.items()}


def _naming(column: str, words: Iterable[str]) -> Q:
    """Where these stand in a column, however an address writes them."""
    named = Q()
    for said in words:
        for form in {said, said.replace("@", "%40"), said.replace(" ", "+"), said.replace(" ", "%20")}:
            named |= Q(**{f"{column}__icontains": form})
    return named
