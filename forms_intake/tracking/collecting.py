"""What the script calls from other people's pages, and mail programs from mails. Answers say nothing about anybody."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from forms_intake.errors import NotParseable, OutOfService, PostRefused, TooLarge, TooMany
from forms_intake.models import RawHit
from forms_intake.tracking.errors import NotYourSite, UnknownSite
from forms_intake.tracking.identities import COOKIE
from forms_intake.tracking.receiving import store_raw
from forms_intake.tracking.sites import SiteSpec, site_of
from forms_intake.validation import storable
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of

MOST_BYTES = 16 * 1024
MOST_HITS = 20
"""In one request; the script sends no more."""
AGENT_CHARACTERS = 300
HIT_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")


@csrf_exempt
def collect(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take page views of a website: 204, whoever it is and whatever becomes of them."""
    site = None
    try:
        site = _site(request, public_id)
        if request.method == "OPTIONS":
            return _answer(request, site, 204)
        if request.method != "POST":
            return _answer(request, site, 405, "Send a POST.", {"Allow": "POST, OPTIONS"})
        _take(request, site)
    except PostRefused as refusal:
        more = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        return _answer(request, site, refusal.status, refusal.message, more)
    return _answer(request, site, 204)


def _site(request: HttpRequest, public_id: str) -> SiteSpec:
    """The website, if the page that asks is one of its own. Raises UnknownSite, NotYourSite, OutOfService."""
    connection.health_check_done = True  # type: ignore[attr-defined]  # a dead connection is met by a second try
    site: SiteSpec | None = _with_second_try(site_of, public_id)
    if site is None or not site.active:
        raise UnknownSite
    if request.META.get("HTTP_ORIGIN", "") not in site.origins:
        raise NotYourSite
    return site


def _take(request: HttpRequest, site: SiteSpec) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise TooLarge(MOST_BYTES)
    sender = network_of(client_address(request))
    decision = ratelimit.allow(f"hits:{site.public_id}:{sender}", limit=settings.HITS_PER_MINUTE, seconds=60)
    if not decision.allowed:
        raise TooMany(decision.retry_after)
    body = _checked(request.body)
    if asks_not_to_be_followed(request):
        return
    agent = storable(request.META.get("HTTP_USER_AGENT", ""))[:AGENT_CHARACTERS]
    _with_second_try(store_raw, RawHit.Kind.HITS, body, website_id=site.id, user_agent=agent)


def asks_not_to_be_followed(request: HttpRequest) -> bool:
    """Whether the browser says so, by Do Not Track or Global Privacy Control."""
    return "1" in (request.META.get("HTTP_DNT"), request.META.get("HTTP_SEC_GPC"))


def _with_second_try(do: Any, *given: Any, **more: Any) -> Any:
    """Once more on a fresh connection, when the one at hand died meanwhile: hits are known by their ids."""
    try:
        return do(*given, **more)
    except (OperationalError, InterfaceError):
        connection.close()
    try:
        return do(*given, **more)
    except (OperationalError, InterfaceError) as error:
        connection.close()
        raise OutOfService from error


def _checked(body: bytes) -> str:
    """The body as text, once it is clear that a worker can read it. Raises NotParseable."""
    try:
        text = body.decode()
        said = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotParseable("it is not JSON") from error
    hits = said.get("h") if isinstance(said, dict) else None
    if not isinstance(hits, list) or not 0 < len(hits) <= MOST_HITS:
        raise NotParseable(f"say one to {MOST_HITS} hits")
    if not isinstance(said.get("v"), str) or not COOKIE.fullmatch(said["v"]):
        raise NotParseable("say which visitor")
    for hit in hits:
        known = isinstance(hit, dict) and isinstance(hit.get("u"), str) and isinstance(hit.get("i"), str)
        if not known or not HIT_ID.fullmatch(hit["i"]):
            raise NotParseable("a hit has an id and an address")
    return text


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _answer(
    request: HttpRequest, site: SiteSpec | None, status: int, words: str = "", more: dict[str, str] | None = None
) -> HttpResponse:
    """A few words at most; pages of the website, and no others, may read that they were said."""
    headers = {"Vary": "Origin", "Cache-Control": "no-store", **(more or {})}
    if site is not None:
        headers["Access-Control-Allow-Origin"] = request.META["HTTP_ORIGIN"]
        if request.method == "OPTIONS":
            headers |= {
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "Content-Type",
                "Access-Control-Max-Age": "86400",
            }
    response = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8", headers=headers)
    response.is_on_record = status == 204  # type: ignore[attr-defined]
    return response
