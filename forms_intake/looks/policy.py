"""What the browser may load for a form, and where its post may end: words for the page's Content-Security-Policy."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponse

from forms_intake.spam.captcha import asked_on
from forms_intake.spec.shape import FormSpec


def allow_captcha(response: HttpResponse, form: FormSpec) -> None:
    """Let the page load what the captcha of its form needs, if that is a service of others."""
    asked = asked_on(form)
    if asked and asked.sources:
        more = {"script-src": list(asked.sources), "frame-src": list(asked.sources), "connect-src": list(asked.sources)}
        response._csp_update = {**getattr(response, "_csp_update", {}), **more}  # type: ignore[attr-defined]


def allow_redirect(response: HttpResponse, url: str) -> None:
    """Let the page's form end at `url`: browsers hold form-action against where a post is redirected to, too."""
    if url:
        parts = urlsplit(url)
        response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
