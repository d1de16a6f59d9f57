"""A short way to the door: a post to a form needs no session, sign-in, messages or CSRF token."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from forms_intake.tracking.collecting import collect
from forms_intake.views.public import receive

DOORS = ((re.compile(r"/f/([^/]+)/"), receive), (re.compile(r"/t/([^/]+)/"), collect))


class Door:
    """Posts to /f/<public id>/ and /t/<public id>/ go straight to their views; everything else goes on. Stands inside
    the CSP's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            for door, view in DOORS:
                if found := door.fullmatch(request.path_info):
                    return view(request, found[1])
        return self.get_response(request)
