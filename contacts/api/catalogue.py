"""What other systems look up to name it: products, campaigns, marketing contexts, people, custom fields."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Schema

from contacts.api.people import BY_ID
from contacts.models import Campaign, CustomField, Entity, MarketingContext, Product, User
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.shapes import CursorWords, Given, Limit, PageOf, page_of

routes = Routes(tags=["Lookups"])
MOST_FIELDS = 500


class ProductOut(Schema):
    id: int
    name: str
    code: str
    active: bool


class CampaignOut(Schema):
    id: int
    name: str
    code: str
    starts_on: date | None
    ends_on: date | None
    active: bool


class ContextOut(Schema):
    """Where leads come from: the form, page, event, import or the like behind them."""

    id: int
    kind: str
    name: str
    campaign_id: int | None
    product_id: int | None


class PersonOut(Schema):
    """Somebody who works here."""

    id: int
    username: str
    name: str
    role: str

    @staticmethod
    def resolve_name(one: User) -> str:
        return str(one)


class FieldOut(Schema):
    """A field of the workspace's own: `key` is its name in `custom`."""

    entity: str
    key: str
    label: str
    type: str
    choices: list[str]
    required: bool


class Asked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


class FieldsAsked(Given):
    entity: Entity | None = None


@routes.reads("/products", "", PageOf[ProductOut], operation_id="listProducts", summary="Products")
def list_products(request: HttpRequest, asked: Query[Asked]) -> Any:
    """What leads are interested in."""
    return page_of(Product.objects.all(), BY_ID, asked.cursor, asked.limit)


@routes.reads("/campaigns", "", PageOf[CampaignOut], operation_id="listCampaigns", summary="Campaigns")
def list_campaigns(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Marketing efforts that leads come from."""
    return page_of(Campaign.objects.all(), BY_ID, asked.cursor, asked.limit)


@routes.reads(
    "/marketing-contexts", "", PageOf[ContextOut], operation_id="listMarketingContexts", summary="Marketing contexts"
)
def list_contexts(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Where a lead can come from; name one when you make a lead, so that its next interest is found again."""
    return page_of(MarketingContext.objects.all(), BY_ID, asked.cursor, asked.limit)


@routes.reads("/users", "", PageOf[PersonOut], operation_id="listUsers", summary="People who work here")
def list_users(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Who can own records."""
    return page_of(User.objects.filter(is_active=True), BY_ID, asked.cursor, asked.limit)


@routes.reads("/custom-fields", "", list[FieldOut], operation_id="listCustomFields", summary="Custom fields")
def list_fields(request: HttpRequest, asked: Query[FieldsAsked]) -> Any:
    """The workspace's own fields, as `custom` of contacts, accounts and leads holds them."""
    rows = CustomField.objects.filter(archived=False).order_by("entity", "position", "pk")
    return list((rows.filter(entity=asked.entity) if asked.entity else rows)[:MOST_FIELDS])
