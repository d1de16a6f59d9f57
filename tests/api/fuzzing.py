"""The whole API and the doors that anybody may call, asked by schemathesis for what nobody thought of.

What is looked for: answers of 500 and more, refusals that are no problem details, and answers of another shape than was
said. Each example of an operation is a call with Django's test client, in a transaction that is taken back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings

from leadcrm.api.assembly import v1
from tests.api.calling import an_api
from tests.build import a_contact, a_form, a_lead, a_page, a_segment, an_account

PUBLIC_FORM: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "The door", "version": "1"},
    "paths": {
        "/f/{public_id}/": {
            "get": {
                "operationId": "showForm",
                "parameters": [
                    {"name": "utm_source", "in": "query", "schema": {"type": "string"}},
                    {"name": "gclid", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {"200": {"description": "The form"}},
            },
            "post": {
                "operationId": "postForm",
                "parameters": [
                    {"name": "Referer", "in": "header", "schema": {"type": "string"}},
                    {"name": "User-Agent", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object", "additionalProperties": True}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "additionalProperties": {"type": "string"}}
                        },
                    }
                },
                "responses": {"202": {"description": "Kept"}, "303": {"description": "Kept"}},
            },
            "parameters": [
                {"name": "public_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
            ],
        },
        "/p/{slug}/": {
            "get": {
                "operationId": "showPage",
                "parameters": [{"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "The page"}},
            }
        },
    },
}
EVERYTHING = settings(
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Found:
    """How many calls there were, by what was answered, and what must not be: operation, status, what was sent."""

    statuses: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return sum(self.statuses.values())


def a_world_to_ask() -> dict[str, Any]:
    """What parts of addresses name records: by parameter, ids by the kind that the address begins with."""
    account, contact = an_account(), a_contact()
    lead = a_lead(contact, account=account, sales_ready=True, sales_ready_at=timezone.now())
    form = a_form()
    return {
        "public_id": form.public_id,
        "slug": a_page(form).slug,
        "/api/v1/contacts": contact.pk,
        "/api/v1/accounts": account.pk,
        "/api/v1/leads": lead.pk,
        "/api/v1/segments": a_segment(kind="static").pk,
    }


def ask(*, examples: int, every: int = 1) -> Found:
    """Ask each operation, or one of `every` so many, for `examples` cases."""
    found, known = Found(), a_world_to_ask()
    api = an_api()
    described = schemathesis.openapi.from_dict(v1.get_openapi_schema())
    door = schemathesis.openapi.from_dict(PUBLIC_FORM)
    client = Client(raise_request_exception=False)
    ours = {"Authorization": f"Bearer {api.words}"}
    asked: list[tuple[Any, dict[str, str]]] = [(one, ours) for one in described.get_all_operations()]
    asked += [(one, {}) for one in door.get_all_operations()]
    for operation, headers in asked[::every]:
        _ask_one(operation.ok(), headers, client, known, found, examples=examples)
    return found


def _ask_one(
    operation: Any,
    headers: dict[str, str],
    client: Client,
    known: dict[str, Any],
    found: Found,
    *,
    examples: int,
) -> None:
    @settings(EVERYTHING, max_examples=examples)
    @given(case=operation.as_strategy())
    def one(case: Any) -> None:
        for name in case.path_parameters or {}:
            value = known.get("/".join(operation.path.split("/")[:4]) if name == "id" else name)
            if value is not None and found.calls % 4:
                case.path_parameters[name] = value
        with transaction.atomic():
            response = _call(client, case, headers)
            transaction.set_rollback(True)
        found.statuses[response.status_code] += 1
        label = f"{operation.method.upper()} {operation.path}"
        is_api = bool(headers)
        if response.status_code >= 500 and response.status_code != 503:
            found.wrong.append(f"{label}: {response.status_code} for {case.body!r} {case.query!r}"[:600])
        elif is_api and response.status_code >= 400 and "problem+json" not in response["Content-Type"]:
            found.wrong.append(f"{label}: {response.status_code} is no problem: {response.content[:100]!r}")
        elif is_api and not _is_described(operation, response.status_code):
            found.wrong.append(f"{label}: {response.status_code} was not said")

    one()


def _is_described(operation: Any, status: int) -> bool:
    return str(status) in operation.definition.raw["responses"]


def _call(client: Client, case: Any, headers: dict[str, str]) -> Any:
    """The call of a case as the network would bring it."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    given_headers = {str(name): _latin(str(value)) for name, value in (sent.get("headers") or {}).items()}
    prepared = _prepared(sent)
    return client.generic(
        sent["method"],
        prepared.path_url,
        prepared.body or b"",
        content_type=prepared.headers.get("Content-Type", ""),
        headers={**{name: value for name, value in given_headers.items() if name.lower() != "content-type"}, **headers},
    )


def _prepared(sent: dict[str, Any]) -> Any:
    wanted = {name: sent[name] for name in ("method", "url", "params", "json", "data", "files") if name in sent}
    return requests.Request(**wanted).prepare()


def _latin(text: str) -> str:
    return text.encode("latin-1", errors="replace").decode("latin-1").replace("\r", "").replace("\n", "")
