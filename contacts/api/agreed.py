"""Consents: what a contact agreed to, and that they agreed or took it back elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from django.http import HttpRequest
from ninja import Field, Query, Schema

from contacts.api.calls import Flag, by_of, must_write, user_of
from contacts.api.people import readable
from contacts.consent.purposes import latest_wordings
from contacts.errors import InvalidValues
from contacts.models import Consent, ConsentLevel, How, Purpose
from contacts.services.consents import record_consent
from leadcrm.lib.api.calling import Routes, caller_of
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, PageOf, page_of
from leadcrm.lib.languages import LANGUAGES
from leadcrm.lib.paging import ID, Column, Sort

routes = Routes(tags=["Consents"])

NEWEST = Sort("newest", "Newest", (Column("recorded_at", datetime), ID), descending=True)


class ConsentOut(Schema):
    """One statement: given or withdrawn, of a purpose or in general, with its proof. It never changes."""

    id: int
    contact_id: int
    purpose_id: int | None
    level: int
    given: bool
    wording: str
    language: str
    how: str
    source: str
    page: str
    recorded_at: datetime
    confirmed_at: datetime | None


class ConsentIn(Given):
    """What they agreed to or took back: one of `purpose_id` and `level` (0 to 5), in which words, where. Without a
    `wording`, the purpose's own in the `language`.
    """

    nullable: ClassVar[frozenset[str]] = frozenset({"purpose_id", "level"})

    purpose_id: Id | None = None
    level: Annotated[int, Field(ge=0, le=5)] | None = None
    given: Flag = True
    wording: Annotated[str, Field(max_length=1000)] = ""
    language: Annotated[str, Field(max_length=10)] = ""
    source: Annotated[str, Field(max_length=200)] = ""
    page: Annotated[str, Field(max_length=300)] = ""


class ConsentsAsked(Given):
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads(
    "/contacts/{id}/consents",
    "contacts:read",
    PageOf[ConsentOut],
    operation_id="listConsents",
    summary="What a contact agreed to",
)
def list_consents(request: HttpRequest, id: Id, asked: Query[ConsentsAsked]) -> Any:
    """Every statement about consent, the latest first."""
    contact = readable(user_of(request), id)
    return page_of(Consent.objects.filter(contact=contact), NEWEST, asked.cursor, asked.limit)


@routes.does(
    "/contacts/{id}/consents", "contacts:write", ConsentOut, operation_id="addConsent", summary="Record a consent"
)
def add_consent(request: HttpRequest, id: Id, body: ConsentIn) -> Any:
    """Write down that a contact agreed, or took it back, in another system. It counts from now on."""
    must_write(request)
    contact = readable(user_of(request), id)
    purpose = Purpose.objects.filter(pk=body.purpose_id).first() if body.purpose_id else None
    if body.purpose_id and purpose is None:
        raise InvalidValues({"purpose_id": "There is no such purpose."})
    if (purpose is None) == (body.level is None):
        raise InvalidValues({"level": "Say what about: either a purpose_id or a level."})
    if body.language and body.language not in LANGUAGES:
        raise InvalidValues({"language": f"No language is called {body.language}."})
    version = None
    if purpose is not None and body.given and not body.wording:
        version = latest_wordings([purpose.pk]).get(purpose.pk)
    return record_consent(
        contact_id=contact.pk,
        level=None if body.level is None else int(ConsentLevel(body.level)),
        purpose=purpose,
        version=version,
        given=body.given,
        wording=body.wording,
        language=body.language,
        how=How.API,
        source=body.source or caller_of(request).source,
        page=body.page,
        by=by_of(request),
    )
