"""The base of every named cause. Domain code raises these; `middleware.DomainErrors` turns them into answers."""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal with a name, words for a person, and data for a program.

    Subclasses set `code` (stable, for machines), `status` (the HTTP answer it becomes) and pass `message`.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = data
