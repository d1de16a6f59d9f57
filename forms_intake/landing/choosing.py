"""Which variant of a page under test a visitor sees: chosen once by chance, and then the same for this browser.

The cookie says the number of the test and a letter, such as "2B", and nothing about who it is; it is set only while a
test runs, for pages only, and ends with the test or after thirty days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import SystemRandom

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from forms_intake.landing.counting import counts
from forms_intake.landing.definition import Variant
from forms_intake.landing.live import LivePage

DAYS = 30
SAID = re.compile(r"([0-9]{1,6})([A-Z])")
_random = SystemRandom()


@dataclass(frozen=True)
class Chosen:
    """What a visitor sees. `is_new`: this browser was just given it. `counts`: it is somebody outside."""

    variant: Variant
    test: int = 0
    is_new: bool = False
    counts: bool = False

    @property
    def letter(self) -> str:
        """What goes along with the form: empty where no test runs, or nobody outside is looking."""
        return self.variant["letter"] if self.test and self.counts else ""


def choose(request: HttpRequest, live: LivePage) -> Chosen:
    """The variant for this request. Robots see the first, people who are signed in any; neither is in the test."""
    is_visit = counts(request)
    if not live.test or len(live.variants) < 2:
        return Chosen(live.variants[0], counts=is_visit)
    if not is_visit:
        wanted = request.GET.get("variant", "") if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        return Chosen(live.variant(wanted), live.test)
    said = SAID.fullmatch(request.COOKIES.get(cookie_of(live), ""))
    if said and int(said[1]) == live.test and said[2] in {one["letter"] for one in live.variants}:
        return Chosen(live.variant(said[2]), live.test, counts=True)
    weights = [max(0, one["weight"]) for one in live.variants]
    found = _random.choices(live.variants, weights if any(weights) else None)[0]
    return Chosen(found, live.test, is_new=True, counts=True)


def keep_choice(response: HttpResponse, live: LivePage, chosen: Chosen) -> None:
    """Let the browser see the same again, and no cache mix what browsers see."""
    if not chosen.test:
        return
    response["Cache-Control"] = "private, no-store"
    response["Vary"] = "Cookie"
    if chosen.is_new:
        response.set_cookie(
            cookie_of(live),
            f"{chosen.test}{chosen.variant['letter']}",
            max_age=DAYS * 24 * 3600,
            path="/p/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def cookie_of(live: LivePage) -> str:
    return f"page-{live.id}"
