"""Forms of the pages about requests."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.forms import EmailAddress
from contacts.models import Contact, DataRequest, User
from contacts.pickers import ContactField


class RequestForm(forms.Form):
    """A request that came by mail, on the phone, or in writing."""

    kind = forms.ChoiceField(label="What they ask for", choices=DataRequest.Kind.choices)
    email = EmailAddress(
        required=False,
        max_length=254,
        label="E-mail",
        help_text="Where there is no contact: what came from there.",
    )
    words = forms.CharField(
        max_length=500, required=False, label="How it came", help_text="Such as: by letter of 3 March, on the phone."
    )

    def __init__(self, data: Any = None, *, user: User, contact: Contact | None = None) -> None:
        super().__init__(data, initial={"contact": contact} if contact else None)
        self.fields["contact"] = ContactField(user=user, required=False, label="Contact")
        self.order_fields(["kind", "contact", "email", "words"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not found.get("contact") and not found.get("email"):
            self.add_error("contact", "Say who asks: choose a contact, or give an e-mail address.")
        return found


class AnswerForm(forms.Form):
    """What was done, or why not."""

    words = forms.CharField(max_length=500, label="What was done, or why not", widget=forms.Textarea(attrs={"rows": 2}))


class EraseForm(forms.Form):
    """Typed once more, so that nobody is erased by a slip."""

    typed = forms.CharField(
        max_length=254, label="Type it once more", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class ComeBackForm(forms.Form):
    """They want to be known again, and how we know that."""

    email = EmailAddress(max_length=254, label="E-mail")
    words = forms.CharField(max_length=200, label="How they said so", help_text="Such as: on the phone, 3 March.")
