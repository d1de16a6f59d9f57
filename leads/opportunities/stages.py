"""The four stages of an opportunity, how it may end, and what a forecast makes of it; nothing else."""

from __future__ import annotations

from django.db import models


class OpportunityStage(models.TextChoices):
    QUALIFY = "qualify", "Qualify"
    DEVELOP = "develop", "Develop"
    PROPOSE = "propose", "Propose"
    CLOSE = "close", "Close"


PIPELINE: tuple[OpportunityStage, ...] = tuple(OpportunityStage)
"""The stages in their order."""


class OpportunityStatus(models.TextChoices):
    OPEN = "open", "Open"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class Forecast(models.TextChoices):
    """How sure an open opportunity is: as its stage says, or a person by hand."""

    PIPELINE = "pipeline", "Pipeline"
    BEST_CASE = "best_case", "Best case"
    COMMITTED = "committed", "Committed"
    OMITTED = "omitted", "Omitted"


REQUIRABLE: dict[str, str] = {
    "value": "Value",
    "expected_close": "Expected close",
    "contact": "Contact",
    "account": "Account",
    "product": "Product",
    "competitor": "Competitor",
    "owner": "Owner",
    "description": "Description",
}
"""What a stage may ask for before an opportunity enters it, and what it is called."""


def is_onward(source: str, target: str) -> bool:
    """Whether going from `source` to `target` is progress."""
    return PIPELINE.index(OpportunityStage(target)) > PIPELINE.index(OpportunityStage(source))


def next_stage(stage: str) -> OpportunityStage | None:
    """The stage that comes after `stage`; None after the last."""
    place = PIPELINE.index(OpportunityStage(stage)) + 1
    return PIPELINE[place] if place < len(PIPELINE) else None
