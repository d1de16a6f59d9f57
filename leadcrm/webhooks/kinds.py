"""The kinds of facts that other systems can be told, in words."""

from __future__ import annotations

KINDS: dict[str, str] = {
    "lead.created": "A lead is made",
    "lead.sales_ready": "A lead becomes sales ready",
    "lead.accepted": "Sales accepts a lead",
    "lead.returned": "Sales returns a lead",
    "lead.moved": "A lead moves to another stage",
    "lead.qualified": "A lead is qualified",
    "lead.closed": "A lead is closed",
    "lead.reopened": "A lead is opened again",
    "lead.deleted": "A lead is deleted",
    "lead.restored": "A deleted lead comes back",
    "contact.created": "A contact is made",
    "contact.updated": "A contact changes",
    "contact.deleted": "A contact is deleted",
    "contact.merged": "A contact is merged into another",
    "account.created": "An account is made",
    "account.updated": "An account changes",
    "account.deleted": "An account is deleted",
    "account.merged": "An account is merged into another",
    "contact.erased": "A person is erased at their own request",
    "opportunity.created": "An opportunity is made",
    "opportunity.moved": "An opportunity moves to another stage",
    "opportunity.won": "An opportunity is won",
    "opportunity.lost": "An opportunity is lost",
    "registration.registered": "Somebody has a place at an event",
    "registration.waitlisted": "Somebody joins the waiting list of an event",
    "registration.invited": "Somebody is invited from the waiting list of an event",
    "registration.cancelled": "A registration for an event is cancelled",
    "registration.checked_in": "Somebody is checked in to an event",
    "submission.failed": "A submission could not be processed",
    "segment.joined": "Somebody joins a segment that tells",
    "segment.left": "Somebody leaves a segment that tells",
}
TEST = "test"
"""What is sent by a click, to see whether anything arrives."""
