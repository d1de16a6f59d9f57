"""What became of a lead, as models are judged by it: one definition for every figure, list and rehearsal.

Qualified is won, disqualified is lost, anything else is open. Accepted is no outcome: sales has begun to talk to the
lead, and a lead that was disqualified after that was lost all the same.
"""

from __future__ import annotations

from django.db import models

from leads.models import Status


class Outcome(models.TextChoices):
    OPEN = "open", "Open"
    WON = "won", "Qualified"
    LOST = "lost", "Disqualified"

    @property
    def status(self) -> Status:
        """The status of the leads that have this outcome."""
        return STATUS[self]


STATUS = {Outcome.OPEN: Status.OPEN, Outcome.WON: Status.QUALIFIED, Outcome.LOST: Status.DISQUALIFIED}
KNOWN = tuple(outcome.status for outcome in (Outcome.WON, Outcome.LOST))
"""The statuses of leads whose outcome is known."""


def is_won(status: str) -> bool:
    """Whether a closed lead of this status was won."""
    return status == Outcome.WON.status
