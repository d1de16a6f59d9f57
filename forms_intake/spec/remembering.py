"""Definitions of forms, kept in the process for a moment: posts find them without asking the database."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from django.conf import settings

from forms_intake.models import IntakeForm
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec

MOST_REMEMBERED = 1000
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")

_remembered: dict[str, tuple[float, FormSpec]] = {}


def spec_of(public_id: str) -> FormSpec | None:
    """The form with this public id, at most `FORM_DEFINITION_SECONDS` old; None when there is none."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    now = time.monotonic()
    known = _remembered.get(public_id)
    if known and known[0] > now:
        return known[1]
    form = IntakeForm.objects.filter(public_id=public_id).only("pk").first()
    if form is None:
        _remembered.pop(public_id, None)
        return None
    spec = specs_of([form.pk]).get(form.pk)
    if spec and settings.FORM_DEFINITION_SECONDS:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[public_id] = (now + settings.FORM_DEFINITION_SECONDS, spec)
    return spec


_also: list[Callable[[], None]] = []


def also_forget(forget: Callable[[], None]) -> None:
    """Have `forget` called whenever definitions are to be looked at again: pages are remembered like forms."""
    _also.append(forget)


def forget_specs() -> None:
    """Look at the definitions again next time."""
    _remembered.clear()
    for forget in _also:
        forget()
