"""By which keys a submission's person could be known, and which of them are asked first."""

from __future__ import annotations

from collections.abc import Iterable

from contacts import match_keys
from contacts.match_keys import Kind
from forms_intake.processing.intents import Intent
from leadcrm.lib.claims import Key


def find_keys(intents: Iterable[Intent], kinds: list[Kind]) -> dict[int, str]:
    """Give every intent its match keys; reasons, by submission id, of those by which nobody could be known."""
    problems = {}
    for intent in intents:
        values = intent.values("contact")
        intent.keys = match_keys.keys_of(values, kinds)
        strategy = match_keys.kind_of(intent.form.contact_strategy.attributes)
        if not asked_keys(intent):
            needed = [_words(name) for name in strategy]
            others = "" if "e-mail" in needed else ", nor an e-mail"
            problems[intent.submission.pk] = (
                "It says nothing by which a contact could be known: "
                f"no {' and '.join(needed) or 'e-mail'} that can be read{others}."
            )
    return problems


def asked_keys(intent: Intent) -> list[tuple[Key, str]]:
    """The keys to ask, in order, each with what it means when somebody owns it."""
    kind = "+".join(match_keys.kind_of(intent.form.contact_strategy.attributes))
    asked = [(key, "Known by the form's matching strategy.") for key in intent.keys if key[0] == kind]
    asked += [
        (key, f"New by the form's matching strategy, but the {_words(key[0])} is known.")
        for key in intent.keys
        if key[0] in match_keys.IDENTITY_NAMES and key[0] != kind
    ]
    return asked


def _words(name: str) -> str:
    name = match_keys.attribute_of(name)
    return {"email": "e-mail", "external_id": "external id"}.get(name, name.replace("_", " "))
