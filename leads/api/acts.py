"""What can be done to a lead: moved, made ready, accepted, returned, given to somebody, closed, opened again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query

from contacts.api.calls import by_of, must, person_of, user_of
from contacts.models import User
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.problems import BadFields
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, PageOf, page_of
from leadcrm.lib.paging import ID, Column, Sort
from leads.access import may_accept, may_assign, may_move, may_qualify, may_return
from leads.api.records import readable, shown
from leads.api.shapes import LeadOut, MoveOut
from leads.errors import LeadIsClosed
from leads.models import Cause, RecycleReason, StageChange, StatusReason
from leads.services import closing, readiness
from leads.services.moves import move_leads
from leads.stages import Stage

routes = Routes(tags=["Moves"])

LATEST = Sort("latest", "Latest", (Column("moved_at", datetime), ID), descending=True)

NOBODY_TO_ACCEPT = (
    "A lead is accepted by the person who owns it from then on, and this token acts as itself. Accept with a token "
    "that acts as that person, or give them the lead first: POST /leads/{id}/assign."
)
Words = Annotated[str, Field(max_length=300)]


class Move(Given):
    """Where to; a move back needs a reason."""

    to: Stage
    reason: Words = ""


class Why(Given):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class Close(Given):
    """`reason_id` is one of `GET /status-reasons`; without one a qualified lead is just that."""

    status: Literal["qualified", "disqualified"]
    reason_id: Id | None = None
    note: Words = ""


class GiveBack(Given):
    """`reason_id` is one of `GET /return-reasons`."""

    reason_id: Id
    note: Words = ""


class Assign(Given):
    """Whose it is from now on; null is nobody."""

    owner_id: Id | None


@routes.does("/{id}/move", "leads:write", LeadOut, operation_id="moveLead", summary="Move to a stage")
def move(request: HttpRequest, response: HttpResponse, id: Id, body: Move) -> Any:
    """Move a lead as its process allows. 409 says what stands in the way: `fields_missing` names the fields that the
    stage requires first.
    """
    user = user_of(request)
    must(may_move(user, readable(user, id)))
    move_leads([id], body.to, actor=by_of(request), cause=Cause.PERSON, reason=body.reason)
    return shown(user, id, response)


class MovesAsked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("/{id}/moves", "leads:read", PageOf[MoveOut], operation_id="listMoves", summary="A lead's moves")
def list_moves(request: HttpRequest, id: Id, asked: Query[MovesAsked]) -> Any:
    """How a lead went from stage to stage, the latest first: when it entered the stage that it left, and when it left
    it. A move that was undone with what it came of says `taken_back`.
    """
    lead = readable(user_of(request), id)
    moves = StageChange.objects.filter(lead=lead).between_stages()
    return page_of(moves, LATEST, asked.cursor, asked.limit)


@routes.does("/{id}/sales-ready", "leads:write", LeadOut, operation_id="setSalesReady", summary="Set sales ready")
def set_ready(request: HttpRequest, response: HttpResponse, id: Id, body: Why) -> Any:
    """Say that sales should look at this lead now, past the stages between."""
    user = user_of(request)
    must(may_qualify(user, readable(user, id)))
    readiness.set_sales_ready(id, by=by_of(request), reason=body.reason)
    return shown(user, id, response)


@routes.does("/{id}/accept", "leads:write", LeadOut, operation_id="acceptLead", summary="Accept for sales")
def accept(request: HttpRequest, response: HttpResponse, id: Id) -> Any:
    """Take a sales-ready lead for the person this token acts as. Whoever is second is told who was first."""
    user = user_of(request)
    must(by_of(request) is not None, NOBODY_TO_ACCEPT)
    person = person_of(request, "accept leads")
    must(may_accept(user, readable(user, id)))
    readiness.accept(id, by=person)
    return shown(user, id, response)


@routes.does("/{id}/return", "leads:write", LeadOut, operation_id="returnLead", summary="Return to marketing")
def give_back(request: HttpRequest, response: HttpResponse, id: Id, body: GiveBack) -> Any:
    """Give a lead back to marketing, counted as recycled."""
    user = user_of(request)
    must(may_return(user, readable(user, id)))
    reason = RecycleReason.objects.filter(pk=body.reason_id).first()
    if reason is None:
        raise BadFields({"reason_id": "There is no such reason."})
    readiness.return_to_marketing(id, by=by_of(request), reason=reason, note=body.note)
    return shown(user, id, response)


@routes.does("/{id}/assign", "leads:write", LeadOut, operation_id="assignLead", summary="Give to somebody")
def assign(request: HttpRequest, response: HttpResponse, id: Id, body: Assign) -> Any:
    """Say whose an open lead is from now on. They are told; its stage stays."""
    user = user_of(request)
    lead = readable(user, id)
    must(may_assign(user, lead))
    to = User.objects.filter(pk=body.owner_id, is_active=True).first() if body.owner_id else None
    if body.owner_id and to is None:
        raise BadFields({"owner_id": "Nobody who works here has this id."})
    if not lead.is_open:
        raise LeadIsClosed(id)
    closing.assign([id], to=to, by=by_of(request))
    return shown(user, id, response)


@routes.does("/{id}/close", "leads:write", LeadOut, operation_id="closeLead", summary="Close")
def close(request: HttpRequest, response: HttpResponse, id: Id, body: Close) -> Any:
    """Close a lead as qualified or disqualified. Its next interest is a new lead."""
    user = user_of(request)
    must(may_move(user, readable(user, id)))
    reason = StatusReason.objects.filter(pk=body.reason_id).first() if body.reason_id else None
    if body.reason_id and reason is None:
        raise BadFields({"reason_id": "There is no such reason."})
    closing.close(id, by=by_of(request), status=body.status, reason=reason, note=body.note)
    return shown(user, id, response)


@routes.does("/{id}/reopen", "leads:write", LeadOut, operation_id="reopenLead", summary="Open again")
def reopen(request: HttpRequest, response: HttpResponse, id: Id, body: Why) -> Any:
    """Open a closed lead again, in the stage it had."""
    user = user_of(request)
    must(may_move(user, readable(user, id)))
    closing.reopen(id, by=by_of(request), reason=body.reason)
    return shown(user, id, response)
