"""What browsers are told about pages of other origins: who may read answers (CORS), who may frame, who is refused.

One list a form decides all of it. Nothing is ever sent with credentials: a form knows nobody by a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from forms_intake.anywhere.origins import as_sent, is_listed
from forms_intake.errors import OriginRefused
from forms_intake.spec.shape import FormSpec
from leadcrm.lib import ratelimit
from leadcrm.lib.address import client_address, network_of

log = structlog.get_logger("forms_intake.origins")

MOST_REFUSED = 40
"""So many refused sites are remembered for a form; who sends made-up ones fills no table."""
NOTES_PER_MINUTE = 20
PREFLIGHT_SECONDS = "600"
NOTE = """
INSERT INTO forms_intake_refusedorigin AS known (form_id, origin, times)
SELECT %(form)s, %(origin)s, 1
WHERE EXISTS (SELECT 1 FROM forms_intake_refusedorigin WHERE form_id = %(form)s AND origin = %(origin)s)
    OR (SELECT count(*) FROM forms_intake_refusedorigin WHERE form_id = %(form)s) < %(most)s
ON CONFLICT (form_id, origin) DO UPDATE SET times = known.times + 1, last_at = statement_timestamp()
"""


def is_ours(request: HttpRequest, origin: str) -> bool:
    """Whether an origin is our own site. Proxies may change the scheme on the way, so the host decides."""
    host = urlsplit(origin).netloc
    known = {urlsplit(one).netloc for one in (settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS)}
    return bool(host) and (host in known or host == _own_host(request))


def _own_host(request: HttpRequest) -> str:
    try:
        return request.get_host().lower()
    except DisallowedHost:
        return ""


def may_show(request: HttpRequest, form: FormSpec, origin: str) -> bool:
    """Whether pages of this origin may draw the form, or hold it in a frame."""
    return is_listed(origin, form.origins) or is_ours(request, origin)


def check(request: HttpRequest, form: FormSpec) -> None:
    """Raise OriginRefused for a post from a page of an origin that is not on the form's list.

    While the list is empty, plain HTML forms may post from anywhere, as they could before there were lists: no page
    can read what they are answered. What names no origin (programs, and browsers that keep theirs to themselves)
    passes; a list of origins keeps pages out, never programs.
    """
    said = request.META.get("HTTP_ORIGIN", "")
    if not said or request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin":
        return  # the browser itself says that it is our page, whatever a proxy made of the host
    origin, by_script = as_sent(said), _is_by_script(request)
    if may_show(request, form, origin) or (not by_script and (not origin or not form.origins)):
        return
    note_refusal(request, form, origin)
    raise OriginRefused(origin or said[:100])


def _is_by_script(request: HttpRequest) -> bool:
    """Whether a script posts, and not a form that the visitor sent."""
    mode = request.META.get("HTTP_SEC_FETCH_MODE", "")
    if mode:
        return bool(mode != "navigate")
    accepts = request.META.get("HTTP_ACCEPT", "")
    return "text/html" not in accepts


def let_read(request: HttpRequest, form: FormSpec | None, response: HttpResponse) -> HttpResponse:
    """Tell the browser whether the page may read this answer. For answers to requests that name an origin."""
    patch_vary_headers(response, ["Origin"])
    origin = as_sent(request.META.get("HTTP_ORIGIN", ""))
    if form is not None and may_show(request, form, origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    return response


def preflight(request: HttpRequest, form: FormSpec) -> HttpResponse:
    """The answer to a browser that asks before it lets a page send: 204 for a listed origin, else 403."""
    origin = as_sent(request.META.get("HTTP_ORIGIN", ""))
    if not origin or not may_show(request, form, origin):
        if origin:
            note_refusal(request, form, origin)
        return let_read(request, None, HttpResponse(status=403))
    answer = HttpResponse(status=204)
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
    answer.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return let_read(request, form, answer)


def let_frame(response: HttpResponse, listed: Sequence[str]) -> HttpResponse:
    """Let pages of the listed origins, and ours, hold this answer in a frame; all others stay out."""
    response._csp_replace = {"frame-ancestors": ["'self'", *listed]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = True
    return response


def note_refusal(request: HttpRequest, form: FormSpec, origin: str) -> None:
    """Keep for the marketer that this site asked. Never in the way: whatever happens, the refusal stands."""
    if not origin:
        return
    sender = network_of(client_address(request))
    for key, limit in ((f"refused:{form.id}:{origin}", 1), (f"refusals:{sender}", NOTES_PER_MINUTE)):
        if not ratelimit.allow(key, limit=limit, seconds=60).allowed:
            return
    try:
        with connection.cursor() as cursor:
            cursor.execute(NOTE, {"form": form.id, "origin": origin, "most": MOST_REFUSED})
    except DatabaseError as error:
        log.warning("a refused origin was not noted", error=repr(error))
