"""Refusals as RFC 9457 problem details: a stable code, words, and the fields that do not hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import JsonResponse
from ninja import Schema
from pydantic import ConfigDict

from leadcrm.lib.errors import DomainError

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "That could not be read",
    401: "A token is needed",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Not as things stand",
    412: "Changed meanwhile",
    413: "Too large",
    422: "Some values cannot be used",
    428: "Say which version you saw",
    429: "Too many requests",
    500: "Something went wrong",
    503: "Please try again",
}


class FieldProblem(Schema):
    """One value that cannot be used: which, and why."""

    field: str
    message: str


class Problem(Schema):
    """Why a call was refused (RFC 9457). `code` is stable; further members say more about it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []


REFUSALS = (400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 429, 503)
PROBLEMS: dict[int, Any] = dict.fromkeys(REFUSALS, Problem)
"""What any operation may answer instead."""


class Unauthenticated(DomainError):
    """No token, or none that is in force."""

    code = "unauthenticated"
    status = 401

    def __init__(self, why: str = "") -> None:
        super().__init__(why or "Send a token in force: Authorization: Bearer ...")


class InsufficientScope(DomainError):
    """The token was not made for this."""

    code = "insufficient_scope"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"This token was not given the scope {scope}.", scope=scope)


class Forbidden(DomainError):
    """The role or person this token acts as may not do that."""

    code = "forbidden"
    status = 403


class BadFields(DomainError):
    """Values of a call that cannot be used; `errors` maps fields to what is wrong."""

    code = "invalid_values"
    status = 422

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("Some values cannot be used: " + " ".join(errors.values()), errors=dict(errors))


class VersionMissing(DomainError):
    """An edit that does not say which version it is of."""

    code = "version_missing"
    status = 428

    def __init__(self) -> None:
        super().__init__('Send the version you saw: If-Match: "3", as the ETag of the record says.')


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """A refusal as it is sent. `more` goes beside the members that each problem has."""
    reserved = {"type", "title", "status", "code", "detail"}
    said = {name: value for name, value in more.items() if name not in reserved}
    body = {
        "type": f"urn:leadcrm:problem:{code}",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "code": code,
        "detail": detail,
        **said,
    }
    response = JsonResponse(body, status=status, encoder=DjangoJSONEncoder)
    response["Content-Type"] = CONTENT_TYPE
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


STATUS_BY_CODE: Mapping[str, int] = {"changed_meanwhile": 412}
"""Where a refusal has a status of its own in an API."""


def of_domain_error(error: DomainError) -> JsonResponse:
    """A named cause of the domain as a problem; fields that do not hold become `errors`."""
    data = dict(error.data)
    fields = data.pop("errors", None)
    if isinstance(fields, Mapping):
        data["errors"] = field_problems(fields.items())
    return problem(STATUS_BY_CODE.get(error.code, error.status), error.code, error.message, **data)


def field_problems(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": str(name), "message": str(words)} for name, words in pairs]


PLACES: frozenset[str] = frozenset({"body", "query", "path", "header", "form", "cookie"})


def of_bad_values(errors: Iterable[Mapping[str, Any]]) -> JsonResponse:
    """What the shapes of a call refuse, naming each field as the caller wrote it: `contact.email`, `items.3.type`."""
    found = []
    for error in errors:
        place = [str(part) for part in error.get("loc", ())]
        if place and place[0] in PLACES:
            place = place[1:]
        if place and place[0] == "body":
            place = place[1:]
        found.append((".".join(place), str(error.get("msg", ""))))
    words = "; ".join(f"{name}: {said}" if name else said for name, said in found[:5])
    return problem(422, "invalid_values", words, errors=field_problems(found))


class TooSlowAsked(DomainError):
    """What was asked for takes too long to find at this size."""

    code = "takes_too_long"
    status = 503

    def __init__(self) -> None:
        super().__init__("Finding that takes too long; narrow it with further filters.")
