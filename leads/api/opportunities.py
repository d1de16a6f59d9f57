"""Opportunities: found and read, as far as whoever the token acts as may see them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Schema

from contacts.api.calls import user_of
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.following import ChangedSince, FollowedPageOf, changes_of
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, page_of, tagged
from leads.api.records import NEWEST, OLDEST
from leads.models import Opportunity
from leads.opportunities.stages import OpportunityStage, OpportunityStatus

routes = Routes(tags=["Opportunities"])


class OpportunityOut(Schema):
    """What may become a sale. `probability` and `forecast` are what a person said; without it its stage says so."""

    id: int
    topic: str
    status: str
    stage: str
    stage_entered_at: datetime
    value: Decimal | None
    probability: int | None
    forecast: str
    expected_close: date | None
    closed_on: date | None
    actual_revenue: Decimal | None
    lost_reason_id: int | None
    description: str
    lead_id: int | None
    contact_id: int | None
    account_id: int | None
    owner_id: int | None
    campaign_id: int | None
    product_id: int | None
    external_id: str
    custom: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class OpportunitiesAsked(Given):
    """Which opportunities. `updated_since` lists them in the order in which they changed."""

    status: OpportunityStatus | None = None
    stage: OpportunityStage | None = None
    owner_id: Id | None = None
    lead_id: Id | None = None
    contact_id: Id | None = None
    account_id: Id | None = None
    updated_since: ChangedSince = None
    oldest_first: bool = False
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads(
    "",
    "opportunities:read",
    FollowedPageOf[OpportunityOut],
    operation_id="listOpportunities",
    summary="List opportunities",
)
def list_opportunities(request: HttpRequest, asked: Query[OpportunitiesAsked]) -> Any:
    """Opportunities that the token may see, the newest first unless `oldest_first`."""
    rows = Opportunity.objects.visible_to(user_of(request))
    for name in ("status", "stage", "owner_id", "lead_id", "contact_id", "account_id"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    if asked.updated_since:
        return changes_of(rows, asked.updated_since, asked.cursor, asked.limit)
    return page_of(rows, OLDEST if asked.oldest_first else NEWEST, asked.cursor, asked.limit)


@routes.reads("/{id}", "opportunities:read", OpportunityOut, operation_id="getOpportunity", summary="One opportunity")
def get_opportunity(request: HttpRequest, response: HttpResponse, id: Id) -> Any:
    """An opportunity; its ETag is its version."""
    found = get_object_or_404(Opportunity.objects.visible_to(user_of(request)), pk=id)
    tagged(response, found.version)
    return found
