"""Addresses of pages that may not be there: templates and the roof link to what exists."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme


def url_of(name: str, *args: object) -> str:
    """The address of a named page, or "" when there is none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


_ID = 1_000_000_000_000_000_007
"""Stands for an id while an address is taken apart: nothing else in one looks like it."""


def address_of(name: str, record_id: int, *args: object) -> str:
    """The address of a page about one record, as `reverse` gives it; lists of fifty rows ask hundreds of times."""
    before, after = _around(name, *args)
    return f"{before}{record_id}{after}"


@lru_cache(maxsize=512)
def _around(name: str, *args: object) -> tuple[str, str]:
    before, after = reverse(name, args=[_ID, *args]).split(str(_ID))
    return before, after


def safe_next(request: HttpRequest, default: str) -> str:
    """Where a form says to go afterwards (`next`), if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted.startswith("/") and ours else default


def id_in(request: HttpRequest, name: str) -> int:
    """The id of a record that the query string names; 0, which no record has, when it is no id."""
    wanted = request.GET.get(name, "")
    return int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0


def back_of(request: HttpRequest, default: str = "/") -> str:
    """The page the person came from, if it is one of ours and not this one."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return came_from if ours and came_from != request.build_absolute_uri() else default
