"""What apps above tell of a contact on its timeline: leads, segments. The roof names them in TELLS_OF_CONTACTS; and in
TELLS_OF_INTERACTIONS who knows more of what is on it already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from contacts.models import Contact, Interaction, User
from contacts.timeline import Answer, Source

ALL, CHANGES = "all", "changes"
"""What every teller is asked for besides its own kinds: everything, and which fields of its records changed."""


class Teller(Protocol):
    """One app's part of the story of a contact."""

    def kinds(self, user: User) -> Sequence[tuple[str, str]]:
        """The kinds of entries that it has for this person, as (word in the URL, label)."""

    def sources(self, contact: Contact, show: str, user: User) -> list[Source]:
        """Where its entries of the kind `show` come from (none for a kind of others), as far as `user` may read them:
        a constant number of queries. `show` may be `ALL` or `CHANGES`.
        """


def tellers() -> list[Teller]:
    """All that tell of contacts."""
    return [import_string(name) for name in settings.TELLS_OF_CONTACTS]


def answers_in(interactions: Sequence[Interaction]) -> dict[int, tuple[Answer, ...]]:
    """What was answered in each of these interactions that no field of a record shows, by id: a constant number of
    queries.
    """
    found: dict[int, tuple[Answer, ...]] = {}
    for name in settings.TELLS_OF_INTERACTIONS:
        found |= import_string(name)(interactions)
    return found
