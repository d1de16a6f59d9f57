"""A second network is a class of its own and a line in a list; the first is not touched."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Role
from forms_intake.ads import connecting, fetching, setting_up
from forms_intake.ads.connecting import Access, Answer, From, Said, SecretField, Told, Unreadable
from forms_intake.models import Connector
from forms_intake.processing.work import process_next
from leads.models import Lead
from tests.build import a_user

pytestmark = pytest.mark.django_db


class Pigeons:
    """A network whose notifications carry everything."""

    kind = "pigeons"
    label = "Carrier pigeons"
    secrets = (SecretField("ring", "Ring number", "On the leg."),)
    by_file = ""
    setting_up = ("Feed them.",)
    known_questions: Mapping[str, str] = {"where to": "contact.email"}

    def challenge(self, access: Access, asked: Mapping[str, str]) -> Mapping[str, str] | None:
        return {"coo": asked["coo"]} if "coo" in asked else None

    def is_genuine(self, access: Access, body: bytes, headers: Mapping[str, str]) -> bool:
        return hmac.compare_digest(headers.get("X-Ring", "").encode(), access.secrets["ring"].encode())

    def told(self, access: Access, body: bytes) -> Sequence[Told]:
        return [Told(one) for one in json.loads(body)]

    def fetch(self, access: Access, external_id: str) -> Answer:
        said = [Said("Where to", f"{external_id}@loft.example")]
        return Answer(external_id, said, From(form_name="The note"))

    def ids_between(self, access: Access, start: datetime, end: datetime) -> Iterable[Told]:
        return []

    def read_file(self, path: Path, name: str) -> Iterator[Answer | Unreadable]:
        yield Unreadable(1, "pigeons carry no files")


def test_it_is_offered_set_up_and_brings_leads(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "CONNECTORS", [*connecting.CONNECTORS, f"{__name__}.Pigeons"])
    monkeypatch.setattr(connecting, "_networks", connecting._Networks())
    by: Any = a_user(Role.MARKETER)
    client.force_login(by)
    assert "Carrier pigeons" in client.get(reverse("forms_intake:ads_new")).content.decode()
    client.post(reverse("forms_intake:ads_new"), {"kind": "pigeons", "name": "Loft"})
    connector = Connector.objects.get()
    settings_url = reverse("forms_intake:ads_settings", args=[connector.pk])
    client.post(settings_url, {"version": 1, "name": "Loft", "secret_ring": "DV-1"})
    setting_up.switch_on(connector.pk, by=by)

    answer = Client().post(
        reverse("forms_intake:ads_hook", args=[connector.address]),
        data=b'["p1", "p2"]',
        content_type="application/json",
        headers={"X-Ring": "DV-1"},
    )
    fetching.fetch_next()
    process_next()

    assert answer.json() == {"new": 2, "known": 0}
    assert set(Contact.objects.values_list("email", flat=True)) == {"p1@loft.example", "p2@loft.example"}
    assert {str(lead.marketing_context) for lead in Lead.objects.all()} == {"Carrier: The note (advertisement)"}
