"""What happens to every request: a request id on its log lines, and domain errors turned into answers."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render, resolve_url

from leadcrm.lib.errors import DomainError
from leadcrm.lib.links import back_of
from leadcrm.lib.pages import wants_part

log = structlog.get_logger("leadcrm.request")
LATER = 503
"""What may be asked again as it is, after a while."""
Handler = Callable[[HttpRequest], HttpResponse]


TOKEN = re.compile(r"[^/]{40,}")
"""A part of an address that opens something, or says who somebody is."""


class RequestLog:
    """One JSON line a request, all lines within it carrying its id; quiet for assets, health checks, and answers
    that say of themselves (`is_on_record`) that the database keeps what happened.
    """

    quiet = ("/static/", "/healthz", "/readyz")

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")[:64]
        if not request_id.replace("-", "").isalnum():
            request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        start = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if not request.path.startswith(self.quiet) and not getattr(response, "is_on_record", False):
            took = round((time.perf_counter() - start) * 1000, 1)
            path = TOKEN.sub("…", request.path)
            log.info("request", method=request.method, path=path, status=response.status_code, ms=took)
        return response


class PagePolicy(CSPMiddleware):
    """The Content-Security-Policy, on every answer that has something to show: a bare redirect has not."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.streaming and not getattr(response, "content", b""):
            return response
        return super().process_response(request, response)


class NotForCaches:
    """What depends on who is signed in is for their browser alone, which asks again: no cache on the way keeps a
    contact. Stands outside of sessions, and touches none.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cookie" in response.headers.get("Vary", ""):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


class DomainErrors:
    """A DomainError raised by a view becomes a page, a fragment or JSON, with the status it names."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            body = {"error": error.code, "message": error.message, **error.data}
            return JsonResponse(body, status=error.status, json_dumps_params={"default": str})
        fragment = wants_part(request)
        is_busy = error.status == LATER
        again = request.get_full_path() if is_busy and request.method == "GET" else ""
        context = {"error": error, "is_fragment": fragment, "back_url": back_of(request), "again_url": again}
        response = render(request, "error.html", context, status=error.status)
        if is_busy:
            response["Retry-After"] = "60"
        return response


class BackToThePage:
    """Who was signed out meanwhile and sends a form is led, once signed in, to the page that it stood on: where it
    was sent to often takes nothing else. Who opens such an address all the same reads so, where browsers would show
    an error of their own.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == 302:
            sign_in = resolve_url(settings.LOGIN_URL)
            if response["Location"] == redirect_to_login(request.get_full_path(), sign_in).url:
                page = urlsplit(back_of(request, request.get_full_path()))
                response["Location"] = redirect_to_login(page._replace(scheme="", netloc="").geturl(), sign_in).url
        elif isinstance(response, HttpResponseNotAllowed) and "text/html" in request.headers.get("Accept", ""):
            told = render(request, "405.html", {"back_url": back_of(request)}, status=response.status_code)
            told["Allow"] = response["Allow"]
            return told
        return response
