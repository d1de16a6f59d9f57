"""What brings people in by itself, a connector of ads or a mailbox, does not work, or works again: written down.

Who is told of it, and when, is in outages.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from forms_intake.models import Connector, Mailbox


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
