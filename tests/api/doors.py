"""The doors that anybody may call, described as the API describes itself, so that schemathesis can ask them too.

Each describes what its callers send: forms and landing pages, pages and frames on other sites, tracking, mails, signed
links, events, networks of advertisements; and quick capture, which is asked as somebody who is signed in.
"""

from __future__ import annotations

from typing import Any

from tests.ads.network import notification
from tests.tracking.browsing import CHROME, HOME, a_cookie, a_hit

TEXT: dict[str, Any] = {"type": "string"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ORIGIN = {"Origin": {"enum": [HOME, "https://elsewhere.example", "null"]}}
AGENT = {"User-Agent": {"anyOf": [TEXT, {"enum": [CHROME, "Googlebot/2.1"]}]}, "Referer": TEXT}
VISIT = dict.fromkeys(("utm_source", "utm_medium", "gclid", "email", "_who", "first_name"), TEXT)
TYPED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "email": {"anyOf": [{"type": "string", "format": "email"}, TEXT]},
        **dict.fromkeys(("first_name", "last_name", "_token", "_page", "_who", "_variant", "_visitor", "_at"), TEXT),
        "_capture": {"anyOf": [{"type": "integer"}, TEXT]},
        **dict.fromkeys(("_unmapped", "your-website", "utm_source", "gclid", "h-captcha-response"), TEXT),
    },
    "additionalProperties": TEXT,
}
SAID = TYPED | {"additionalProperties": True}
HITS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "v": {"anyOf": [{"enum": [a_cookie()]}, TEXT]},
        "h": {
            "type": "array",
            "minItems": 1,
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {
                    "i": {"anyOf": [{"type": "string", "pattern": "^[A-Za-z0-9_-]{8,40}$"}, TEXT]},
                    "u": {"anyOf": [{"enum": [a_hit("/pricing/")["u"]]}, TEXT]},
                    "t": TEXT,
                    "r": TEXT,
                    "a": {"type": ["integer", "number", "string"]},
                },
                "required": ["i", "u"],
            },
        },
    },
    "required": ["v", "h"],
}
TOLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        name: {"anyOf": [{"enum": [value]}, {"type": ["string", "integer", "object", "null"]}]}
        for name, value in notification("5f0d9a8e-1").items()
    },
}


def _form(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "additionalProperties": TEXT}
    return {"requestBody": {"content": {FORM: {"schema": schema}}}}


def _posted() -> dict[str, Any]:
    return {"requestBody": {"content": {JSON: {"schema": SAID}, FORM: {"schema": TYPED}}}}


def _door(path: str, method: str, *, more: dict[str, Any] | None = None, **where: dict[str, Any]) -> tuple[Any, ...]:
    """One operation: its parameters by where they are (`query`, `header`), those of the path by their names."""
    names = [part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")]
    parameters = [
        {"name": one, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for one in names
    ]
    for place, schemas in where.items():
        parameters += [{"name": name, "in": place, "schema": schema} for name, schema in schemas.items()]
    answers = {"responses": {"200": {"description": "Answered"}}}
    return path, method, {"operationId": f"{method} {path}", "parameters": parameters, **answers, **(more or {})}


DOORS = (
    _door("/f/{public_id}/", "get", query=VISIT, header=AGENT),
    _door("/f/{public_id}/", "post", more=_posted(), header=AGENT | ORIGIN),
    _door("/f/{public_id}/", "options", header=ORIGIN),
    _door("/f/{public_id}/thanks/", "get", query={"_page": TEXT}),
    _door("/f/{public_id}/mailbox/", "get"),
    _door("/f/{public_id}/capture/", "get", header=ORIGIN),
    _door("/f/{public_id}/embed/", "get", query=VISIT | {"check": TEXT}, header=AGENT | ORIGIN),
    _door("/f/{public_id}/seen/", "post", more=_form(_visitor=TEXT, _capture=TEXT), header=AGENT | ORIGIN),
    _door("/f/{public_id}/seen/", "options", header=ORIGIN),
    _door("/f/{public_id}/frame/", "get", query=VISIT | {"at": TEXT}, header=AGENT),
    _door("/f/{public_id}/frame/thanks/", "get", query={"frame": TEXT}),
    _door("/f/confirm/{confirm_token}/", "get"),
    _door("/f/confirm/{confirm_token}/", "post", more=_form(anything=TEXT)),
    _door("/p/{slug}/", "get", query=VISIT | {"variant": TEXT}, header=AGENT | {"Cookie": TEXT}),
    _door("/p/images/{name}", "get"),
    _door("/t/{website}/", "post", more={"requestBody": {"content": {JSON: {"schema": HITS}}}}, header=AGENT | ORIGIN),
    _door("/t/{website}/", "options", header=ORIGIN),
    _door("/t/o/{pixel}", "get", header=AGENT),
    _door("/t/c/{click}/", "get", header=AGENT),
    _door("/hooks/ads/{hook}/", "get", query={"challengeCode": TEXT}),
    _door("/hooks/ads/{hook}/", "post", more={"requestBody": {"content": {JSON: {"schema": TOLD}}}}),
    _door("/preferences/", "post", more=_form(email={"anyOf": [{"type": "string", "format": "email"}, TEXT]})),
    _door("/preferences/{own_token}/", "get"),
    _door("/preferences/{own_token}/", "post", more=_form(shown=TEXT, purpose={"type": ["integer", "string"]})),
    _door("/preferences/{own_token}/unsubscribe/", "post", more=_form(**{"List-Unsubscribe": {"enum": ["One-Click"]}})),
    _door(
        "/preferences/{own_token}/request/",
        "post",
        more=_form(kind={"anyOf": [{"enum": ["export", "erasure"]}, TEXT]}),
    ),
    _door("/preferences/confirm/{consent_token}/", "post", more=_form(anything=TEXT)),
    _door("/e/{event_slug}/", "get", query=VISIT, header=AGENT),
    _door("/e/ticket/{ticket}/", "get"),
    _door("/e/ticket/{ticket}/", "post", more=_form(do={"anyOf": [{"enum": ["cancel", "accept"]}, TEXT]})),
    _door("/e/ticket/{ticket}/event.ics", "get"),
    _door("/f/{event_form}/", "post", more=_posted(), header=AGENT),
    _door("/capture/", "get"),
    _door("/capture/", "post", more=_posted(), header={"Accept": {"enum": ["application/json", "text/html"]}}),
)


def described() -> dict[str, Any]:
    """All doors as one OpenAPI document."""
    paths: dict[str, Any] = {}
    for path, method, operation in DOORS:
        paths.setdefault(path, {})[method] = operation
    return {"openapi": "3.1.0", "info": {"title": "The door", "version": "1"}, "paths": paths}
