"""What became of a lead, as models are judged by it: one definition for every figure, list and rehearsal.

Disqualified is lost. Qualified is won, unless opportunities came of it: then it is won with the first of them that is
won, lost when all of them are lost, and until then nobody knows. Anything else is open. Accepted is no outcome: sales
has begun to talk to the lead, and a lead that was disqualified after that was lost all the same.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from leads.models import Opportunity, Status
from leads.opportunities.stages import OpportunityStatus


class Outcome(models.TextChoices):
    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


CLOSED = (Status.QUALIFIED, Status.DISQUALIFIED)
"""The statuses of leads whose outcome may be known: `outcome_of` says it."""


def outcome_of(lead: str = "") -> Case:
    """What became of the lead that the path `lead` leads to ("" for the row itself), in an expression over rows."""
    path = f"{lead}__" if lead else ""
    came = Opportunity.objects.alive().filter(lead=OuterRef(f"{lead}_id" if lead else "pk"))
    qualified = Q(**{f"{path}status": Status.QUALIFIED})
    return Case(
        When(Q(**{f"{path}status": Status.DISQUALIFIED}), then=Value(Outcome.LOST.value)),
        When(qualified & Exists(came.filter(status=OpportunityStatus.WON)), then=Value(Outcome.WON.value)),
        When(qualified & Exists(came.filter(status=OpportunityStatus.OPEN)), then=Value(Outcome.OPEN.value)),
        When(qualified & Exists(came), then=Value(Outcome.LOST.value)),
        When(qualified, then=Value(Outcome.WON.value)),
        default=Value(Outcome.OPEN.value),
        output_field=models.CharField(),
    )
