"""Why a rehearsal cannot begin, or its points cannot be taken over."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class ExtraMissing(DomainError):
    """Suggesting points needs an optional extra. `command` installs it."""

    code = "extra_missing"
    status = 501

    def __init__(self, command: str) -> None:
        super().__init__(f"Suggested points need an optional part of LeadCRM. Install it with: {command}", how=command)
        self.command = command


class NothingToCancel(DomainError):
    """The rehearsal has ended already."""

    code = "nothing_to_cancel"

    def __init__(self) -> None:
        super().__init__("This rehearsal has ended already.")


class DraftChanged(DomainError):
    """Rules were edited or removed since the rehearsal that suggested the points. `rules` names them."""

    code = "draft_changed"

    def __init__(self, rules: list[str]) -> None:
        super().__init__(
            f"Meanwhile somebody edited: {', '.join(rules)}. Nothing was taken over; what you typed is kept.",
            rules=rules,
        )
        self.rules = rules
