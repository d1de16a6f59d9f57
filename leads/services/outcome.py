"""What came of something done to many leads."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadcrm.lib.errors import DomainError


@dataclass
class Outcome:
    """`done` are the ids of those it was done to, in order; `refused` says of the others why not, by id."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, DomainError] = field(default_factory=dict)
