"""Rendering: a whole page, or for htmx the one named part of it that is wanted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str = "", status: int = 200
) -> HttpResponse:
    """Render `template`; when htmx asks and the template defines the partial `part`, only that."""
    if part and request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        template = f"{template}#{part}"
    response = render(request, template, context, status=status)
    if part:
        response["Vary"] = "HX-Request"
    return response
