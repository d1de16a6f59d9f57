"""What a new form may begin as, and the fields that are added with one click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop

from contacts.models import ConsentLevel
from forms_intake.building.definition import Definition
from forms_intake.models import Creates, FieldType
from forms_intake.posts import TAGS

Field = dict[str, Any]
REGISTER = gettext_noop("Register")
"""On the button of an event's form, until its maker says otherwise."""
FIRST: Field = {"key": "first_name", "label": "First name", "fills": "contact.first_name", "max_length": 100}
LAST: Field = {"key": "last_name", "label": "Last name", "fills": "contact.last_name", "max_length": 100}
EMAIL: Field = {
    "key": "email",
    "label": "E-mail",
    "type": FieldType.EMAIL.value,
    "fills": "contact.email",
    "required": True,
    "message": "Please give your e-mail address: it is how we answer you.",
}
PHONE: Field = {"key": "phone", "label": "Phone", "type": FieldType.PHONE.value, "fills": "contact.phone"}
COMPANY: Field = {"key": "company", "label": "Company", "fills": "account.name", "max_length": 200}
JOB: Field = {"key": "job_title", "label": "What you do there", "fills": "contact.job_title", "max_length": 150}
WORDS: Field = {
    "key": "message",
    "label": "What is it about?",
    "type": FieldType.LONG_TEXT.value,
    "fills": "lead.description",
    "max_length": 4000,
}
CONSENT: Field = {
    "key": "consent",
    "label": "You may write to me about your products. I can take this back at any time.",
    "type": FieldType.CONSENT.value,
    "consent_level": ConsentLevel.MARKETING.value,
}
CAMPAIGN: list[Field] = [
    {"key": tag, "label": f"Campaign tag {tag}", "type": FieldType.HIDDEN.value, "max_length": 300} for tag in TAGS
]
"""Filled from the address of the page that the form stands on."""


@dataclass(frozen=True)
class Starter:
    key: str
    label: str
    words: str
    definition: Definition


def _starter(key: str, label: str, words: str, fields: list[Field], **settings: Any) -> Starter:
    return Starter(key, label, words, {"settings": settings, "fields": fields})


REGISTRATION = _starter(
    "registration",
    "Registration for an event",
    "Who is coming; makes a contact and one lead for each event. Events begin with it.",
    [{**FIRST, "required": True}, {**LAST, "required": True}, EMAIL, COMPANY, JOB, CONSENT, *CAMPAIGN[:3]],
    button=REGISTER,
    after_closed="ignore",
    thank_you=(
        "Thank you for registering.\n\nA mail is on its way to you: with your ticket, or, should every place be taken, "
        "with what happens next."
    ),
)

CAPTURE = _starter(
    "capture",
    "Quick capture",
    "What people at a stand write down of whom they met.",
    [
        {**FIRST},
        {**LAST},
        COMPANY,
        {**EMAIL, "required": False, "message": ""},
        PHONE,
        {"key": "interest", "label": "Interested in", "fills": "lead.topic", "max_length": 200},
        {**WORDS, "key": "note", "label": "Note"},
        {**CONSENT, "label": "You may write to me about your products. I can take this back at any time."},
    ],
    topic="Met in person",
    after_closed="new",
)
"""Made once, for the page of quick capture; nobody begins a form with it."""

STARTERS = [
    _starter(
        "contact",
        "Contact us",
        "Name, e-mail, company and a message; makes a contact and a lead.",
        [FIRST, {**LAST, "required": True}, EMAIL, COMPANY, WORDS, CONSENT],
    ),
    _starter(
        "demo",
        "Ask for a demo",
        "Who, where and how to call; makes a contact and a lead.",
        [FIRST, {**LAST, "required": True}, EMAIL, PHONE, COMPANY, JOB, CONSENT, *CAMPAIGN[:3]],
        button="Ask for a demo",
    ),
    _starter(
        "download",
        "Download",
        "As little as possible, and more from whom we know already; makes a contact and a lead.",
        [EMAIL, {**FIRST, "ask": "known"}, {**LAST, "ask": "known"}, {**JOB, "ask": "known"}, CONSENT, *CAMPAIGN[:3]],
        button="Send it to me",
        asks_at_most=2,
    ),
    _starter(
        "newsletter",
        "Newsletter",
        "E-mail and consent; makes a contact only.",
        [FIRST, EMAIL, {**CONSENT, "required": True}],
        creates=Creates.CONTACT.value,
        button="Subscribe",
    ),
    REGISTRATION,
    _starter("nothing", "Nothing", "No field at all.", []),
]
BY_KEY = {one.key: one for one in STARTERS}
READY_MADE: dict[str, tuple[str, list[Field]]] = {
    "first_name": ("First name", [FIRST]),
    "last_name": ("Last name", [LAST]),
    "email": ("E-mail", [EMAIL]),
    "phone": ("Phone", [PHONE]),
    "company": ("Company", [COMPANY]),
    "job_title": ("Job title", [JOB]),
    "message": ("Message", [WORDS]),
    "consent": ("Consent", [CONSENT]),
    "tags": ("Campaign tags and click ids", CAMPAIGN),
}
"""What is added with one click, by name."""
