"""SQL put together from pieces, each with its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Sql:
    """A piece of SQL and its parameters, in order."""

    text: str
    params: list[Any]

    def __add__(self, other: Sql) -> Sql:
        return Sql(self.text + other.text, self.params + other.params)


def joined(pieces: list[Sql], by: str) -> Sql:
    return Sql(by.join(piece.text for piece in pieces), [value for piece in pieces for value in piece.params])
