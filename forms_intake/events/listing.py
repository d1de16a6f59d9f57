"""Who is registered for an event: filters, search, and a page of them; constant queries, all sorts indexed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from forms_intake.models import Event, EventRegistration, RegistrationState
from leadcrm.lib.lists import capitals
from leadcrm.lib.paging import ID, Column, Sort

NEWEST = Sort("newest", "Newest", (Column("registered_at", datetime), ID), descending=True)
OLDEST = Sort("oldest", "Oldest", (Column("registered_at", datetime), ID))
SORTS = (NEWEST, OLDEST)
CAME, MISSING = "came", "missing"
SHOWN = (
    ("registered", "Registered"),
    ("waiting", "Waiting list"),
    ("invited", "Invited"),
    ("full", "No place left"),
    ("cancelled", "Cancelled"),
    (CAME, "Came"),
    (MISSING, "Registered, not there"),
)
LONGEST = 100


@dataclass(frozen=True)
class Asked:
    """What a list of registrations is narrowed by: `show` (a state, or whether they came), words, a session, and one
    more that they are in too.
    """

    show: str = ""
    words: str = ""
    session_id: int = 0
    also_id: int = 0

    @property
    def query(self) -> str:
        """The same as part of an address; "" for everybody."""
        said = {"show": self.show, "q": self.words, "session": self.session_id or "", "also": self.also_id or ""}
        return urlencode({name: value for name, value in said.items() if value})


def asked_of(query: QueryDict) -> Asked:
    """What an address asks for; what cannot be read is left out."""
    show = query.get("show", "")
    return Asked(
        show=show if show in dict(SHOWN) else "",
        words=query.get("q", "").replace("\x00", "").strip()[:LONGEST],
        session_id=_number(query.get("session", "")),
        also_id=_number(query.get("also", "")),
    )


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else 0


def narrowed(event: Event, asked: Asked) -> QuerySet[EventRegistration]:
    """The registrations of an event that are asked for."""
    rows = EventRegistration.objects.filter(event=event)
    if asked.show == CAME:
        rows = rows.filter(state=RegistrationState.REGISTERED, checked_in_at__isnull=False)
    elif asked.show == MISSING:
        rows = rows.filter(state=RegistrationState.REGISTERED, checked_in_at=None)
    elif asked.show:
        rows = rows.filter(state=asked.show)
    for session_id in filter(None, (asked.session_id, asked.also_id)):
        rows = rows.filter(
            pk__in=EventRegistration.objects.filter(
                places__session=session_id, places__state=RegistrationState.REGISTERED
            ).values("pk")
        )
    return found_by(rows, asked.words)


def found_by(rows: QuerySet[EventRegistration], words: str) -> QuerySet[EventRegistration]:
    """Those whose name, e-mail or company holds every word."""
    for word in words.split()[:5]:
        term: Any = capitals(word)
        rows = rows.filter(Q(contact__search_text__contains=term) | Q(contact__account__name__icontains=word))
    return rows
