"""The door of the API: every call is let in by its token, counted, acted in one transaction, and answered once.

A call that changes something is one transaction, from its Idempotency-Key to its last row: what is refused has changed
nothing. Collisions with other writers are tried again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from contacts.acting import acting
from contacts.models import User
from leadcrm.api.models import ApiToken, KeptAnswer
from leadcrm.api.tokens import caller_with
from leadcrm.lib.address import client_address, network_of
from leadcrm.lib.api.calling import Caller
from leadcrm.lib.api.problems import of_bad_values, of_domain_error, problem
from leadcrm.lib.api.reading import storable
from leadcrm.lib.errors import DomainError
from leadcrm.lib.ratelimit import allow

log = structlog.get_logger("leadcrm.api")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PATIENCE = 4
COLLISIONS = frozenset({"40P01", "40001", "55P03"})
"""Deadlock, serialization failure, lock not available: nothing is wrong, and trying again helps."""
FAILURES_A_MINUTE = 60
"""How many wrong tokens one address may try."""
MOST_KEY = 200
KEPT_HEADERS = ("ETag", "Content-Type")
LOCK_SECONDS = "SET LOCAL lock_timeout = '10s'"

View = Callable[..., HttpResponse]


def guarded(view: View) -> View:
    """The view of an operation, behind the door."""

    @csrf_exempt
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _let_in(request, lambda: view(request, *args, **kwargs))
        if response.status_code == 405:
            allowed = response.headers.get("Allow", "")
            response = problem(405, "method_not_allowed", f"Possible here: {allowed}.")
            response["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def _let_in(request: HttpRequest, call: Callable[[], HttpResponse]) -> HttpResponse:
    sender = network_of(client_address(request))
    words = _bearer(request)
    token, caller = None, None
    if words:
        token, caller, why = caller_with(words)
        request.api_refusal = why  # type: ignore[attr-defined]
        if token is None:
            decision = allow(f"api:wrong:{sender}", limit=FAILURES_A_MINUTE, seconds=60)
            if not decision.allowed:
                return _too_many(decision.retry_after)
    if token is None or caller is None:
        return call()  # operations without a token answer, all others say that one is needed
    decision = allow(f"api:token:{token.pk}", limit=token.per_minute, seconds=60)
    if not decision.allowed:
        return _too_many(decision.retry_after)
    request.api_caller = caller  # type: ignore[attr-defined]
    if request.method in SAFE:
        return call()
    return _changing(request, token, caller, call)


def _bearer(request: HttpRequest) -> str:
    kind, _, words = request.headers.get("Authorization", "").partition(" ")
    return words.strip() if kind.lower() == "bearer" else ""


def _too_many(seconds: int) -> HttpResponse:
    response = problem(429, "too_many_requests", f"Try again in {seconds} seconds.", retry_after=seconds)
    response["Retry-After"] = str(seconds)
    return response


def _changing(request: HttpRequest, token: ApiToken, caller: Caller, call: Callable[[], HttpResponse]) -> HttpResponse:
    key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if len(key) > MOST_KEY or not storable(key):
        return problem(422, "invalid_values", f"An Idempotency-Key has up to {MOST_KEY} characters.")
    try:
        asked = _fingerprint(request) if key else b""
    except Exception as error:
        return answer_to(request, error)
    person: User | None = caller.by
    for tries in range(1, PATIENCE + 1):
        try:
            with acting(person, cause=caller.source), transaction.atomic():
                return _once(token, key, asked, call)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") not in COLLISIONS:
                raise
            log.info("tried again after a collision", tries=tries, error=str(error))
    response = problem(503, "busy", "Others are writing the same records; try again in a moment.")
    response["Retry-After"] = "1"
    return response


def _once(token: ApiToken, key: str, asked: bytes, call: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it, within the caller's transaction; what was refused is undone, and its key is free again."""
    kept = None
    with connection.cursor() as cursor:
        cursor.execute(LOCK_SECONDS)
    if key:
        kept, first = KeptAnswer.objects.get_or_create(token=token, key=key, defaults={"asked": asked})
        if not first:
            return _again(kept, asked)
    response = call()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    elif kept is not None:
        kept.status, kept.body = response.status_code, response.content
        kept.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        kept.save(update_fields=["status", "body", "headers"])
    return response


def _again(kept: KeptAnswer, asked: bytes) -> HttpResponse:
    if bytes(kept.asked) != asked:
        words = "This Idempotency-Key was used for another call; nothing was done."
        return problem(422, "idempotency_key_reused", words)
    response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _fingerprint(request: HttpRequest) -> bytes:
    parts = (str(request.method).encode(), request.get_full_path().encode(errors="replace"), request.body)
    return hashlib.sha256(b"\0".join(parts)).digest()


def answer_to(request: HttpRequest, error: Exception) -> HttpResponse:
    """What is answered to an error within an operation. Collisions are raised, for the door to try again."""
    match error:
        case DomainError():
            return of_domain_error(error)
        case ValidationError():
            return of_bad_values(error.errors)
        case Http404():
            return problem(404, "not_found", "There is nothing here, or not for this token.")
        case PermissionDenied():
            return problem(403, "forbidden", str(error) or "Who this token acts as may not do that.")
        case RequestDataTooBig():
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            return problem(413, "too_large", f"A call may be {most // 1024} kB large.", most=most)
        case UnreadablePostError() | SuspiciousOperation() | BadRequest():
            return problem(400, "not_readable", "The call could not be read.")
        case HttpError():
            code = "not_readable" if error.status_code == 400 else "refused"
            return problem(error.status_code, code, str(error))
        case DataError():
            log.warning("a value that no column holds", error=str(error), path=request.path)
            return problem(422, "invalid_values", "A value is too large or has a character that cannot be kept.")
        case OperationalError() if getattr(error.__cause__, "pgcode", "") in COLLISIONS:
            raise error
    log.exception("a call failed", path=request.path, exc_info=error)
    return problem(500, "unexpected", "Something went wrong here. It is written down; try again later.")


def listen_to_errors(api: NinjaAPI) -> None:
    """Have every error of an operation answered as a problem."""
    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, answer_to)  # type: ignore[arg-type]
