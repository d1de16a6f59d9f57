"""Captchas: a proof of work that needs nobody else, and services of others. A form asks for one of them or for none.

Each way says what the page needs (`Asked`) and what is doubtful about a post. A service that fails is our trouble and
not the visitor's: it leaves a mark, and after some failures is not asked for a minute.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from django.conf import settings
from requests_hardened import Config, HTTPSession

from forms_intake.models import Captcha
from forms_intake.posts import PROOF, Post
from forms_intake.spec.shape import FormSpec

log = structlog.get_logger("forms_intake.captcha")

BITS = 16
"""Of zeros at the beginning of the proof: some sixty thousand tries, a quarter of a second on a telephone."""
CONNECT_SECONDS, READ_SECONDS = 1.5, 2.5
MOST_ANSWER = 16 * 1024
FAILURES, REST_SECONDS = 3, 60
MOST_CHARACTERS = 4_000


@dataclass(frozen=True)
class Service:
    """A service of others that looks at visitors: what its widget needs, and where its verdict is asked for."""

    name: str
    script: str
    widget: str
    answer: str
    verify: str
    sources: tuple[str, ...]


SERVICES = {
    "turnstile": Service(
        "Turnstile", "https://challenges.cloudflare.com/turnstile/v0/api.js", "cf-turnstile", "cf-turnstile-response",
        "https://challenges.cloudflare.com/turnstile/v0/siteverify", ("https://challenges.cloudflare.com",),
    ),
    "hcaptcha": Service(
        "hCaptcha", "https://js.hcaptcha.com/1/api.js", "h-captcha", "h-captcha-response",
        "https://api.hcaptcha.com/siteverify", ("https://hcaptcha.com", "https://*.hcaptcha.com"),
    ),
    "recaptcha": Service(
        "reCAPTCHA", "https://www.google.com/recaptcha/api.js", "g-recaptcha", "g-recaptcha-response",
        "https://www.google.com/recaptcha/api/siteverify", ("https://www.google.com", "https://www.gstatic.com"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a page with a captcha needs: `bits` for a proof of work; for a service its script, widget and site key."""

    bits: int = 0
    script: str = ""
    widget: str = ""
    site_key: str = ""
    sources: tuple[str, ...] = ()


def service() -> Service | None:
    """The service that this installation has keys for."""
    return SERVICES.get(settings.CAPTCHA_SERVICE)


def asked_on(form: FormSpec) -> Asked | None:
    """What a page that shows this form needs; None for nothing."""
    if form.captcha == Captcha.PROOF:
        return Asked(bits=BITS)
    theirs = service() if form.captcha == Captcha.SERVICE else None
    if theirs is None:
        return None
    return Asked(0, theirs.script, theirs.widget, settings.CAPTCHA_SITE_KEY, theirs.sources)


def doubts(form: FormSpec, post: Post) -> Iterator[tuple[str, str]]:
    """What is doubtful: check and words."""
    if form.captcha == Captcha.PROOF:
        if post.seconds is None or not is_proof(post.token, _said(post, PROOF)):
            yield "captcha", "The form asks the browser for a small piece of work, which was not done."
        return
    theirs = service()
    if theirs is None:
        yield "unchecked", "The form asks for a captcha, and no service is set up here."
        return
    said = _said(post, theirs.answer)
    if not said.isascii() or not said.isprintable() or not said:  # never a word of theirs, nor a reason to ask them
        yield "captcha", f"{theirs.name} was not answered."
        return
    verdict = _ask(theirs, said, post.origin.get("ip", ""))
    if verdict is None:
        yield "unchecked", f"{theirs.name} did not say whether this was a person."
    elif not verdict:
        yield "captcha", f"{theirs.name} says that this was no person."


def _said(post: Post, key: str) -> str:
    return next((text for text in reversed(post.texts.get(key, [])) if text), "")[:MOST_CHARACTERS]


def is_proof(token: str, number: str) -> bool:
    """Whether somebody worked for this token: the hash of token and number begins with so many zeros."""
    if not (number.isascii() and number.isdecimal() and len(number) <= 12):
        return False
    digest = hashlib.sha256(f"{token}:{number}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:4], "big") >> (32 - BITS) == 0


class _Rest:
    """After some failures in a row a service is left alone for a while: nobody waits for it meanwhile."""

    def __init__(self) -> None:
        self.lock, self.failures, self.until = threading.Lock(), 0, 0.0

    def is_on(self) -> bool:
        return time.monotonic() < self.until

    def note(self, *, failed: bool) -> None:
        with self.lock:
            self.failures = self.failures + 1 if failed else 0
            if self.failures >= FAILURES:
                self.failures, self.until = 0, time.monotonic() + REST_SECONDS


REST = _Rest()


def _ask(theirs: Service, said: str, address: str) -> bool | None:
    """The verdict of a service; None when there is none to be had."""
    if REST.is_on():
        return None
    body = {"secret": settings.CAPTCHA_SECRET, "response": said} | ({"remoteip": address} if address else {})
    try:
        answer = _post(settings.CAPTCHA_URL or theirs.verify, body)
        verdict = answer.get("success")
        wrong = [str(one)[:100] for one in answer.get("error-codes") or []][:5]
        if not isinstance(verdict, bool) or any("secret" in one or "internal" in one for one in wrong):
            raise ValueError(f"no verdict: {wrong}")  # our keys, or their fault: not the visitor's
    except Exception as error:  # whatever a server or a network can do
        REST.note(failed=True)
        log.warning("a captcha was not checked", service=theirs.name, error=repr(error)[:300])
        return None
    REST.note(failed=False)
    return verdict


def _post(url: str, body: Mapping[str, str]) -> dict[str, Any]:
    private = bool(settings.CAPTCHA_URL)  # said by who runs this: it may be a service in their own network
    config = Config(
        ip_filter_enable=not private,
        ip_filter_allow_loopback_ips=private,
        never_redirect=True,
        default_timeout=(CONNECT_SECONDS, READ_SECONDS),
    )
    with HTTPSession(config) as session:
        session.trust_env = False
        response = session.post(
            url, data=body, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
        )
        with response:
            if response.status_code != 200:
                raise requests.RequestException(f"answered {response.status_code}")
            read = response.raw.read(MOST_ANSWER, decode_content=True) or b""
    said = json.loads(read)
    if not isinstance(said, dict):
        raise ValueError("no object")
    return said
