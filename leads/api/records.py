"""Leads: found, read, arriving through matching, edited."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Header, Query
from ninja import Status as Answer

from contacts.api.calls import by_of, must, must_write, named, user_of
from contacts.models import User
from leadcrm.lib.api.calling import Routes, caller_of
from leadcrm.lib.api.following import ChangedSince, FollowedPageOf, changes_of
from leadcrm.lib.api.problems import BadFields, Forbidden
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, Moment, page_of, tagged, version_in
from leadcrm.lib.paging import ID, Sort
from leads.access import may_assign
from leads.api.shapes import ArrivedOut, LeadEdit, LeadIn, LeadOut
from leads.editing import may_edit
from leads.errors import InvalidValues
from leads.models import Lead, Status
from leads.services.arriving import arrive
from leads.services.records import update_lead
from leads.stages import Stage

routes = Routes(tags=["Leads"])

NEWEST = Sort("newest", "Newest", (ID,), descending=True)
OLDEST = Sort("oldest", "Oldest", (ID,))


class LeadsAsked(Given):
    """Which leads. `waiting`: sales ready, open and not accepted yet, for whoever picks them up. `updated_since` lists
    them in the order in which they changed: for what changed lately. A first copy of all is made without, oldest first.
    """

    status: Status | None = None
    stage: Stage | None = None
    sales_ready: bool | None = None
    waiting: bool | None = None
    owner_id: Id | None = None
    contact_id: Id | None = None
    account_id: Id | None = None
    product_id: Id | None = None
    campaign_id: Id | None = None
    external_id: str = ""
    created_since: Moment | None = None
    updated_since: ChangedSince = None
    oldest_first: bool = False
    cursor: CursorWords = ""
    limit: Limit = 50


def drawn(user: User) -> Any:
    """The leads a user may see, with all that their shape needs."""
    return Lead.objects.visible_to(user).select_related("status_reason").prefetch_related("contact__account")


@routes.reads("", "leads:read", FollowedPageOf[LeadOut], operation_id="listLeads", summary="List leads")
def list_leads(request: HttpRequest, asked: Query[LeadsAsked]) -> Any:
    """Leads that the token may see, the newest first unless `oldest_first`."""
    rows = drawn(user_of(request))
    for name in ("status", "stage", "sales_ready", "owner_id", "contact_id", "account_id", "product_id", "campaign_id"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    if asked.waiting is not None:
        ready = Lead.objects.sales_ready().values("pk")
        rows = rows.filter(pk__in=ready) if asked.waiting else rows.exclude(pk__in=ready)
    if asked.external_id:
        rows = rows.filter(external_id=asked.external_id.strip())
    if asked.created_since:
        rows = rows.filter(created_at__gte=asked.created_since)
    if asked.updated_since:
        return changes_of(rows, asked.updated_since, asked.cursor, asked.limit)
    return page_of(rows, OLDEST if asked.oldest_first else NEWEST, asked.cursor, asked.limit)


@routes.reads("/{id}", "leads:read", LeadOut, operation_id="getLead", summary="One lead")
def get_lead(request: HttpRequest, response: HttpResponse, id: Id) -> Any:
    """A lead; its ETag is its version, which edits send back."""
    return shown(user_of(request), id, response)


def readable(user: User, lead_id: int) -> Lead:
    """A lead this user may see; else 404."""
    found: Lead = get_object_or_404(drawn(user), pk=lead_id)
    return found


def shown(user: User, lead_id: int, response: HttpResponse) -> Lead:
    """A lead as it is now, with its version on the answer."""
    lead = readable(user, lead_id)
    tagged(response, lead.version)
    return lead


@routes.makes(
    "",
    "leads:write",
    {201: ArrivedOut, 200: ArrivedOut},
    operation_id="createLead",
    summary="Bring a lead",
)
def create_lead(request: HttpRequest, response: HttpResponse, body: LeadIn) -> Any:
    """A lead arrives. The contact is found or made by the workspace's matching strategies, and so is the lead: an
    open one with the same interest is answered with 200, and what it lacked is filled; a new one with 201.
    """
    must_write(request)
    user = user_of(request)
    values = body.said()
    contact_id, context_id = values.pop("contact_id", None), values.pop("marketing_context_id", None)
    values.pop("contact", None)
    if body.contact is not None and contact_id is not None:
        raise BadFields({"contact": "Say either who it is or their id."})
    try:
        arrived = arrive(
            seen_by=user,
            by=by_of(request),
            source=f"API: {caller_of(request).name}",
            contact_id=contact_id,
            person=body.contact.said() if body.contact is not None else None,
            marketing_context_id=context_id,
            lead=values,
        )
    except InvalidValues as error:
        raise BadFields(named(error.errors, set(LeadIn.model_fields))) from None
    lead = drawn(user).filter(pk=arrived.lead.pk).first()
    if lead is None:
        raise Forbidden("There is an open lead with the same interest that this token may not see.")
    tagged(response, lead.version)
    decision = {
        "contact": "none" if lead.contact_id is None else "created" if arrived.contact_is_new else "matched",
        "lead": "created" if arrived.lead_is_new else "matched",
        "reason": arrived.reason,
    }
    return Answer(201 if arrived.lead_is_new else 200, {"decision": decision, "lead": lead})


@routes.edits("/{id}", "leads:write", LeadOut, operation_id="updateLead", summary="Edit a lead")
def edit_lead(
    request: HttpRequest, response: HttpResponse, id: Id, body: LeadEdit, if_match: str = Header("", alias="If-Match")
) -> Any:
    """Write the fields that are named, if the lead still has the version that If-Match names; else 412."""
    user = user_of(request)
    lead = readable(user, id)
    must(may_edit(user, lead), "This lead is somebody else's.")
    changes = body.said()
    if "owner_id" in changes and changes["owner_id"] != lead.owner_id:
        must(may_assign(user, lead), "Who this token acts as may not give leads to others.")
    version = version_in(if_match, lead.version)
    try:
        update_lead(id, version=version, changes=changes, by=by_of(request))
    except InvalidValues as error:
        raise BadFields(named(error.errors, set(LeadEdit.model_fields))) from None
    return shown(user, id, response)
