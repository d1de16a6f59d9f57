"""Which forms go by a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from contacts.models import ContactMatchingStrategy, MatchingStrategy
from contacts.services.strategies import users_by_strategy
from forms_intake.models import IntakeForm


def forms_using(model: type[MatchingStrategy], ids: Sequence[int]) -> dict[int, list[Any]]:
    """The forms that name each of these strategies: their drafts, or what visitors see of them. Two queries."""
    found = users_by_strategy(model, ids)
    name = "contact_strategy_id" if model is ContactMatchingStrategy else "lead_strategy_id"
    named = KeyTextTransform(name, KeyTransform("settings", F("version__definition")))
    live = IntakeForm.objects.annotate(live_strategy=named).filter(live_strategy__in=[str(pk) for pk in ids])
    for form in live.order_by("pk"):
        using = found.setdefault(int(form.live_strategy), [])
        if form not in using:
            using.append(form)
    return found
