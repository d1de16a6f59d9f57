"""Contacts: found, read, made, edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Query, Schema, Status

from contacts import match_keys
from contacts.access import may_edit
from contacts.api.calls import Flag, by_of, must, must_write, named, user_of
from contacts.errors import DuplicateContact, InvalidValues
from contacts.finding import phone_in
from contacts.merging.became import became_of
from contacts.models import Contact, Entity, User
from contacts.services import contacts as services
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.following import ChangedSince, FollowedPageOf, changes_of
from leadcrm.lib.api.problems import BadFields, Forbidden
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, page_of, tagged, version_in
from leadcrm.lib.errors import DomainError
from leadcrm.lib.paging import ID, Sort

routes = Routes(tags=["Contacts"])


class MergedInto(DomainError):
    """This contact, or account, turned out to be another: `merged_into` is its id."""

    code = "merged"
    status = 404

    def __init__(self, into_id: int, what: str = "contact") -> None:
        super().__init__(f"This {what} was merged into another.", merged_into=into_id)


BY_ID = Sort("id", "Id", (ID,))


class ContactOut(Schema):
    """A person. `consent_level`: 0 none to 5 profiling, the highest in force."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    phone_e164: str
    job_title: str
    role: str
    account_id: int | None
    country: str
    city: str
    consent_level: int
    marketing_only: bool
    do_not_call: bool
    do_not_email: bool
    owner_id: int | None
    external_id: str
    custom: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class ContactIn(Given):
    """What may be said of a contact. In an edit, what is not named stays."""

    nullable: ClassVar[frozenset[str]] = frozenset({"marketing_only", "do_not_call", "do_not_email"})

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    job_title: str | None = None
    role: str | None = None
    account_id: Id | None = None
    country: str | None = None
    city: str | None = None
    marketing_only: Flag = False
    do_not_call: Flag = False
    do_not_email: Flag = False
    owner_id: Id | None = None
    external_id: str | None = None
    custom: dict[str, Any] | None = None


class ContactsAsked(Given):
    """Which contacts. `updated_since` lists them in the order in which they changed."""

    email: str = ""
    external_id: str = ""
    phone: str = ""
    account_id: Id | None = None
    owner_id: Id | None = None
    updated_since: ChangedSince = None
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("", "contacts:read", FollowedPageOf[ContactOut], operation_id="listContacts", summary="List contacts")
def list_contacts(request: HttpRequest, asked: Query[ContactsAsked]) -> Any:
    """Contacts that the token may see, page by page. Those kept for marketing only are there for who sees them in
    lists.
    """
    rows = _narrowed(Contact.objects.visible_to(user_of(request)), asked)
    if asked.updated_since:
        return changes_of(rows, asked.updated_since, asked.cursor, asked.limit)
    return page_of(rows, BY_ID, asked.cursor, asked.limit)


def _narrowed(rows: QuerySet, asked: ContactsAsked) -> QuerySet:
    for kind in ("email", "external_id"):
        if value := getattr(asked, kind):
            owners = match_keys.owners_of(match_keys.keys_of({kind: value}, [(kind,)]))
            rows = rows.filter(pk__in=list(owners.values()))
    if asked.phone:
        rows = rows.filter(phone_e164=phone) if (phone := phone_in(asked.phone)) else rows.none()
    for name in ("account_id", "owner_id"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    return rows


@routes.reads("/{id}", "contacts:read", ContactOut, operation_id="getContact", summary="One contact")
def get_contact(request: HttpRequest, response: HttpResponse, id: Id) -> Any:
    """A contact; its ETag is its version, which edits send back."""
    contact = readable(user_of(request), id)
    tagged(response, contact.version)
    return contact


def readable(user: User, contact_id: int) -> Contact:
    """A contact this user may see; else 404, which names the contact that one was merged into."""
    visible = Contact.objects.visible_to(user)
    found: Contact | None = visible.filter(pk=contact_id).first()
    if found is not None:
        return found
    became = became_of(Entity.CONTACT, contact_id)
    if became is not None and visible.filter(pk=became).exists():
        raise MergedInto(became)
    raise Http404


@routes.makes("", "contacts:write", ContactOut, operation_id="createContact", summary="Make a contact")
def create_contact(request: HttpRequest, response: HttpResponse, body: ContactIn) -> Any:
    """A new contact. One whose e-mail address or external id is known already is refused with 409, naming who it is;
    `POST /leads` finds them instead.
    """
    must_write(request)
    with_names = set(ContactIn.model_fields)
    try:
        made = services.create_contact(by=by_of(request), **body.said())
    except InvalidValues as error:
        raise BadFields(named(error.errors, with_names)) from None
    except DuplicateContact as error:
        raise _as_seen_by(user_of(request), error) from None
    tagged(response, made.version)
    return Status(201, made)


def _as_seen_by(user: User, error: DuplicateContact) -> Exception:
    """A duplicate names who it is only to whom may see them."""
    if Contact.objects.visible_to(user).filter(pk=error.contact_id).exists():
        return error
    return Forbidden(error.message)


@routes.edits("/{id}", "contacts:write", ContactOut, operation_id="updateContact", summary="Edit a contact")
def update_contact(
    request: HttpRequest, response: HttpResponse, id: Id, body: ContactIn, if_match: str = Header("", alias="If-Match")
) -> Any:
    """Write the fields that are named, if the contact still has the version that If-Match names; else 412."""
    user = user_of(request)
    contact = readable(user, id)
    must(may_edit(user, contact), "This contact is somebody else's.")
    version = version_in(if_match, contact.version)
    try:
        contact = services.update_contact(id, version=version, changes=body.said(), by=by_of(request))
    except InvalidValues as error:
        raise BadFields(named(error.errors, set(ContactIn.model_fields))) from None
    except DuplicateContact as error:
        raise _as_seen_by(user, error) from None
    contact.refresh_from_db()
    tagged(response, contact.version)
    return contact
