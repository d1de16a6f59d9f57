"""Interactions: a contact's, and those that other systems deliver in batches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from django.http import HttpRequest
from ninja import Field, Query, Schema
from pydantic import model_validator

from contacts.api.calls import by_of, must_write, user_of
from contacts.api.people import readable
from contacts.models import Interaction, InteractionType
from contacts.services.arriving import Delivered, take_delivered
from leadcrm.lib.api.calling import Routes, caller_of
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, Moment, PageOf, page_of
from leadcrm.lib.paging import ID, Column, Sort

routes = Routes(tags=["Interactions"])

NEWEST = Sort("newest", "Newest", (Column("occurred_at", datetime), ID), descending=True)
MOST = 500
OURS = "api:"
"""Keys of other systems do not meet those of imports and forms."""


class InteractionOut(Schema):
    """A dated fact about a contact. It never changes."""

    id: int
    contact_id: int
    type: str
    subject: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    marketing_context_id: int | None
    campaign_id: int | None
    product_id: int | None
    payload: dict[str, Any]
    robot: bool


class InteractionIn(Given):
    """One interaction: of whom (one of contact_id, email, external_id), what, when (now unless said).

    `dedupe_key` names it: delivered again with the same key, it counts once.
    """

    nullable: ClassVar[frozenset[str]] = frozenset({"occurred_at"})

    contact_id: Id | None = None
    email: Annotated[str, Field(max_length=254)] = ""
    external_id: Annotated[str, Field(max_length=200)] = ""
    type: InteractionType
    subject: Annotated[str, Field(max_length=300)] = ""
    occurred_at: Moment | None = None
    marketing_context_id: Id | None = None
    payload: dict[str, Any] = {}
    dedupe_key: Annotated[str, Field(max_length=190)] = ""
    user_agent: Annotated[str, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _of_somebody(self) -> InteractionIn:
        if sum(map(bool, (self.contact_id, self.email, self.external_id))) != 1:
            raise ValueError("say whose it is by one of contact_id, email and external_id")
        return self


class Batch(Given):
    """Up to 500 interactions."""

    items: Annotated[list[InteractionIn], Field(min_length=1, max_length=MOST)]


class TakenOut(Schema):
    """What became of one item of the batch, in its order. `refused` says which field was why."""

    status: Literal["created", "repeated", "refused"]
    interaction_id: int | None = None
    field: str = ""
    message: str = ""


class BatchOut(Schema):
    created: int
    repeated: int
    refused: int
    items: list[TakenOut]


class InteractionsAsked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads(
    "/contacts/{id}/interactions",
    "interactions:read",
    PageOf[InteractionOut],
    operation_id="listInteractions",
    summary="A contact's interactions",
)
def list_interactions(request: HttpRequest, id: Id, asked: Query[InteractionsAsked]) -> Any:
    """What a contact did, the latest first."""
    contact = readable(user_of(request), id)
    return page_of(Interaction.objects.filter(contact=contact), NEWEST, asked.cursor, asked.limit)


@routes.does(
    "/interactions", "interactions:write", BatchOut, operation_id="addInteractions", summary="Deliver interactions"
)
def add_interactions(request: HttpRequest, body: Batch) -> Any:
    """Deliver a batch. What can be taken is taken, the rest is refused item by item; scores follow within seconds."""
    must_write(request)
    items = [_delivered(one) for one in body.items]
    taken = take_delivered(items, source=caller_of(request).source, by=by_of(request), seen_by=user_of(request))
    told = [
        {
            "status": "refused" if one.why else "repeated" if one.repeated else "created",
            "interaction_id": one.interaction_id,
            "field": one.field,
            "message": one.why,
        }
        for one in taken
    ]
    counts = {word: sum(one["status"] == word for one in told) for word in ("created", "repeated", "refused")}
    return {**counts, "items": told}


def _delivered(one: InteractionIn) -> Delivered:
    values = one.model_dump()
    if values["dedupe_key"]:
        values["dedupe_key"] = OURS + values["dedupe_key"]
    return Delivered(**values)
