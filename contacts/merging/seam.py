"""Rows of apps above that need more than a new contact when theirs is merged. The roof names them in
MOVES_WITH_CONTACTS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

Ids = Sequence[Any]
Moved = Mapping[str, Ids]
"""Primary keys of rows that were moved, by what pointed to the contact: "leads.Lead.contact"."""


class Mover(Protocol):
    """One app's rows that point to contacts."""

    models: Collection[str]
    """The labels of the models it answers for, as "leads.Lead"; whatever else points to a contact is moved as is."""
    moves: Collection[str]
    """Those of them whose rows go along; the others follow from what is known."""

    def move(self, *, source: int, target: int, only: Moved | None = None) -> Moved:
        """Within the transaction that merges, both contacts locked: give the rows of contact `source` to `target`,
        all of them or `only` these; what was moved. What cannot be moved, because `target` has such a row, stays.
        """


def movers() -> list[Mover]:
    """All of them, in the order of locks."""
    return [import_string(name) for name in settings.MOVES_WITH_CONTACTS]
