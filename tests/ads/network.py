"""LinkedIn as a test needs it: a real HTTP server that signs, answers, refuses and is slow as told."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from django.test import Client
from django.urls import reverse

from contacts.models import Role, User
from forms_intake.ads import fetching, setting_up
from forms_intake.models import Connector, Submission
from forms_intake.processing.work import process_next
from tests.build import a_user

SECRET, TOKEN = "client-secret-of-the-app", "token-of-the-account"
ACCOUNT = "512345678"
QUESTIONS = {1: "First name", 2: "Last name", 3: "Email address", 4: "Company name", 5: "How many lorries?"}
NINA = {1: "Nina", 2: "Lind", 3: "nina@nordwind.example", 4: "Nordwind", 5: "12"}
CAMPAIGN = {"id": "urn:li:sponsoredCampaign:777", "name": "Autumn routes"}


@dataclass
class Network:
    """What it tells. `refuses`: the status with which it answers everything, or only what `refuses_to` do, "list" or
    "fetch"; `by_time`: whether it lists only
    what was handed in between the moments it is asked for; `seen`: what it was asked."""

    address: str = ""
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    refuses: int = 0
    refuses_to: str = ""
    by_time: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def has(self, lead_id: str, answers: dict[int, str] | None = None, *, form: int = 3162, **more: Any) -> str:
        """A lead that was handed in there; its id."""
        questions = more.pop("questions", QUESTIONS)
        consents = more.pop("consents", {})
        self.forms[str(form)] = {
            "name": more.pop("form_name", "Ask for a demo"),
            "content": {
                "questions": [
                    {"questionId": number, "name": f"q{number}", "question": {"localized": {"en_US": words}}}
                    for number, words in questions.items()
                ],
                "legalInfo": {
                    "consents": [
                        {"id": number, "consent": {"localized": {"en_US": words}}}
                        for number, (words, _) in consents.items()
                    ]
                },
            },
        }
        self.leads[lead_id] = {
            "id": lead_id,
            "owner": {"sponsoredAccount": f"urn:li:sponsoredAccount:{ACCOUNT}"},
            "submittedAt": more.pop("at", 1_795_000_000_000),
            "testLead": more.pop("test", False),
            "versionedLeadGenFormUrn": f"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:{form},1)",
            "leadMetadataInfo": {"sponsoredLeadMetadataInfo": {"campaign": more.pop("campaign", CAMPAIGN)}},
            "associatedEntityInfo": {"associatedCreative": {"id": "urn:li:sponsoredCreative:9001"}},
            "formResponse": {
                "answers": [
                    {"questionId": number, "answerDetails": {"textQuestionAnswer": {"answer": text}}}
                    for number, text in (NINA if answers is None else answers).items()
                ],
                "consentResponses": [{"consentId": number, "accepted": yes} for number, (_, yes) in consents.items()],
            },
        } | more
        return lead_id

    def answer(self, path: str, token: str) -> tuple[int, Any]:
        self.seen.append(path)
        parts = urlsplit(path)
        kind, _, name = parts.path.removeprefix("/rest/").partition("/")
        if self.refuses and self.refuses_to in ("", "fetch" if name else "list"):
            return self.refuses, {"message": "no"}
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "no"}
        if kind == "leadFormResponses" and not name:
            return 200, {"elements": self.listed(parts.query)}
        found = {"leadFormResponses": self.leads, "leadForms": self.forms}[kind].get(unquote(name))
        return (200, found) if found else (404, {"message": "not found"})

    def listed(self, query: str) -> list[dict[str, Any]]:
        asked = {name: int(number) for name, number in re.findall(r"(start|end|count)[=:](\d+)(?=[,)&]|$)", query)}
        since, until = map(int, re.findall(r"\(start:(\d+),end:(\d+)\)", query)[0])
        found = [one for one in self.leads.values() if not self.by_time or since <= one["submittedAt"] <= until]
        return found[asked["start"] :][: asked["count"]]


@contextmanager
def serving() -> Iterator[Network]:
    network = Network()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, said = network.answer(self.path, self.headers.get("Authorization", ""))
            body = json.dumps(said).encode()
            self.send_response(status)
            for name, value in network.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    network.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def a_connector(name: str = "Northwind", *, on: bool = True, by: User | None = None, **more: Any) -> Connector:
    """A LinkedIn connector, on unless said; `more` goes to its settings."""
    by = by or a_user(Role.MARKETER)
    made = setting_up.make_connector(kind="linkedin", name=name, by=by)
    said = {"account_id": ACCOUNT, "product": None, "owner": None, "token_until": None} | more
    secrets = said.pop("secrets", {"client_secret": SECRET, "token": TOKEN})
    setting_up.save_settings(made.pk, version=made.version, name=name, secrets=secrets, by=by, **said)
    return setting_up.switch_on(made.pk, by=by) if on else Connector.objects.get(pk=made.pk)


def with_strategy(connector: Connector, **said: Any) -> Connector:
    """The connector with another strategy."""
    now = Connector.objects.get(pk=connector.pk)
    values = setting_up.values_of_strategy(now) | said
    return setting_up.save_strategy(connector.pk, version=now.version, by=a_user(Role.MARKETER), **values)


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), b"hmacsha256=" + body, hashlib.sha256).hexdigest()


def notification(lead_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "LEAD_ACTION",
        "leadGenFormResponse": f"urn:li:leadGenFormResponse:{lead_id}",
        "leadGenForm": "urn:li:leadGenForm:3162",
        "owner": {"sponsoredAccount": f"urn:li:sponsoredAccount:{ACCOUNT}"},
        "leadType": "SPONSORED",
        "leadAction": "CREATED",
        "occurredAt": 1_795_000_000_000,
    } | more


def tell(connector: Connector, said: Any, *, signature: str = "") -> Any:
    """What the network posts to the webhook, signed unless another signature is given."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Client().post(
        reverse("forms_intake:ads_hook", args=[connector.address]),
        data=body,
        content_type="application/json",
        headers={"X-LI-Signature": signature or signed(body)},
    )


def worked() -> list[Submission]:
    """Let the workers do what waits; all submissions, the first first."""
    while fetching.fetch_next():
        pass
    while process_next():
        pass
    return list(Submission.objects.order_by("pk"))
