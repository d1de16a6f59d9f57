"""Captchas: a piece of work that needs nobody else, and services of others that may fail without losing anybody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from contacts.models import Role
from forms_intake import posts
from forms_intake.models import Captcha, IntakeForm, Submission
from forms_intake.spam import captcha
from tests.build import a_form, a_user

pytestmark = pytest.mark.django_db
NINA = {"email": "nina@nordwind.example"}


def work(token: str) -> str:
    return next(str(number) for number in range(10**9) if captcha.is_proof(token, str(number)))


def found(client: Client, form: IntakeForm, **more: str) -> tuple[str, list[str]]:
    answer = client.post(f"/f/{form.public_id}/", NINA | more)
    assert answer.status_code == 303
    one = Submission.objects.latest("pk")
    return one.state, [mark["check"] for mark in one.marks]


def test_a_browser_that_did_the_work_passes_and_no_other(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captcha, "BITS", 8)
    form = a_form(captcha=Captcha.PROOF)
    page = client.get(f"/f/{form.public_id}/").content.decode()
    assert 'name="_proof"' in page and 'data-bits="8"' in page and "js/proof.js" in page
    token, other = posts.new_token(), posts.new_token()
    assert found(client, form, _token=token, _proof=work(token)) == ("pending", [])
    wrong = next(str(n) for n in range(1000) if not captcha.is_proof(other, str(n)))
    for number, proof in enumerate((wrong, "", "-1", "1e5", "9" * 50, "x")):
        more = {"_token": other, "_proof": proof, "first_name": str(number)}
        assert found(client, form, **more) == ("spam", ["captcha"]), proof
    made_up = "made-up~token"
    assert found(client, form, _token=made_up, _proof=work(made_up)) == ("spam", ["captcha"])


@contextmanager
def a_service(answer: dict[str, Any] | bytes, status: int = 200, location: str = "") -> Iterator[tuple[str, list[Any]]]:
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/siteverify", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def form(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> IntakeForm:
    settings.CAPTCHA_SERVICE, settings.CAPTCHA_SITE_KEY, settings.CAPTCHA_SECRET = "turnstile", "site", "secret"
    monkeypatch.setattr(captcha, "REST", captcha._Rest())
    return a_form(captcha=Captcha.SERVICE)


SAID = {"cf-turnstile-response": "word"}


def test_a_service_is_asked_and_its_verdict_is_a_mark(client: Client, form: IntakeForm, settings: Settings) -> None:
    page = client.get(f"/f/{form.public_id}/")
    assert (
        "challenges.cloudflare.com" in page["Content-Security-Policy"]
        and 'data-sitekey="site"' in page.content.decode()
    )
    with a_service({"success": True}) as (settings.CAPTCHA_URL, asked):
        assert found(client, form, **SAID) == ("pending", [])
    assert asked == [{"secret": ["secret"], "response": ["word"], "remoteip": ["127.0.0.1"]}]
    with a_service({"success": False, "error-codes": ["invalid-input-response"]}) as (settings.CAPTCHA_URL, _):
        assert found(client, form, first_name="A", **SAID) == ("spam", ["captcha"])
    for number, word in enumerate(("", "wörd", "a\x00b")):
        more = {"first_name": f"B{number}", "cf-turnstile-response": word}
        assert found(client, form, **more) == ("spam", ["captcha"])
    assert "word" not in json.dumps(Submission.objects.latest("pk").payload)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"no json", 200),
        ({}, 200),
        ([], 200),
        ({"success": "yes"}, 200),
        ({"success": False, "error-codes": ["invalid-input-secret"]}, 200),
        ({"success": True}, 500),
        (b"x" * 100_000, 200),
    ],
)
def test_a_service_that_fails_marks_and_loses_nobody(
    client: Client, form: IntakeForm, settings: Settings, answer: Any, status: int
) -> None:
    with a_service(answer, status) as (settings.CAPTCHA_URL, _):
        assert found(client, form, **SAID) == ("pending", ["unchecked"])


def test_no_redirect_is_followed_and_no_private_address_is_asked(
    client: Client, form: IntakeForm, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_service({"success": True}) as (inner, asked):
        with a_service(b"", 302, location=inner) as (settings.CAPTCHA_URL, _):
            assert found(client, form, **SAID) == ("pending", ["unchecked"])
        settings.CAPTCHA_URL = ""  # then it is the service's own address, which must not lead inside
        monkeypatch.setitem(
            captcha.SERVICES, "turnstile", captcha.Service("T", "", "", "cf-turnstile-response", inner, ())
        )
        assert found(client, form, first_name="B", **SAID) == ("pending", ["unchecked"])
    assert asked == []


def test_a_service_that_is_down_is_left_alone_for_a_while(client: Client, form: IntakeForm, settings: Settings) -> None:
    with a_service({"success": True}, 503) as (settings.CAPTCHA_URL, asked):
        for number in range(6):
            assert found(client, form, first_name=str(number), **SAID) == ("pending", ["unchecked"])
    assert len(asked) == captcha.FAILURES


def test_a_form_whose_service_is_not_set_up_takes_posts_and_says_so(client: Client, settings: Settings) -> None:
    settings.CAPTCHA_SERVICE = "none"
    assert found(client, a_form(captcha=Captcha.SERVICE)) == ("pending", ["unchecked"])


def test_the_script_is_told_to_frame_a_captcha_of_others_and_marketers_are_told_what_plain_html_cannot(
    client: Client, form: IntakeForm
) -> None:
    form.origins = ["https://www.example.com"]
    form.save()
    told = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN="https://www.example.com").json()
    assert told == {"frame": True}
    client.force_login(a_user(Role.MARKETER))
    page = client.get(f"/forms/{form.pk}/share/").content.decode()
    assert "in a frame of ours by itself" in page and "plain HTML cannot answer one" in page
