"""Who calls the API, and what their token is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Router
from ninja.security import HttpBearer

from leadcrm.lib.api.problems import PROBLEMS, BadFields, InsufficientScope, Unauthenticated

UNKNOWN_PARAMETER = "There is no such parameter."
MOST_UNKNOWN, MOST_NAME = 10, 100
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
    """Lets a call in whose token, checked at the door (`request.api_caller`), has been given `scope`; any for "".

    `parameters` are those of the query that its operation knows; another one is refused by name, since a filter that is
    misspelt would otherwise give everything.
    """

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope
        self.parameters: frozenset[str] = frozenset()

    def __call__(self, request: HttpRequest) -> Caller:
        caller: Caller | None = getattr(request, "api_caller", None)
        if caller is None:
            raise Unauthenticated(getattr(request, "api_refusal", ""))
        if self.scope and self.scope not in caller.scopes:
            raise InsufficientScope(self.scope)
        unknown = sorted(set(request.GET) - self.parameters)
        if unknown:
            raise BadFields({name[:MOST_NAME]: UNKNOWN_PARAMETER for name in unknown[:MOST_UNKNOWN]})
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
        return self._operation(self.get, path, scope, {200: response}, more)

    def makes(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        """A POST that may carry an Idempotency-Key. `response`: a shape for 201, or shapes by status."""
        shapes = response if isinstance(response, dict) else {201: response}
        extra = {"openapi_extra": {"parameters": [IDEMPOTENCY]}}
        return self._operation(self.post, path, scope, shapes, more | extra)

    def does(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        """A POST that acts on what is there, and answers with it as it is then."""
        return self.makes(path, scope, {200: response}, **more)

    def edits(self, path: str, scope: str, response: Any, **more: Any) -> Callable[[View], View]:
        return self._operation(self.patch, path, scope, {200: response}, more)

    def _operation(
        self, method: Callable[..., Any], path: str, scope: str, shapes: dict[int, Any], more: dict[str, Any]
    ) -> Callable[[View], View]:
        token = Token(scope)
        register = method(path, auth=token, response=shapes | PROBLEMS, **_described(scope, more))

        def registered(view: View) -> View:
            made: View = register(view)
            token.parameters = _parameters(self.path_operations[path].operations[-1])
            return made

        return registered


def _parameters(operation: Any) -> frozenset[str]:
    """The names an operation takes from the query."""
    queries = (model for model in operation.models if model.__ninja_param_source__ == "query")
    return frozenset(name for model in queries for name in model.__ninja_flatten_map__)


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
