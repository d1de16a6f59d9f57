"""The demo's leads without a contact: entered after a fair, each with what was on the visiting card."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from contacts.models import MarketingContext, User
from leadcrm.demo.cast import Person
from leads.calling.recording import bring_to_teleprospecting
from leads.models import Lead
from leads.services.records import BY_HAND, NewLead, open_leads

STRANGERS = (("Henrike", "Vos"), ("Tomasz", "Bielak"), ("Aoife", "Tierney"))
KNOWN = 2


def make_orphans(random: Random, now: datetime, people: list[Person], by: User) -> None:
    """Some of strangers, some of people who are known but were entered before leads were linked by themselves."""
    context, _ = MarketingContext.objects.get_or_create(kind=MarketingContext.Kind.MANUAL, name=BY_HAND)
    hosts = random.sample([person for person in people if person.contact.account_id], KNOWN + len(STRANGERS))
    cards = [(host.contact.first_name, host.contact.last_name, host.contact.email) for host in hosts[:KNOWN]]
    cards += [(first, last, f"{first}.{last}@fairground.example".lower()) for first, last in STRANGERS]
    new = [
        NewLead(
            "Met at the transport fair",
            account_id=host.contact.account_id,
            marketing_context=context,
            created_at=now - timedelta(days=6, minutes=7 * place),
        )
        for place, host in enumerate(hosts)
    ]
    for place, (lead, card) in enumerate(zip(open_leads(new, by=by, detail=BY_HAND), cards, strict=True)):
        first, last, email = card
        phone = f"+49 40 55{place}01{place}7" if place >= KNOWN else ""
        said = {"person_first_name": first, "person_last_name": last, "person_email": email, "person_phone": phone}
        Lead.objects.filter(pk=lead.pk).update(**said)
        if place != KNOWN:  # the others are to be called: who says a number from the queue, who says none once linked
            bring_to_teleprospecting(lead, by=by)
