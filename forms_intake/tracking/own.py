"""Our own pages as part of a website: when one lists our address, its script stands in landing pages and forms, and
browsers send its cookie along."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest

from forms_intake.models import Website
from forms_intake.tracking.addresses import origin_of
from forms_intake.tracking.collecting import asks_not_to_be_followed
from forms_intake.tracking.identities import NAME, key_of

SECONDS = 10
_known: tuple[float, str] = (0.0, "")


def own_site() -> str:
    """The public id of the website that our own pages belong to, "" for none; at most some seconds old."""
    global _known
    now = time.monotonic()
    if _known[0] < now or not settings.FORM_DEFINITION_SECONDS:
        here = origin_of(settings.SITE_URL)
        found = Website.objects.filter(active=True, origins__contains=[here]).order_by("pk")
        _known = now + SECONDS, found.values_list("public_id", flat=True).first() or ""
    return _known[1]


def visitor_of(request: HttpRequest) -> str:
    """The key of the visitor who looks at a page of ours; "" where they never agreed, or ask not to be followed."""
    key = None if asks_not_to_be_followed(request) else key_of(request.COOKIES.get(NAME, ""))
    return str(key) if key else ""
