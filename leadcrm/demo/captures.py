"""Whom the demo's salespeople wrote down at a stand and on the telephone today."""

from __future__ import annotations

from collections.abc import Mapping

from contacts.models import Contact, User
from forms_intake.capture.keeping import capture
from forms_intake.capture.occasions import occasion_for
from forms_intake.models import CaptureOccasion, Event
from leadcrm.demo.catalogue import Catalogue

MET = (
    ("Carla", "Voss", "carla.voss@holtkamp.example", "Holtkamp Frische", "Temperature logs for 30 trailers", "hot"),
    ("Arne", "Lindqvist", "arne@fjordline.example", "Fjordline", "Has a tender in spring", "warm"),
    ("Rosa", "Amaral", "", "Amaral Transportes", "Wants a call on Thursday", "warm"),
)
"""First and last name, e-mail, company, note, rating."""


def make_captures(staff: Mapping[str, User], catalogue: Catalogue) -> None:
    """A stand at the expo, with three who came by, and one who was known; and an occasion for calls."""
    sam = staff["sam"]
    event = Event.objects.filter(slug="open-depot").first()
    stand = occasion_for(
        event=event,
        campaign=None,
        product=catalogue.products["Cold-chain monitoring"],
        source="Stand B4",
        did=CaptureOccasion.Did.MEETING,
        leads_to=CaptureOccasion.LeadsTo.CATCHER,
        by=sam,
    )
    occasion_for(
        event=None,
        campaign=catalogue.campaigns["Winter routes"],
        product=None,
        source="",
        did=CaptureOccasion.Did.CALL,
        leads_to=CaptureOccasion.LeadsTo.RULES,
        by=staff["theo"],
    )
    known = Contact.objects.alive().exclude(email="").order_by("pk")[:1]
    again = [(one.first_name, one.last_name, one.email, "", "Asked for the new price list", "hot") for one in known]
    for number, (first, last, email, company, note, rating) in enumerate([*MET, *again]):
        said = {
            "first_name": first,
            "last_name": last,
            "email": email,
            "company": company,
            "phone": "" if email else "+351 21 555 0143",
            "note": note,
            "rating": rating,
            "consent_how": "verbally" if number % 2 == 0 else "",
        }
        capture(stand, {key: [value] for key, value in said.items()}, token=f"demo-{number}", ip="", by=sam)
