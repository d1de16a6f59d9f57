"""How the body and the query of a call are read: JSON as everybody means it, and no text that no column can hold."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.errors import HttpError
from ninja.parser import Parser

DEEPEST = 20
NOT_STORABLE = "Texts hold no NUL character and no half of a surrogate pair."


class OurParser(Parser):
    """Refuses what JSON does not have (NaN, Infinity), what is nested beyond reason, and characters nobody can keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        try:
            data = json.loads(body.decode(), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise HttpError(400, "The body is not JSON in UTF-8.") from error
        _check(data)
        return data

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> Any:
        found = super().parse_querydict(data, list_fields, request)
        _check(found)
        return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _check(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise HttpError(400, f"The body is nested more than {DEEPEST} deep.")
    if isinstance(value, str):
        if not storable(value):
            raise HttpError(400, NOT_STORABLE)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


def storable(text: str) -> bool:
    """Whether PostgreSQL can hold it."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
