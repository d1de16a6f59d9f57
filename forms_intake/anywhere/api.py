"""Signed links for what other systems send: to one form, for each contact of a mailing."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Schema

from contacts.api.calls import must, user_of
from contacts.roles import Ability, can
from forms_intake.anywhere.linking import links_for
from forms_intake.errors import FormClosed, UnknownForm
from forms_intake.models import FormState
from forms_intake.spec.remembering import spec_of
from leadcrm.lib.api.calling import Routes, caller_of
from leadcrm.lib.api.problems import InsufficientScope, Problem
from leadcrm.lib.api.shapes import Given, Id

routes = Routes(tags=["Mails"])

MOST_CONTACTS = 500
OF_COMPANIES = "accounts:read"
"""A form may be filled in from a contact's account, so a link reveals of it as well."""


class LinksIn(Given):
    """The contacts of a mailing."""

    contact_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_CONTACTS)]


class SignedLinkOut(Schema):
    """For one contact, and to be sent to them alone: the address of the form. Behind the address of any other page on
    which a form of yours stands, as `who` in its query, the word does the same.
    """

    contact_id: int
    url: str
    who: str
    expires_at: datetime


class SignedLinksOut(Schema):
    """`unknown`: contacts that are not there, or that the token may not see."""

    items: list[SignedLinkOut]
    unknown: list[int]


@routes.makes(
    "/forms/{public_id}/links",
    "contacts:read",
    {200: SignedLinksOut, 410: Problem},
    operation_id="makeLinks",
    summary="Signed links to a form",
)
def make_links(request: HttpRequest, public_id: Annotated[str, Field(max_length=20)], body: LinksIn) -> Any:
    """Addresses by which a live form knows each contact for thirty days: it fills in what its fields say a link may,
    asks what it asks only of people we know, and leaves out what we know. Whoever holds one reads that of the contact
    and of their account, so the token needs `accounts:read` too.
    """
    user, caller = user_of(request), caller_of(request)
    must(can(user, Ability.MARKET), "Mailings are for marketing: this token acts as somebody else.")
    if OF_COMPANIES not in caller.scopes:
        raise InsufficientScope(OF_COMPANIES)
    form = spec_of(public_id)
    if form is None or form.fed_by:
        raise UnknownForm
    if form.state != FormState.LIVE:
        raise FormClosed
    path = reverse("forms_intake:receive", args=[public_id])
    made = links_for(body.contact_ids, seen_by=user)
    items = [
        {"contact_id": one.contact_id, "url": one.to(path), "who": one.word, "expires_at": one.ends_at} for one in made
    ]
    there = {one.contact_id for one in made}
    return {"items": items, "unknown": [pk for pk in dict.fromkeys(body.contact_ids) if pk not in there]}
