"""What merging refuses, by name."""

from __future__ import annotations

from typing import Any

from leadcrm.lib.errors import DomainError


class CannotMerge(DomainError):
    """Two contacts cannot become one as things stand. `into_id`: whom one of them was merged into meanwhile."""

    code = "cannot_merge"

    def __init__(self, message: str, *, into_id: int | None = None, **data: Any) -> None:
        super().__init__(message, into_id=into_id, **data)
        self.into_id = into_id


class CannotUndoMerge(DomainError):
    """A merge cannot be undone (any more, or before something else is)."""

    code = "cannot_undo_merge"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This merge cannot be undone: {reason}.")
