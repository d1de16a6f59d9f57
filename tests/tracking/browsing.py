"""Websites, browsers and workers for tests of tracking."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from contacts.models import MarketingContext
from forms_intake.models import PageRule, RawHit, Website
from forms_intake.tracking.sites import forget_sites
from forms_intake.tracking.work import track_next
from tests.build import a_context

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
HOME = "https://www.nordwind.example"
_number = count(1)


def a_website(name: str = "", *, origins: tuple[str, ...] = (HOME,), **more: Any) -> Website:
    forget_sites()
    name = name or f"Website {next(_number)}"
    context = more.pop("marketing_context", None) or a_context(name, MarketingContext.Kind.WEBSITE)
    return Website.objects.create(name=name, origins=list(origins), marketing_context=context, **more)


def a_page_rule(website: Website, pattern: str = "/pricing/", name: str = "Pricing visited", **more: Any) -> PageRule:
    forget_sites()
    return PageRule.objects.create(website=website, pattern=pattern, name=name, **more)


def a_cookie() -> str:
    return uuid4().hex


def a_hit(path: str = "/", **more: Any) -> dict[str, Any]:
    return {"i": uuid4().hex, "u": f"{HOME}{path}", "t": "", "r": "", "a": 0, **more}


def post_hits(
    client: Client, website: Website, body: Any, *, origin: str = HOME, agent: str = CHROME, **more: Any
) -> Any:
    """What the script would send: `body` as it is when it is text, else as JSON."""
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    headers: dict[str, Any] = {"HTTP_ORIGIN": origin} if origin else {}
    return client.post(
        f"/t/{website.public_id}/", text, content_type="text/plain", HTTP_USER_AGENT=agent, **headers, **more
    )


def browse(website: Website, cookie: str, *paths: str, minutes_ago: float = 0, agent: str = CHROME, **hit: Any) -> None:
    """Keep raw page views as the door does, all received at one moment."""
    RawHit.objects.create(
        kind=RawHit.Kind.HITS,
        website_id=website.pk,
        body=json.dumps({"v": cookie, "h": [a_hit(path, **hit) for path in paths]}),
        user_agent=agent,
        received_at=ago(minutes_ago),
    )


def ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


def tracked() -> None:
    """Make visits of everything that waits."""
    while track_next():
        pass
