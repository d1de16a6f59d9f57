"""What brings people in by itself, a connector of ads or a mailbox, does not work, or works again: written down.

Who is told of it, and when, is in outages.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from forms_intake.models import Connector, FailsTo, Mailbox


def fails(one: Connector | Mailbox, words: str, **more: Any) -> None:
    """It does not work, and why; the first time since it last worked is when its outage began. `more`: columns."""
    now = timezone.now()
    began = Coalesce("failing_since", Value(now, output_field=DateTimeField()))
    rows = type(one)._default_manager.filter(pk=one.pk)
    rows.update(last_error=words[:300], last_error_at=now, failing_since=began, **more)


def works(one: Connector | Mailbox, **more: Any) -> None:
    """It works, so that an outage is over. `more`: columns."""
    rows = type(one)._default_manager.filter(pk=one.pk)
    rows.update(last_error="", last_error_at=None, failing_since=None, **more)


def cannot(connector: Connector, what: FailsTo, words: str) -> None:
    """One of the things a connector does fails. Its outage stays that of what failed first: once that works while the
    other still fails, the next failure begins another.
    """
    first = Case(When(failing_since=None, then=Value(str(what))), default=F("fails_to"))
    fails(connector, words, fails_to=first)


def can(connector: Connector, what: FailsTo) -> None:
    """One of the things a connector does works, which ends no outage of the other: a token may be allowed the one and
    not the other, and leads that a webhook tells of are fetched where what it missed cannot be listed.
    """
    mine = Q(failing_since=None) | Q(fails_to__in=["", what])
    Connector.objects.filter(mine, pk=connector.pk).update(last_error="", last_error_at=None, failing_since=None)
