"""Who comes without having registered: written down at the door, through the same door as everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms

from contacts import normalise
from contacts.models import User
from forms_intake.events.acting import must_be_open
from forms_intake.models import Event, EventRegistration, Submission, SubmissionState
from forms_intake.processing.work import process_one
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec
from leadcrm.lib.errors import DomainError

FILLS = {
    "first_name": "contact.first_name",
    "last_name": "contact.last_name",
    "email": "contact.email",
    "company": "account.name",
}


class WalkInForm(forms.Form):
    """As little as a queue at the door has time for."""

    first_name = forms.CharField(max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    last_name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    company = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    came = forms.BooleanField(label="They are here: check them in", required=False)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if not normalise.email(email):
            raise forms.ValidationError("This is not an e-mail address.")
        return email


def walk_in(event: Event, values: Mapping[str, Any], *, by: User, session_id: int = 0) -> str:
    """Register somebody by hand, whatever capacity says, and check in who is there, at the door of a session to that
    too; why that could not be, or "".

    It is a submission of the event's form, so that they are matched and credited as everybody is. Raises nothing.
    """
    if event.form_id is None:
        return "The event has no registration form."
    try:
        must_be_open(event)
    except DomainError as problem:
        return problem.message
    submission = Submission.objects.create(
        public_id=uuid4(),
        form_id=event.form_id,
        payload=_payload(specs_of([event.form_id])[event.form_id], values),
        origin={"walk_in": True, "came": bool(values.get("came")), "by": by.pk, "session": session_id},
        state=SubmissionState.PENDING,
    )
    process_one(submission.pk)
    submission.refresh_from_db()
    if submission.state == SubmissionState.FAILED:
        return submission.error
    registration = EventRegistration.objects.filter(event=event, contact=submission.contact).first()
    return "" if registration else "It is being worked on; look for the name in a moment."


def _payload(form: FormSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    by_fill = {f"{one.target.record}.{one.target.name}": one.key for one in form.fields if one.target}
    return {by_fill[fills]: values[name] for name, fills in FILLS.items() if values.get(name) and fills in by_fill}
