"""Whose sight and abilities a call has, and refusing what they may not do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from pydantic import StrictBool

from contacts.access import may_write
from contacts.models import User
from leadcrm.lib.api.calling import caller_of
from leadcrm.lib.api.problems import Forbidden

Flag = StrictBool


def user_of(request: HttpRequest) -> User:
    """Whom every guard is asked about: the person the token acts as, or the integration with its role."""
    user: User = caller_of(request).user
    return user


def by_of(request: HttpRequest) -> User | None:
    """Who is named in stories: the person, or nobody when the integration acts as itself."""
    by: User | None = caller_of(request).by
    return by


def person_of(request: HttpRequest, what: str) -> User:
    """The person the token acts as, for what only people do. Raises Forbidden."""
    by = by_of(request)
    if by is None:
        raise Forbidden(f"Only people {what}: use a token that acts as a person.")
    return by


def must(allowed: bool, words: str = "Who this token acts as may not do that.") -> None:
    """Raise Forbidden unless allowed."""
    if not allowed:
        raise Forbidden(words)


def must_write(request: HttpRequest) -> None:
    """Raise Forbidden for who only reads."""
    must(may_write(user_of(request)), "Who this token acts as may read and change nothing.")


def named(errors: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """Errors of a service by the names of the call: `owner` is `owner_id` there."""

    def name_of(name: str) -> str:
        return f"{name}_id" if name not in fields and f"{name}_id" in fields else name

    return {name_of(name): said for name, said in errors.items()}
