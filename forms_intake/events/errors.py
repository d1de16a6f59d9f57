"""What can be wrong with events and registrations, by name."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class EventGone(DomainError):
    code = "event_gone"
    status = 404

    def __init__(self, event_id: int) -> None:
        super().__init__("There is no such event any more.", id=event_id)


class NotNow(DomainError):
    """An event or registration is not in the state that something needs; the message says in which it is."""

    code = "not_now"


class SessionTaken(DomainError):
    """A session in which people have places cannot be removed."""

    code = "session_taken"

    def __init__(self, name: str, people: int) -> None:
        who = "One person has" if people == 1 else f"{people:,} people have"
        super().__init__(f"“{name}” stays: {who} a place in it, or wait for one.", people=people)
