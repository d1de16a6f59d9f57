"""What a form field may fill: nothing else of a contact, account or lead can be reached by a post.

Owner, stage, score, status and the like are not here, and so cannot be set, however a form is configured.
"""

from __future__ import annotations

from dataclasses import dataclass

CUSTOM = "custom"
TEXT_CHARACTERS = 10_000

LONGEST: dict[str, int] = {
    "contact.first_name": 100,
    "contact.last_name": 100,
    "contact.email": 254,
    "contact.phone": 60,
    "contact.job_title": 150,
    "contact.role": 20,
    "contact.country": 100,
    "contact.city": 100,
    "contact.external_id": 200,
    "account.name": 200,
    "account.domain": 253,
    "account.industry": 100,
    "account.phone": 60,
    "account.country": 100,
    "account.city": 100,
    "account.employees": 9,
    "lead.topic": 200,
    "lead.description": TEXT_CHARACTERS,
    "lead.product": 200,
    "event.sessions": TEXT_CHARACTERS,
}
"""Each attribute that can be filled, with the number of characters its column holds."""

STRICT = frozenset({"contact.email", "contact.role", "account.domain", "account.employees", "lead.product"})
"""Attributes that do not take every text."""


@dataclass(frozen=True)
class Target:
    """One attribute: of which record, and whether it is a custom field (then `name` is its key)."""

    record: str
    name: str
    custom: bool = False

    @property
    def longest(self) -> int:
        return TEXT_CHARACTERS if self.custom else LONGEST[f"{self.record}.{self.name}"]

    @property
    def of_contact(self) -> bool:
        return self.record == "contact" and not self.custom

    @property
    def is_strict(self) -> bool:
        return not self.custom and f"{self.record}.{self.name}" in STRICT


PRODUCT = Target("lead", "product")
"""The product that a lead is about, by its name: visitors choose among those that are sold. It is said of the interest
itself, so that matching and scores go by it, and of a lead that is there already it changes nothing."""
SESSIONS = Target("event", "sessions")
"""The sessions of the event that a form registers people for; kept on the registration."""


def target_of(fills: str) -> Target | None:
    """The target named by "contact.email" or "lead.custom.budget"; None for anything that may not be filled."""
    if fills in LONGEST:
        record, name = fills.split(".")
        return Target(record, name)
    record, _, rest = fills.partition(".")
    kind, _, key = rest.partition(".")
    if record in ("contact", "account", "lead") and kind == CUSTOM and key:
        return Target(record, key, custom=True)
    return None
