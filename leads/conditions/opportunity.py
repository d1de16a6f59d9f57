"""What may be asked of an opportunity itself, and of the lead it began with."""

from __future__ import annotations

from django.db.models import F

from contacts.models import Campaign, Product, Team, Territory, User
from leads.conditions.fields import CHOICE, DAY, MOMENT, NUMBER, REFERENCE, TEXT, RowChoices, day_of, fixed
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Choices, Field
from leads.models import Competitor, LeadSource, LostReason
from leads.opportunities.stages import OpportunityStage, OpportunityStatus

OWN, ORIGIN = "Opportunity", "Originating lead"


def _own(name: str, label: str, type: FieldType, choices: Choices | None = None, column: str = "") -> Field:
    return Field(name, label, type, F(column or name), OWN, choices)


OPPORTUNITY_FIELDS = (
    _own("topic", "topic", TEXT),
    _own("description", "description", TEXT),
    _own("stage", "stage", CHOICE, fixed(OpportunityStage.choices)),
    _own("stage_entered_at", "entry into its stage", MOMENT),
    _own("status", "status", CHOICE, fixed(OpportunityStatus.choices)),
    _own("value", "value", NUMBER),
    _own("probability", "probability said by hand", NUMBER),
    Field("expected_close", "expected close", DAY, day_of("expected_close"), OWN),
    Field("closed_on", "day of closing", DAY, day_of("closed_on"), OWN),
    _own("actual_revenue", "actual revenue", NUMBER),
    _own("lost_reason", "reason of being lost", REFERENCE, RowChoices(LostReason), "lost_reason_id"),
    _own("competitor", "competitor", REFERENCE, RowChoices(Competitor), "competitor_id"),
    _own("product", "product", REFERENCE, RowChoices(Product), "product_id"),
    _own("campaign", "campaign", REFERENCE, RowChoices(Campaign), "campaign_id"),
    _own("owner", "owner", REFERENCE, RowChoices(User, ("first_name", "last_name", "username")), "owner_id"),
    _own("external_id", "external id", TEXT),
    _own("created_at", "creation date", MOMENT),
    Field("lead.source", "originating lead's source", REFERENCE, F("lead__source_id"), ORIGIN, RowChoices(LeadSource)),
    Field("lead.team", "originating lead's team", REFERENCE, F("lead__team_id"), ORIGIN, RowChoices(Team)),
    Field(
        "lead.territory",
        "originating lead's territory",
        REFERENCE,
        F("lead__territory_id"),
        ORIGIN,
        RowChoices(Territory),
    ),
)
