"""`leadcrm verify`: the promises of every room, checked against the rows."""

from __future__ import annotations

from typing import Protocol

from scoring.verify import verify as verify_scores


class Finding(Protocol):
    """Something that is not as promised."""

    def line(self) -> str:
        """One line for a person."""


def verify() -> list[Finding]:
    """All that is not as promised; empty when all is well. Writes nothing."""
    return [*verify_scores()]
