"""Tracked links for what other systems send: a pixel and links for each contact of a mailing."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Schema

from contacts.api.calls import must, must_write, user_of
from contacts.models import Contact
from contacts.roles import Ability, can
from forms_intake.tracking.mails import Mail, is_link, signed_click, signed_pixel
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.problems import BadFields
from leadcrm.lib.api.shapes import Given, Id, Moment

routes = Routes(tags=["Mails"])

MOST_CONTACTS = 500
MOST_LINKS = 50


class TrackedMailIn(Given):
    """A mail (`mail` is your name for it, the same for all who get it) and the addresses of the web that stand in it.

    `sent_at`: what happens within seconds of it is taken for a scanner's.
    """

    mail: Annotated[str, Field(min_length=1, max_length=100)]
    subject: Annotated[str, Field(max_length=200)] = ""
    sent_at: Moment | None = None
    contact_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_CONTACTS)]
    links: Annotated[list[Annotated[str, Field(max_length=1500)]], Field(max_length=MOST_LINKS)] = []


class TrackedLinksOut(Schema):
    """For one contact: the picture that tells of opening, and the tracked links in the order of `links`."""

    contact_id: int
    pixel: str
    links: list[str]


class TrackedMailOut(Schema):
    """`unknown`: contacts that are not there, or that the token may not see."""

    items: list[TrackedLinksOut]
    unknown: list[int]


@routes.does(
    "/tracked-mails", "interactions:write", TrackedMailOut, operation_id="trackMail", summary="Links for a mailing"
)
def track_mail(request: HttpRequest, body: TrackedMailIn) -> Any:
    """Signed addresses for a mail to contacts. Opening and following them become interactions, once a mail and link."""
    must_write(request)
    user = user_of(request)
    must(can(user, Ability.MARKET), "Mailings are for marketing: this token acts as somebody else.")
    wrong = [number for number, url in enumerate(body.links) if not is_link(url)]
    if wrong:
        raise BadFields({f"links.{number}": "Give a whole address of the web, http or https." for number in wrong})
    mail = Mail(body.mail.replace("\x00", "").strip(), body.subject, body.sent_at)
    if not mail.key:
        raise BadFields({"mail": "Name the mail."})
    asked = list(dict.fromkeys(body.contact_ids))
    there = set(Contact.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    items = [
        {
            "contact_id": pk,
            "pixel": signed_pixel(pk, mail),
            "links": [signed_click(pk, mail, url) for url in body.links],
        }
        for pk in asked
        if pk in there
    ]
    return {"items": items, "unknown": [pk for pk in asked if pk not in there]}
