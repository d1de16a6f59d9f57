"""What facts look like, for whoever listens: in the OpenAPI description of the API (its `webhooks`) and on its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadcrm.webhooks.bodies import OPPORTUNITY
from leadcrm.webhooks.kinds import KINDS

ID, MAYBE_ID = {"type": "integer"}, {"type": ["integer", "null"]}
TEXT, MOMENT = {"type": "string"}, {"type": "string", "format": "date-time"}
TEXTS = {"type": "array", "items": TEXT}
RECORDS: Mapping[str, Any] = {
    "lead": {"anyOf": [{"$ref": "#/components/schemas/LeadOut"}, {"type": "null"}]},
    "contact": {"anyOf": [{"$ref": "#/components/schemas/ContactOut"}, {"type": "null"}]},
    "account": {"anyOf": [{"$ref": "#/components/schemas/AccountOut"}, {"type": "null"}]},
    "registration": {"anyOf": [{"$ref": "#/components/schemas/RegistrationOut"}, {"type": "null"}]},
    "submission": {"anyOf": [{"$ref": "#/components/schemas/SubmissionOut"}, {"type": "null"}]},
    "opportunity": {
        "type": ["object", "null"],
        "properties": {name: {} for name in OPPORTUNITY},
    },
}
"""The record a fact is about, as it was when the fact was handed on; null where it is gone."""
BY = {"actor_id": MAYBE_ID}
MOVED = {"from": TEXT, "to": TEXT, "reason": TEXT} | BY
OPPORTUNITY_FACT = {"opportunity_id": ID, **MOVED, "happened_at": MOMENT}
REGISTRATION = {
    "registration_id": {"type": "string", "format": "uuid"},
    "event_id": ID,
    "contact_id": ID,
    "lead_id": MAYBE_ID,
    **BY,
}
MERGED = {"merged_id": ID, "merge_id": ID}
MEMBERSHIP = {"segment": ID, "name": TEXT, "at": MOMENT, "contact": ID, "lead": ID}
MAY_LACK = frozenset({"contact", "lead"})
"""Of a membership: one of the two is there, by what the segment is of."""
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "lead.created": {"lead_id": ID},
    "lead.sales_ready": {"lead_id": ID, "reason": TEXT, "sales_ready_at": MOMENT} | BY,
    "lead.accepted": {"lead_id": ID} | BY,
    "lead.returned": {"lead_id": ID, "reason": TEXT} | BY,
    "lead.moved": {"lead_id": ID, **MOVED, "cause": TEXT, "moved_at": MOMENT},
    "lead.qualified": {
        "lead_id": ID,
        "account_id": MAYBE_ID,
        "contact_id": MAYBE_ID,
        "opportunity_id": MAYBE_ID,
        "qualified_at": MOMENT,
    }
    | BY,
    "lead.closed": {"lead_id": ID, "status": TEXT, "reason": TEXT, "note": TEXT, "closed_at": MOMENT} | BY,
    "lead.reopened": {"lead_id": ID, "reason": TEXT, "reopened_at": MOMENT} | BY,
    "lead.deleted": {"lead_id": ID} | BY,
    "lead.restored": {"lead_id": ID} | BY,
    "contact.created": {"contact_id": ID},
    "contact.updated": {"contact_id": ID, "fields": TEXTS},
    "contact.deleted": {"contact_id": ID},
    "contact.merged": {"contact_id": ID} | MERGED,
    "account.created": {"account_id": ID},
    "account.updated": {"account_id": ID, "fields": TEXTS},
    "account.deleted": {"account_id": ID},
    "account.merged": {"account_id": ID} | MERGED,
    "contact.erased": {"contact_id": ID},
    "opportunity.created": OPPORTUNITY_FACT,
    "opportunity.moved": OPPORTUNITY_FACT,
    "opportunity.won": OPPORTUNITY_FACT,
    "opportunity.lost": OPPORTUNITY_FACT,
    "registration.registered": REGISTRATION,
    "registration.waitlisted": REGISTRATION,
    "registration.invited": REGISTRATION,
    "registration.cancelled": REGISTRATION,
    "registration.checked_in": REGISTRATION,
    "submission.failed": {"submission_id": ID, "error": TEXT},
    "segment.joined": MEMBERSHIP,
    "segment.left": MEMBERSHIP,
}
"""What stands in `data` of each kind, beside the record it is about."""
HEADERS = {
    "webhook-id": "The same at every try: who keeps to it takes each fact once.",
    "webhook-timestamp": "Seconds since 1970 at this try.",
    "webhook-signature": "v1, and the signature, as Standard Webhooks has it; two while a secret is rotated.",
}


def fields_of(kind: str) -> dict[str, Any]:
    """The schema of each field of `data`, by name."""
    record = kind.partition(".")[0]
    return {**FIELDS[kind], **({record: RECORDS[record]} if record in RECORDS else {})}


def required_of(kind: str) -> list[str]:
    """The fields that are always in `data`."""
    return [name for name in fields_of(kind) if not (FIELDS[kind] is MEMBERSHIP and name in MAY_LACK)]


def webhooks_described() -> dict[str, Any]:
    """The `webhooks` of an OpenAPI 3.1 description."""
    return {kind: {"post": _described(kind, words)} for kind, words in KINDS.items()}


def _described(kind: str, words: str) -> dict[str, Any]:
    fields = fields_of(kind)
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind},
            "timestamp": MOMENT,
            "data": {"type": "object", "required": required_of(kind), "properties": fields},
        },
    }
    headers = [
        {"in": "header", "name": name, "required": True, "schema": TEXT, "description": about}
        for name, about in HEADERS.items()
    ]
    return {
        "operationId": "on" + "".join(part.title() for part in kind.replace(".", "_").split("_")),
        "summary": words,
        "tags": ["Facts"],
        "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "Taken. Anything else, or none within ten seconds: tried again."}},
    }
