"""The pixel and the links of mails, as anybody may call them."""

from __future__ import annotations

import base64

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from forms_intake.models import RawHit
from forms_intake.tracking.collecting import AGENT_CHARACTERS
from forms_intake.tracking.mails import Token, as_body, is_link, read_token
from forms_intake.tracking.receiving import store_raw
from forms_intake.tracking.robots import fetches_ahead
from forms_intake.validation import storable
from forms_intake.views import hosted
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of

log = structlog.get_logger("forms_intake.mails")

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
NOT_OURS = "This link is damaged, or not one of ours, so that nobody can say where it leads."


@require_safe
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """One transparent point, whoever asks and whatever for."""
    said = read_token(token)
    if said is not None and not said.url:
        _keep(request, RawHit.Kind.OPENED, said)
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store, private"})


@require_safe
def click(request: HttpRequest, token: str) -> HttpResponse:
    """On to where the token says, and nowhere else."""
    said = read_token(token)
    if said is None or not is_link(said.url):
        return hosted.notice("This leads nowhere", NOT_OURS, status=404)
    _keep(request, RawHit.Kind.CLICKED, said)
    headers = {"Location": said.url, "Cache-Control": "no-store, private", "X-Robots-Tag": "noindex"}
    return HttpResponse(status=302, headers=headers)


def _keep(request: HttpRequest, kind: RawHit.Kind, said: Token) -> None:
    """Keep that it happened; whoever follows a link gets where it leads, even if nothing can be kept."""
    sender = network_of(client_address(request))
    if not ratelimit.allow(f"mails:{sender}", limit=settings.HITS_PER_MINUTE, seconds=60).allowed:
        return
    agent = storable(request.META.get("HTTP_USER_AGENT", ""))[:AGENT_CHARACTERS]
    try:
        store_raw(kind, as_body(said), user_agent=agent, robot=fetches_ahead(request))
    except (DatabaseError, InterfaceError) as error:
        log.warning("what happened to a mail was not kept", error=repr(error))
        connection.close()
