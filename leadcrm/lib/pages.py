"""Rendering: a whole page, or for htmx the one named part of it that is wanted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

VARIES = "HX-Request, HX-History-Restore-Request"


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page. Going back in the history it asks for the whole of it."""
    headers = request.headers
    whole = headers.get("HX-Boosted") or headers.get("HX-History-Restore-Request")
    return bool(headers.get("HX-Request")) and not whole


def stands_below(request: HttpRequest, name: str) -> None:
    """This page belongs to the place of this URL name, though its address does not say so."""
    request.stands_below = name  # type: ignore[attr-defined]


def place_of(request: HttpRequest) -> str:
    """What `stands_below` was told of this request, or ""."""
    return str(getattr(request, "stands_below", ""))


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str = "", status: int = 200
) -> HttpResponse:
    """Render `template`; when htmx asks and the template defines the partial `part`, only that."""
    if part and wants_part(request):
        template = f"{template}#{part}"
    response = render(request, template, context, status=status)
    if part:
        response["Vary"] = VARIES
    return response
