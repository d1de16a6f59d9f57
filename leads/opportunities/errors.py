"""What opportunities refuse, by name."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError
from leads.opportunities.stages import OpportunityStage


class OpportunityMoveRefused(DomainError):
    """A person asked for a move that cannot be. Nothing moved."""

    code = "opportunity_move_refused"

    def __init__(self, opportunity_id: int, target: str, reason: str) -> None:
        label = OpportunityStage(target).label
        super().__init__(
            f"This opportunity cannot move to {label}: {reason}.",
            opportunity_id=opportunity_id,
            target=str(target),
            reason=reason,
        )
        self.opportunity_id, self.target, self.reason = opportunity_id, target, reason


class RequirementsMissing(OpportunityMoveRefused):
    """The stage asks for `fields` (pairs of name and label) first, which are empty."""

    code = "requirements_missing"

    def __init__(self, opportunity_id: int, target: str, fields: list[tuple[str, str]]) -> None:
        labels = ", ".join(label for _, label in fields)
        super().__init__(opportunity_id, target, f"{labels} must be known first")
        self.data |= {"fields": [name for name, _ in fields]}
        self.fields = fields


class OpportunityIsClosed(DomainError):
    """Someone closed it, `how` (won or lost) and `by` whom: the opportunity must be open for this."""

    code = "opportunity_is_closed"

    def __init__(self, opportunity_id: int, how: str, by: str = "") -> None:
        who = f"{by} has closed this opportunity as {how}" if by else f"This opportunity is {how}"
        super().__init__(f"{who}. Reopen it first.", opportunity_id=opportunity_id, how=how, by=by)
        self.opportunity_id, self.how, self.by = opportunity_id, how, by


class OpportunityIsOpen(DomainError):
    """Only a closed opportunity can be reopened."""

    code = "opportunity_is_open"

    def __init__(self, opportunity_id: int) -> None:
        super().__init__("This opportunity is open already.", opportunity_id=opportunity_id)
        self.opportunity_id = opportunity_id


class HasOpenOpportunity(DomainError):
    """A lead is not disqualified while something may still come of it: `opportunity_id`, called `topic`."""

    code = "has_open_opportunity"

    def __init__(self, lead_id: int, opportunity_id: int, topic: str) -> None:
        super().__init__(
            f"An opportunity of this lead is open: {topic} (#{opportunity_id}). Close it first, or qualify the lead.",
            lead_id=lead_id,
            opportunity_id=opportunity_id,
            topic=topic,
        )
        self.lead_id, self.opportunity_id, self.topic = lead_id, opportunity_id, topic
