"""Whom the cookie of a website names in a post, as long as it says anything there."""

from __future__ import annotations

from django.http import HttpRequest

from forms_intake.anywhere.crossing import is_ours
from forms_intake.anywhere.origins import as_sent
from forms_intake.posts import Post
from forms_intake.tracking.addresses import origin_of
from forms_intake.tracking.collecting import asks_not_to_be_followed
from forms_intake.tracking.own import own_site
from forms_intake.tracking.sites import site_at


def visitor_in(request: HttpRequest, post: Post, *, frame: str | None = None) -> str:
    """The key of the visitor whom a post names; "" where they ask not to be followed, and on pages of no website in
    use: the cookie there outlives what they agreed to. `frame`: the origin around the frame that the form stood in.
    """
    visitor: str = "" if asks_not_to_be_followed(request) else post.origin.get("visitor", "")
    return visitor if visitor and _site_of(request, post, frame) else ""


def _site_of(request: HttpRequest, post: Post, frame: str | None) -> str:
    """The website in use that the page of a post belongs to, "" for none. A program names no origin, but may say on
    which page it asked; of our own pages proxies may change the host on the way.
    """
    if frame is not None:
        return site_at(frame)
    said = request.META.get("HTTP_ORIGIN")
    if said is None:
        return site_at(origin_of(post.origin.get("referrer", "")))
    origin = as_sent(said)
    by_us = request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin" or is_ours(request, origin)
    return site_at(origin) or (own_site() if by_us else "")
