"""Trying a draft on somebody before it is saved: would they be in, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.forms import Form
from django.utils import timezone

from contacts.models import Contact, User
from leads.conditions import InvalidCondition
from leads.models import Lead
from segments.forms import AskForm, SegmentForm
from segments.models import Segment, Subject
from segments.why import Why, why

MOST_LEADS = 5
"""Of so many leads of a contact, the newest, is said whether they would be in."""


@dataclass(frozen=True)
class Tried:
    """What was asked about, each with its answer; `problem`: why there is none."""

    answers: list[tuple[Contact | Lead, Why]]
    problem: str = ""


def tried(form: SegmentForm, asked: AskForm, *, by: User) -> Tried:
    """What the segment in `form` (bound, perhaps not valid) would say of the contact in `asked`, or of its leads."""
    form.is_valid()
    if "condition" in form.errors or not form.steps.is_valid():
        said = _said(form, "condition") or "The steps are not complete."
        return Tried([], f"First mend what is wrong above. {said}")
    contact = asked.cleaned_data.get("contact") if asked.is_valid() else None
    if contact is None:
        return Tried([], _said(asked, "contact") or "Type a name or an e-mail address.")
    records = [contact] if form.subject == Subject.CONTACT else _leads_of(contact, by)
    if not records:
        return Tried([], f"{contact} has no lead.")
    segment = Segment(pk=form.segment.pk if form.segment else None, subject=form.subject, kind=form.kind)
    try:
        answers = [(record, why(segment, form.asks(), record.pk, now=timezone.now())) for record in records]
    except InvalidCondition as error:
        return Tried([], error.message)
    return Tried([(record, answer) for record, answer in answers if answer is not None])


def _said(form: Form, field: str) -> str:
    return " ".join(str(error) for error in form.errors.get(field, []))


def _leads_of(contact: Contact, user: User) -> list[Lead]:
    leads = Lead.objects.visible_to(user).filter(contact=contact)
    return list(leads.select_related("contact", "account").order_by("-pk")[:MOST_LEADS])
