"""What one row of everything is made of, and what most rows belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import Account, Contact, Interaction, User
from leads.models import Lead


@dataclass(frozen=True)
class Given:
    """What all rows are made of: `words` wherever a column takes free text, cut to its length; `name` where it must
    differ from other rows'. `tag` tells one call from the next.
    """

    words: str
    tag: str
    now: datetime
    user: User

    @property
    def name(self) -> str:
        return f"{self.words[:80]} {self.tag}"

    @property
    def about_topic(self) -> dict[str, Any]:
        """A condition with the words in it."""
        return {"field": "topic", "op": "contains", "value": self.words[:200]}


@dataclass(frozen=True)
class Subjects:
    """What most other rows belong to."""

    account: Account
    contact: Contact
    lead: Lead
    interaction: Interaction
