"""Why a segment cannot be what was asked of it."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class SegmentNotReady(DomainError):
    """The segment has faults. `problems` lists (part of the segment, what is wrong with it)."""

    code = "segment_not_ready"
    status = 422

    def __init__(self, segment: str, problems: list[tuple[str, str]]) -> None:
        listed = "; ".join(f"{where}: {what}" for where, what in problems)
        super().__init__(f"{segment} cannot go live. {listed}", problems=problems)
        self.problems = problems


class SegmentInUse(DomainError):
    """Others are made of this segment. `users` are their names."""

    code = "segment_in_use"

    def __init__(self, segment: str, users: list[str]) -> None:
        super().__init__(f"{segment} is used by {', '.join(users)}.", users=users)
        self.users = users


class NameTaken(DomainError):
    """A segment cannot come back while another has its name."""

    code = "segment_name_taken"

    def __init__(self, segment: str) -> None:
        super().__init__(f"There is another segment called {segment} by now. Rename that one first.", name=segment)


class SegmentNotLive(DomainError):
    """Only a live segment can be stopped or refreshed."""

    code = "segment_not_live"

    def __init__(self, segment: str) -> None:
        super().__init__(f"{segment} is not live.")


class NotKeptByHand(DomainError):
    """Members of a segment that is made by conditions cannot be added or removed by hand."""

    code = "not_kept_by_hand"

    def __init__(self, segment: str) -> None:
        super().__init__(f"The members of {segment} follow from its conditions; only a list is kept by hand.")


class SegmentChangedMeanwhile(DomainError):
    """Someone saved the segment after this person had opened it. Nothing was saved."""

    code = "changed_meanwhile"

    def __init__(self, segment: str, *, seen: int, current: int) -> None:
        super().__init__("Someone else changed this segment while you were editing it.", seen=seen, current=current)
        self.seen, self.current = seen, current
