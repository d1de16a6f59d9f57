"""Our own pages as part of a website: when one lists our address, its script stands in landing pages and forms, and
browsers send its cookie along."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from forms_intake.tracking.addresses import origin_of
from forms_intake.tracking.collecting import asks_not_to_be_followed
from forms_intake.tracking.identities import NAME, key_of
from forms_intake.tracking.sites import site_at


def own_site() -> str:
    """The public id of the website that our own pages belong to, "" for none; at most some seconds old."""
    return site_at(origin_of(settings.SITE_URL))


def visitor_of(request: HttpRequest) -> str:
    """The key of the visitor who looks at a page of ours; "" where they never agreed, or ask not to be followed, and
    where our pages belong to no website: the cookie outlives it, and nobody is asked there any more.
    """
    key = None if asks_not_to_be_followed(request) else key_of(request.COOKIES.get(NAME, ""))
    return str(key) if key and own_site() else ""
