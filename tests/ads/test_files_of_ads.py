"""Files that somebody saved in Campaign Manager become the leads that the webhook would have brought, and no others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Role
from forms_intake.ads import arriving
from forms_intake.ads.campaign_manager import moment_of
from forms_intake.models import AdLead, AdSync, Connector, Submission
from leads.models import Lead
from tests.ads.network import Network, a_connector, notification, tell, worked
from tests.build import a_user

pytestmark = pytest.mark.django_db

HEADER = (
    "Lead ID,Lead Type,Created At (UTC),Campaign Name,Form Name,First Name,Last Name,Email Address,How many lorries?"
)
NINA = "a-1,Sponsored,11/15/2026 09:30,Autumn routes,Ask for a demo,Nina,Lind,nina@nordwind.example,12"
EVA = "a-2,Sponsored,11/16/2026 10:00,Autumn routes,Ask for a demo,Eva,Bläu,eva@blau.example,3"


def send(client: Client, connector: Connector, content: bytes, name: str = "leads.csv") -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(reverse("forms_intake:ads_file", args=[connector.pk]), {"file": file}, follow=True)


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_file_is_read_however_it_was_saved(marketer: Client, encoding: str, delimiter: str) -> None:
    connector = a_connector(on=False, secrets={})
    text = "\r\n".join([HEADER, NINA, EVA]).replace(",", delimiter)

    page = send(marketer, connector, text.encode(encoding)).content.decode()

    assert "2 new, 0 known, 0 that cannot be read" in page
    worked()
    assert set(Contact.objects.values_list("last_name", flat=True)) == {"Lind", "Bläu"}
    assert set(Lead.objects.values_list("campaign__name", flat=True)) == {"Autumn routes"}


def test_sent_again_or_after_the_webhook_nothing_doubles(marketer: Client, network: Network) -> None:
    connector = a_connector()
    network.has("a-1", {1: "Nina", 2: "Lind", 3: "nina@nordwind.example"})
    tell(connector, notification("a-1"))
    worked()
    tell(connector, notification("a-2"))  # told of, and not fetched yet

    content = "\n".join([HEADER, NINA, EVA]).encode()
    send(marketer, connector, content)
    send(marketer, connector, content)
    worked()

    assert (Contact.objects.count(), Lead.objects.count()) == (2, 2)
    assert list(AdSync.objects.filter(how="file").order_by("pk").values_list("new", "known")) == [(1, 1), (0, 2)]
    assert set(AdLead.objects.values_list("state", flat=True)) == {"kept"}


def test_a_file_without_ids_and_the_webhook_know_one_lead(marketer: Client, network: Network) -> None:
    connector = a_connector()
    without = "\n".join(line.partition(",")[2] for line in (HEADER, NINA)).encode()
    send(marketer, connector, without)
    at = int(datetime(2026, 11, 15, 9, 30, 12, tzinfo=UTC).timestamp() * 1000)
    network.has("a-1", {1: "Nina", 3: "nina@nordwind.example"}, at=at)
    tell(connector, notification("a-1"))
    worked()
    tell(connector, notification("a-1"))
    worked()

    assert Submission.objects.count() == Lead.objects.count() == 1
    assert AdLead.objects.get().external_id == "a-1"


def test_rows_that_are_none_are_named_with_their_lines(marketer: Client) -> None:
    connector = a_connector(on=False, secrets={})
    content = "\n".join([HEADER, NINA, "a-9,Sponsored,yesterday,C,F,X,Y,x@y.example,1", "a-8,,,,,,,,"]).encode()

    send(marketer, connector, content)

    sync = AdSync.objects.get()
    assert (sync.new, sync.failed) == (1, 2)
    assert sync.reasons == [
        {"line": 3, "why": "“yesterday” is no date that can be read"},
        {"line": 4, "why": "no question is answered"},
    ]


def test_a_file_that_is_too_long_is_refused_before_any_of_it_is_kept(
    marketer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "CHUNK", 1)
    monkeypatch.setattr(arriving, "MOST_ROWS", 2)
    connector = a_connector(on=False, secrets={})
    rows = [HEADER, *(NINA.replace("a-1", f"a-{number}") for number in range(3))]

    page = send(marketer, connector, "\n".join(rows).encode()).content.decode()

    assert "more than 2 rows, and nothing of it was kept" in page
    assert not AdLead.objects.exists()
    assert not AdSync.objects.exists()
    send(marketer, connector, "\n".join(rows[:3]).encode())
    assert AdSync.objects.get().new == 2


@pytest.mark.parametrize("content", [b"", b"\0\1\2", HEADER.encode(), b"PK\x03\x04nonsense", b"a,a\n1,2\n"])
def test_what_is_no_file_of_leads_is_refused_in_words(marketer: Client, content: bytes) -> None:
    connector = a_connector(on=False, secrets={})

    page = send(marketer, connector, content).content.decode()

    assert "cannot be imported" in page or "Nothing was read" in page
    assert not AdLead.objects.exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("11/15/2026 09:30", datetime(2026, 11, 15, 9, 30, tzinfo=UTC)),
        ("11/15/26, 9:30 PM", datetime(2026, 11, 15, 21, 30, tzinfo=UTC)),
        ("2026-11-15 09:30:00 UTC", datetime(2026, 11, 15, 9, 30, tzinfo=UTC)),
        ("2026-11-15T09:30:00+01:00", datetime.fromisoformat("2026-11-15T09:30:00+01:00")),
        ("1795000000", datetime.fromtimestamp(1_795_000_000, UTC)),
        ("15.11.2026", datetime(2026, 11, 15, tzinfo=UTC)),
        ("99/99/2026", None),
        ("", None),
    ],
)
def test_dates_are_read_as_campaign_manager_writes_them(text: str, found: datetime | None) -> None:
    assert moment_of(text) == found


def test_one_person_who_sends_a_form_twice_within_a_minute_is_two_leads_of_the_ad(marketer: Client) -> None:
    connector = a_connector(on=False, secrets={})
    content = "\n".join([HEADER, NINA, NINA.replace("a-1", "a-7")]).encode()

    send(marketer, connector, content)

    assert set(AdLead.objects.values_list("external_id", "state")) == {("a-1", "kept"), ("a-7", "kept")}
    assert Submission.objects.count() == 2
