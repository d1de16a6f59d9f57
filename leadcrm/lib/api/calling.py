"""Who calls the API, and what their token is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Router
from ninja.security import HttpBearer

from leadcrm.lib.api.problems import PROBLEMS, InsufficientScope, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Caller:
    """A token at work. `user` is whose sight and abilities it has; `by` is the person that stories name, None when it
    acts as the integration itself; `source` names it where things are recorded, such as "api:q3fX9a2B".
    """

    token_id: int
    name: str
    source: str
    scopes: frozenset[str]
    user: Any
    by: Any


class Token(HttpBearer):
    """Lets a call in whose token, checked at the door (`request.api_caller`), has been given `scope`; any for ""."""

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Caller:
        caller: Caller | None = getattr(request, "api_caller", None)
        if caller is None:
            raise Unauthenticated(getattr(request, "api_refusal", ""))
        if self.scope and self.scope not in caller.scopes:
            raise InsufficientScope(self.scope)
        return caller

    def authenticate(self, request: HttpRequest, token: str) -> Caller:  # pragma: no cover
        raise NotImplementedError("the door has looked at the token")


def caller_of(request: HttpRequest) -> Caller:
    """Who makes this call."""
    caller: Caller = request.api_caller  # type: ignore[attr-defined]
    return caller


class Routes(Router):
    """A router whose operations say which scope they need; each may be refused, and the description says so."""

    def reads(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        return self.get(path, auth=Token(scope), response={200: response, **PROBLEMS}, **_described(scope, more))

    def makes(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        """A POST that may carry an Idempotency-Key. `response`: a shape for 201, or shapes by status."""
        shapes = response if isinstance(response, dict) else {201: response}
        extra = {"openapi_extra": {"parameters": [IDEMPOTENCY]}}
        return self.post(path, auth=Token(scope), response=shapes | PROBLEMS, **_described(scope, more | extra))

    def does(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        """A POST that acts on what is there, and answers with it as it is then."""
        return self.makes(path, scope, {200: response}, **more)

    def edits(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        return self.patch(path, auth=Token(scope), response={200: response, **PROBLEMS}, **_described(scope, more))


IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Up to 200 characters. A repeat with the same key within a day gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]*$"},
}


def _described(scope: str, more: dict[str, Any]) -> dict[str, Any]:
    extra = {"x-scope": scope, **more.pop("openapi_extra", {})}
    return {"openapi_extra": extra, **more}
