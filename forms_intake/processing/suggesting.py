"""Whom new contacts may be, where their form's matching strategy has likeness in it: said in the decision and put into
the queue of duplicates."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.likeness.suggested import keep_suggested, suggested
from contacts.models import ContactMatchingStrategy
from forms_intake.processing.intents import Intent


def suggest(intents: Sequence[Intent]) -> None:
    """Keep, for each new contact, who else it may be. A query for each such strategy, and none without."""
    asking: dict[int, list[Intent]] = {}
    for intent in intents:
        if intent.contact_is_new and intent.form.contact_strategy.suggests:
            asking.setdefault(intent.form.contact_strategy.suggests, []).append(intent)
    strategies = ContactMatchingStrategy.objects.in_bulk(list(asking)) if asking else {}
    pairs: list[tuple[int, int]] = []
    for pk, strategy in strategies.items():
        found = suggested(strategy, [intent.values("contact") for intent in asking[pk]])
        for intent, others in zip(asking[pk], found, strict=True):
            others = [other for other in others if other != intent.contact_id]
            if others:
                intent.decision["contact"]["suggested"] = others
                intent.decision["contact"]["reason"] += " Others are alike; that decides nothing."
                pairs += [(intent.contact_id, other) for other in others]
    if pairs:
        keep_suggested(pairs)
