"""Who may do what with events, by role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from contacts.models import User
from contacts.roles import Ability, can

View = Callable[..., HttpResponseBase]


def may_keep_events(user: Any) -> bool:
    """Make events, see and change who is registered."""
    return can(user, Ability.MARKET)


def may_check_in(user: Any) -> bool:
    """Stand at the door: find who is registered, check them in, register who walks in."""
    return can(user, Ability.WRITE)


def keeps_events(view: View) -> View:
    return _guarded(view, may_keep_events)


def stands_at_the_door(view: View) -> View:
    return _guarded(view, may_check_in)


def _guarded(view: View, may: Callable[[Any], bool]) -> View:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    assert isinstance(request.user, User)
    return request.user
