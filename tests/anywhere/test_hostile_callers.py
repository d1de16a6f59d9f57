"""Whatever a page or program says at the public addresses, the answer is one of ours and never a fault."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from forms_intake.models import Captcha, FormCapture
from tests.build import a_form

pytestmark = pytest.mark.django_db
SITE = "https://www.example.com"
WORDS = some.one_of(
    some.text(max_size=40),
    some.sampled_from(
        [SITE, "null", "*", "//evil.example", "javascript:alert(1)", "a\r\nSet-Cookie: x=1", "~", "\x00"]
    ),
)
HEADERS = some.text(some.characters(min_codepoint=32, max_codepoint=255), max_size=40)
LONE = some.text(some.characters(), max_size=20)
"""Halves of surrogate pairs among them, which JSON can say and UTF-8 cannot."""
KEYS = some.sampled_from(
    [
        "email",
        "first_name",
        "_token",
        "_who",
        "_at",
        "_capture",
        "_unmapped",
        "_proof",
        "_page",
        "cf-turnstile-response",
    ]
)


@pytest.mark.deep
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    said=some.dictionaries(some.sampled_from(["at", "frame", "who", "email", "utm_source", "check"]), WORDS),
    data=some.data(),
)
def test_addresses_for_pages_of_others_hold_against_anything(client: Client, said: dict[str, str], data: Any) -> None:
    form = a_form(f"Form {uuid4()}", origins=[SITE])
    origin = data.draw(some.one_of(HEADERS, some.just(SITE)))
    for address in ("", "embed/", "frame/", "frame/thanks/", "frame/mailbox/", "capture/", "seen/"):
        method = data.draw(some.sampled_from(["get", "options", "head"]))
        answer = getattr(client, method)(f"/f/{form.public_id}/{address}", said, HTTP_ORIGIN=origin)
        assert answer.status_code < 500
        assert answer.headers.get("Access-Control-Allow-Origin", SITE) == SITE
        assert "Set-Cookie" not in answer.headers and not answer.cookies
        assert "evil" not in answer.headers.get("Content-Security-Policy", "")


@pytest.mark.deep
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    values=some.dictionaries(KEYS, some.one_of(LONE, WORDS, some.lists(LONE, max_size=3))),
    captcha=some.sampled_from(Captcha),
)
def test_posts_of_anything_are_kept_or_refused_with_a_reason(client: Client, values: Any, captcha: Captcha) -> None:
    form = a_form(f"Form {uuid4()}", origins=[SITE], captcha=captcha)
    capture = FormCapture.objects.create(form=form, name="Shop", selector="form")
    for more in ({}, {"_capture": str(capture.pk)}):
        body = json.dumps({"email": "nina@nordwind.example", **values, **more})
        answer = client.post(f"/f/{form.public_id}/?frame={SITE}", body, "application/json", HTTP_ORIGIN=SITE)
        assert answer.status_code in (202, 422), answer.content
