"""The demo's connector of ads: a file that Maria saved in Campaign Manager, and notifications from when it was on."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from contacts.models import User
from forms_intake.ads.arriving import take_file
from forms_intake.ads.setting_up import make_connector, save_settings
from forms_intake.models import AdLead, AdLeadState, AdSync, Connector, ConnectorState, SyncHow
from forms_intake.processing.work import process_next

NAME = "Northwind EMEA"
FILE = "campaign-manager-leads.csv"
HEADER = (
    "Lead ID,Created At (UTC),Campaign Name,Ad ID,Form Name,First Name,Last Name,Email Address,Company Name,"
    "Job Title,How many vehicles do you run?\n"
)
PEOPLE = (
    ("Ines", "Faria", "ines.faria@fariacargo.example", "Faria Cargo", "Head of logistics", "51-200"),
    ("Tomas", "Novak", "tomas.novak@novaktrans.example", "Novak Trans", "Fleet manager", "11-50"),
    ("Aoife", "Byrne", "aoife@byrnehaulage.example", "Byrne Haulage", "Operations director", "51-200"),
    ("Lukas", "Brandt", "l.brandt@brandt-spedition.example", "Brandt Spedition", "Owner", "1-10"),
    ("Chiara", "Greco", "chiara.greco@grecolinee.example", "Greco Linee", "Procurement", "201 or more"),
)


def make_ads(staff: Mapping[str, User], now: datetime) -> None:
    """Leads that came, a question nobody has mapped yet, and one lead that was gone. It is off: a demo calls nobody."""
    maria = staff["maria"]
    connector = make_connector(kind="linkedin", name=NAME, by=maria)
    save_settings(
        connector.pk,
        version=connector.version,
        name=NAME,
        account_id="512345678",
        product=None,
        owner=None,
        token_until=(now + timedelta(days=41)).date(),
        secrets={"client_secret": "a demo has none", "token": "a demo has none"},
        by=maria,
    )
    connector = Connector.objects.get(pk=connector.pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(HEADER + "".join(_row(place, now) for place in range(len(PEOPLE))), encoding="utf-8")
        take_file(connector, path, FILE, by=maria)
    while process_next():
        pass
    _tell(connector, now)
    Connector.objects.filter(pk=connector.pk).update(state=ConnectorState.OFF, pulled_to=now - timedelta(hours=3))


def _row(place: int, now: datetime) -> str:
    at = now - timedelta(days=place + 1, hours=3 * place)
    form, ad = (("Route planning guide", "90017"), ("Ask for a demo", "90021"))[place % 2]
    said = (f"li-{place:04}-7f3a", f"{at:%m/%d/%Y %H:%M}", "Autumn on LinkedIn", ad, form, *PEOPLE[place])
    return ",".join(said) + "\n"


def _tell(connector: Connector, now: datetime) -> None:
    """What notifications told before."""
    gone = "li-0099-51bc"
    AdLead.objects.create(
        connector=connector,
        external_id=gone,
        state=AdLeadState.FAILED,
        attempts=1,
        error="Answered 404. It is not there any more.",
        told_at=now - timedelta(hours=5),
    )
    told = AdSync.objects.create(connector=connector, how=SyncHow.WEBHOOK, what=gone, new=1)
    reasons = [{"id": gone, "why": "Answered 404. It is not there any more."}]
    asked = AdSync.objects.create(connector=connector, how=SyncHow.FETCH, what=gone, failed=1, reasons=reasons)
    file = AdSync.objects.get(connector=connector, how=SyncHow.FILE)
    for sync, minutes in ((file, 2940), (told, 301), (asked, 300)):
        AdSync.objects.filter(pk=sync.pk).update(at=now - timedelta(minutes=minutes))
