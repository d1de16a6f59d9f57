"""A short way to the door: a post to a form needs no session, sign-in, messages or CSRF token."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from forms_intake.views.public import receive

DOOR = re.compile(r"/f/([^/]+)/")


class Door:
    """Posts to /f/<public id>/ go straight to their view; everything else goes on. Stands inside the CSP's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = DOOR.fullmatch(request.path_info) if request.method == "POST" else None
        return receive(request, found[1]) if found else self.get_response(request)
