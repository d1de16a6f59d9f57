"""What qualifying refuses, by name."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class AlreadyQualified(DomainError):
    """Someone was first: `by` (a name, "" for nobody known), whose id is `by_id`. Nothing was made twice."""

    code = "already_qualified"

    def __init__(self, lead_id: int, by: str, by_id: int | None) -> None:
        who = f"{by} has qualified this lead already" if by else "This lead is qualified already"
        super().__init__(f"{who}; nothing was made twice.", lead_id=lead_id, by=by)
        self.lead_id, self.by, self.by_id = lead_id, by, by_id


class CannotUndo(DomainError):
    """Something was built on what qualifying made: `problems`, a sentence each. Nothing was taken back."""

    code = "cannot_undo"

    def __init__(self, lead_id: int, problems: list[str]) -> None:
        super().__init__(f"Qualifying cannot be undone. {' '.join(problems)}", lead_id=lead_id, problems=problems)
        self.lead_id, self.problems = lead_id, problems
