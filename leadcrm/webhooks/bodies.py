"""What is said of a fact: the fact itself, and the record it is about as the API shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from contacts.api.companies import AccountOut
from contacts.api.people import ContactOut
from contacts.models import Account, Contact, OutboxEvent
from forms_intake.api import SubmissionOut
from forms_intake.events.api import KEPT_PLACES, RegistrationOut
from forms_intake.models import EventRegistration, Submission
from leads.api.shapes import LeadOut
from leads.models import Lead, Opportunity

OPPORTUNITY = (
    *("id", "topic", "stage", "status", "value", "expected_close"),
    *("lead_id", "contact_id", "account_id", "owner_id", "campaign_id", "product_id"),
)
"""What is said of an opportunity."""


@dataclass(frozen=True)
class Said:
    """What is said of a fact, the same bytes at every try, and whom it tells of, if anybody."""

    body: str
    contact_id: int | None


def bodies_of(events: Sequence[OutboxEvent]) -> dict[int, Said]:
    """What is said of each event, by its id. A constant number of queries."""
    told: dict[str, Mapping[Any, Any]] = {
        "lead": _leads(_ids(events, "lead_id")),
        "contact": _contacts(_ids(events, "contact_id")),
        "account": _accounts(_ids(events, "account_id")),
        "registration": _registrations(_ids(events, "registration_id")),
        "opportunity": _opportunities(_ids(events, "opportunity_id")),
        "submission": _submissions(_ids(events, "submission_id")),
    }
    return {event.pk: _body(event, told) for event in events}


def _ids(events: Sequence[OutboxEvent], name: str) -> set[Any]:
    return {event.payload[name] for event in events if event.payload.get(name)}


def _body(event: OutboxEvent, told: Mapping[str, Mapping[Any, Any]]) -> Said:
    """The record of its own kind whole; a lead that goes with something else is in its id only."""
    record = event.kind.partition(".")[0]
    data = dict(event.payload)
    if record in told:
        data[record] = told[record].get(event.payload.get(f"{record}_id") or 0)
    about = (data.get(record) or {}).get("contact_id") if record in told else None
    return Said(body_of(event.kind, event.created_at.isoformat(), data), about or event.payload.get("contact_id"))


def body_of(kind: str, at: str, data: Mapping[str, Any]) -> str:
    """A body in the form of Standard Webhooks."""
    said = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def about(body: str) -> str:
    """Whom or what a body tells of, in a few words; empty where it says ids only, or was made otherwise once."""
    said = json.loads(body)
    record = said.get("data", {}).get(said.get("type", "").partition(".")[0])
    if not isinstance(record, dict):
        return ""
    person = record.get("contact")
    if not isinstance(person, dict):
        person = {name.removeprefix("person_"): value for name, value in record.items()}
    name = " ".join(filter(None, (person.get("first_name"), person.get("last_name"))))
    told = (name or person.get("email"), record.get("topic") or record.get("name"))
    return ", ".join(dict.fromkeys(filter(None, told)))


def _leads(ids: set[int]) -> dict[int, Any]:
    rows = Lead.objects.alive().filter(pk__in=ids).select_related("status_reason")
    return {one.pk: LeadOut.from_orm(one).model_dump(mode="json") for one in rows.prefetch_related("contact__account")}


def _contacts(ids: set[int]) -> dict[int, Any]:
    rows = Contact.objects.alive().filter(pk__in=ids)
    return {one.pk: ContactOut.from_orm(one).model_dump(mode="json") for one in rows}


def _accounts(ids: set[int]) -> dict[int, Any]:
    rows = Account.objects.alive().filter(pk__in=ids)
    return {one.pk: AccountOut.from_orm(one).model_dump(mode="json") for one in rows}


def _registrations(ids: set[str]) -> dict[str, Any]:
    """By the id that the API calls them by."""
    rows = EventRegistration.objects.filter(public_id__in=ids, contact__deleted_at=None).prefetch_related(KEPT_PLACES)
    return {str(one.public_id): RegistrationOut.from_orm(one).model_dump(mode="json") for one in rows}


def _opportunities(ids: set[int]) -> dict[int, Any]:
    rows = Opportunity.objects.filter(pk__in=ids, deleted_at__isnull=True)
    return {one.pk: {name: getattr(one, name) for name in OPPORTUNITY} for one in rows}


def _submissions(ids: set[int]) -> dict[int, Any]:
    return {
        one.pk: SubmissionOut.from_orm(one).model_dump(mode="json") for one in Submission.objects.filter(pk__in=ids)
    }
