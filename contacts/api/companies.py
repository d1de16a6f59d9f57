"""Accounts: found, read, made, edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Query, Schema, Status

from contacts import normalise
from contacts.access import may_edit
from contacts.api.calls import by_of, must, must_write, named, user_of
from contacts.api.people import BY_ID, MergedInto
from contacts.errors import InvalidValues
from contacts.merging.became import became_of
from contacts.models import Account, Entity
from contacts.services import accounts as services
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.following import ChangedSince, FollowedPageOf, changes_of
from leadcrm.lib.api.problems import BadFields
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, page_of, tagged, version_in

routes = Routes(tags=["Accounts"])


class AccountOut(Schema):
    """A company. `domain` is without "www."."""

    id: int
    name: str
    domain: str
    industry: str
    employees: int | None
    phone: str
    country: str
    city: str
    owner_id: int | None
    external_id: str
    custom: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class AccountIn(Given):
    """What may be said of an account. In an edit, what is not named stays."""

    nullable: ClassVar[frozenset[str]] = frozenset({"employees"})

    name: str | None = None
    domain: str | None = None
    industry: str | None = None
    employees: int | None = None
    phone: str | None = None
    country: str | None = None
    city: str | None = None
    owner_id: Id | None = None
    external_id: str | None = None
    custom: dict[str, Any] | None = None


class AccountsAsked(Given):
    """Which accounts. `updated_since` lists them in the order in which they changed."""

    domain: str = ""
    external_id: str = ""
    owner_id: Id | None = None
    updated_since: ChangedSince = None
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("", "accounts:read", FollowedPageOf[AccountOut], operation_id="listAccounts", summary="List accounts")
def list_accounts(request: HttpRequest, asked: Query[AccountsAsked]) -> Any:
    """Accounts, page by page."""
    rows = Account.objects.alive()
    if asked.domain:
        domain = normalise.domain(asked.domain)
        rows = rows.filter(domain=domain) if domain else rows.none()
    if asked.external_id:
        rows = rows.filter(external_id=asked.external_id.strip())
    if asked.owner_id is not None:
        rows = rows.filter(owner_id=asked.owner_id)
    if asked.updated_since:
        return changes_of(rows, asked.updated_since, asked.cursor, asked.limit)
    return page_of(rows, BY_ID, asked.cursor, asked.limit)


@routes.reads("/{id}", "accounts:read", AccountOut, operation_id="getAccount", summary="One account")
def get_account(request: HttpRequest, response: HttpResponse, id: Id) -> Any:
    """An account; its ETag is its version, which edits send back."""
    account = readable_account(id)
    tagged(response, account.version)
    return account


def readable_account(account_id: int) -> Account:
    """A living account; else 404, which names the account that one was merged into."""
    found: Account | None = Account.objects.alive().filter(pk=account_id).first()
    if found is not None:
        return found
    became = became_of(Entity.ACCOUNT, account_id)
    if became is not None and Account.objects.alive().filter(pk=became).exists():
        raise MergedInto(became, "account")
    raise Http404


@routes.makes("", "accounts:write", AccountOut, operation_id="createAccount", summary="Make an account")
def create_account(request: HttpRequest, response: HttpResponse, body: AccountIn) -> Any:
    """A new account. One whose domain or external id is known already is refused with 409, naming which it is."""
    must_write(request)
    try:
        made = services.create_account(by=by_of(request), **body.said())
    except InvalidValues as error:
        raise BadFields(named(error.errors, set(AccountIn.model_fields))) from None
    tagged(response, made.version)
    return Status(201, made)


@routes.edits("/{id}", "accounts:write", AccountOut, operation_id="updateAccount", summary="Edit an account")
def update_account(
    request: HttpRequest, response: HttpResponse, id: Id, body: AccountIn, if_match: str = Header("", alias="If-Match")
) -> Any:
    """Write the fields that are named, if the account still has the version that If-Match names; else 412."""
    account = readable_account(id)
    must(may_edit(user_of(request), account), "This account is somebody else's.")
    version = version_in(if_match, account.version)
    try:
        account = services.update_account(id, version=version, changes=body.said(), by=by_of(request))
    except InvalidValues as error:
        raise BadFields(named(error.errors, set(AccountIn.model_fields))) from None
    account.refresh_from_db()
    tagged(response, account.version)
    return account
