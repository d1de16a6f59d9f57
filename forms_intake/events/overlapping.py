"""Nobody is in two sessions at once: what is said of those that overlap, at the door and to who works here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from django.utils.translation import gettext, gettext_noop

from forms_intake.models import EventSession
from forms_intake.spec.shape import FormSpec
from forms_intake.targets import SESSIONS
from leadcrm.lib.errors import DomainError

Pair = tuple[EventSession, EventSession]
PROBLEM = gettext_noop("“%(one)s” and “%(other)s” overlap: please choose one of them.")


class SessionsOverlap(DomainError):
    """Two sessions that were chosen for one person go on at the same time."""

    code = "sessions_overlap"
    status = 422

    def __init__(self, one: EventSession, other: EventSession) -> None:
        super().__init__(PROBLEM % _names(one, other))
        self.names = _names(one, other)

    @property
    def spoken(self) -> str:
        """The message in the language that is spoken."""
        return gettext(PROBLEM) % self.names


def overlap(one: EventSession, other: EventSession) -> bool:
    """Whether both go on at some moment; one that begins when the other ends does not."""
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def in_order(sessions: Iterable[EventSession]) -> list[EventSession]:
    return sorted(sessions, key=lambda one: (one.starts_at, one.pk))


def first_overlap(sessions: Iterable[EventSession]) -> Pair | None:
    """The first two of these that overlap, the earlier one first."""
    return next((pair for pair in combinations(in_order(sessions), 2) if overlap(*pair)), None)


def refuse_overlap(form: FormSpec, values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the sessions that a post to `form` chooses, by the key of their field, in the language that is
    spoken. One query, and none for fewer than two.
    """
    asking = next((one for one in form.fields if one.target == SESSIONS), None)
    names = values.get(asking.key) if asking else None
    if asking is None or form.event_id is None or not isinstance(names, list) or len(names) < 2:
        return {}
    found = first_overlap(EventSession.objects.filter(event=form.event_id, name__in=names))
    return {asking.key: [gettext(PROBLEM) % _names(*found)]} if found else {}


def _names(one: EventSession, other: EventSession) -> dict[str, str]:
    return {"one": one.name, "other": other.name}
