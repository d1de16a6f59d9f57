"""What people changed on the demo's contacts and leads over the months, as field history tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from contacts.models import FieldChange, User
from leadcrm.demo.cast import Person
from leadcrm.lib.rows import insert
from leads.models import LeadEvent

EDITS = 140
FORMER_TITLES = ("Assistant", "Trainee", "Team lead", "Office manager", "Consultant")
FORMER_CITIES = ("Leipzig", "Graz", "Basel", "Utrecht", "Aarhus", "Gdańsk")


def make_edits(random: Random, now: datetime, people: list[Person], staff: dict[str, User]) -> None:
    """Field history as it would be had the demo really been lived through, instead of having been made just now."""
    FieldChange.objects.all().delete()
    colleagues = [staff[name] for name in ("maria", "theo", "sam", "lena", "raj")]
    edited = []
    for person in random.sample(people, EDITS):
        contact, at = person.contact, person.since + (now - person.since) * random.random()
        before = {"job_title": random.choice(FORMER_TITLES), "city": random.choice(FORMER_CITIES), "phone": ""}
        name = random.choice(list(before))
        after = getattr(contact, name)
        if after and after != before[name]:
            edited.append(_change("contact", contact.pk, name, before[name], after, at, random.choice(colleagues)))
    edited += _assignments()
    insert(sorted(edited, key=lambda change: change.changed_at))


def _assignments() -> list[FieldChange]:
    """Who was given a lead, as its events tell it; the last one is who has it."""
    last: dict[int, int | None] = {}
    changes = []
    told = LeadEvent.objects.filter(kind=LeadEvent.Kind.ASSIGNED, lead__owner__isnull=False)
    for event in told.select_related("lead", "actor").order_by("lead_id", "-happened_at"):
        if event.lead_id in last:
            continue
        last[event.lead_id] = event.lead.owner_id
        moment = event.happened_at + timedelta(milliseconds=1)
        changes.append(_change("lead", event.lead_id, "owner_id", None, event.lead.owner_id, moment, event.actor))
    return changes


def _change(
    subject: str, pk: int, field: str, before: object, after: object, at: datetime, actor: User | None
) -> FieldChange:
    return FieldChange(
        subject=subject,
        subject_id=pk,
        field=field,
        before=before,
        after=after,
        changed_at=at,
        actor=actor,
        cause="page:demo" if actor else "",
    )
