"""What is no person: robots, scanners of mails, and programs that fetch ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from crawlerdetect import CrawlerDetect
from django.http import HttpRequest

from contacts.robots import is_robot

TOO_SOON = timedelta(seconds=5)
"""Nobody opens a mail, let alone follows a link in it, so soon after it was sent."""
FETCH_FOR_PEOPLE = ("googleimageproxy", "yahoomailproxy", "ggpht.com")
"""Programs that fetch a mail's pictures when a person opens it."""


@cache
def _detector() -> CrawlerDetect:
    return CrawlerDetect()


def is_automatic(user_agent: str, *, in_mail: bool = False) -> bool:
    """Whether a user agent is of a known robot. Without one it is a program; mail programs sometimes say none."""
    if not user_agent.strip():
        return not in_mail
    if in_mail and any(name in user_agent.lower() for name in FETCH_FOR_PEOPLE):
        return False
    return is_robot(user_agent) or bool(_detector().is_crawler(user_agent))


def fetches_ahead(request: HttpRequest) -> bool:
    """Whether the request itself says that nobody looks at the answer yet."""
    said = "".join(request.META.get(name, "") for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ"))
    return request.method == "HEAD" or any(word in said.lower() for word in ("prefetch", "preview"))


def too_soon(sent_at: datetime | None, at: datetime) -> bool:
    """Whether it happened within seconds of sending, as scanners of mail servers do."""
    return sent_at is not None and at < sent_at + TOO_SOON
