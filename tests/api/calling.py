"""Calling the API as another system would."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from contacts.models import Role, User
from leadcrm.api.scopes import SCOPES
from leadcrm.api.tokens import make_token
from tests.build import a_user

ALL = tuple(SCOPES)


class Api:
    """A system with a token: `api.get("/leads")`, `api.post("/leads", {...})`, answers as Django gives them."""

    def __init__(self, words: str) -> None:
        self.words, self.client = words, Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        sent = {"Authorization": f"Bearer {self.words}"} if self.words else {}
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers={**sent, **headers}
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.call("PATCH", path, body, **headers)


def an_api(role: str = "", *, user: User | None = None, scopes: tuple[str, ...] = ALL, **more: Any) -> Api:
    """A system that acts as itself with a role (administrator unless said), or as a person."""
    maker = a_user(Role.ADMINISTRATOR)
    acts = {"user": user} if user else {"role": role or Role.ADMINISTRATOR}
    return Api(make_token(name="Other CRM", scopes=scopes, by=maker, per_minute=1_000_000, **acts, **more)[1])


def problem_of(response: Any) -> tuple[int, str, dict[str, str]]:
    """Status, code and fields of a refusal."""
    assert response["Content-Type"] == "application/problem+json", response.content[:300]
    body = response.json()
    return response.status_code, body["code"], {each["field"]: each["message"] for each in body.get("errors", [])}
