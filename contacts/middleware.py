"""The last line before every page: who only reads changes nothing; field history hears who changes something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from contacts.acting import acting
from contacts.models import User
from contacts.roles import Role

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
View = TypeVar("View", bound=Callable[..., Any])


def own_affair(view: View) -> View:
    """Mark a view whose changes concern nobody but the person: signing out, own lists, own notices."""
    view.is_own_affair = True  # type: ignore[attr-defined]
    return view


class ReadersOnlyRead:
    """Refuses whatever a read-only person sends, whichever view would take it, but for their own affairs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if request.method in SAFE or getattr(view, "is_own_affair", False):
            return
        if getattr(request.user, "role", "") == Role.READER:
            raise PermissionDenied("You may read everything here and change nothing.")


class ActingPerson:
    """Tells field history who is at work, and in which request. Costs nothing where nothing is changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in SAFE or not isinstance(request.user, User):
            return self.get_response(request)
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        with acting(request.user, cause=f"page:{request_id}"):
            return self.get_response(request)
