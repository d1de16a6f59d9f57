"""A contact is a child: said, with who answers for them, on the page of their consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from contacts import match_keys
from contacts.access import may_edit
from contacts.errors import InvalidValues
from contacts.models import Contact, Guardianship, User
from contacts.services.guardians import no_child, note_child
from contacts.views.editing import person

MOST_NUMBER = 19


class GuardianForm(forms.Form):
    """Whether somebody is a child, and who answers for them."""

    is_child = forms.BooleanField(label="This contact is a child", required=False)
    guardian = forms.CharField(
        label="Guardian", required=False, max_length=254, help_text="The e-mail address of a contact, or its number."
    )
    agreed = forms.BooleanField(label="The guardian has agreed", required=False)
    how = forms.CharField(
        label="How they agreed",
        required=False,
        max_length=300,
        help_text="In which words, and where that is on record.",
    )


def guardian_form(known: Guardianship | None) -> GuardianForm:
    """The form as things stand."""
    if known is None:
        return GuardianForm()
    guardian = (known.guardian.email or str(known.guardian_id)) if known.guardian else ""
    return GuardianForm(
        initial={"is_child": True, "guardian": guardian, "agreed": bool(known.agreed_at), "how": known.how}
    )


@login_required
@require_POST
def save_guardian(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down that a contact is a child, or that they are none."""
    user = person(request)
    contact = get_object_or_404(Contact.objects.visible_to(user), pk=contact_id)
    if not may_edit(user, contact):
        raise PermissionDenied
    form = GuardianForm(request.POST)
    there = redirect("contacts:consent", contact.pk)
    if not form.is_valid():
        messages.error(request, "Not saved: " + " ".join(str(words) for some in form.errors.values() for words in some))
        return there
    typed = form.cleaned_data
    if not typed["is_child"]:
        no_child(contact.pk, by=user)
        messages.success(request, "Saved: they are no child.")
        return there
    try:
        guardian = _guardian(typed["guardian"], user)
        note_child(contact.pk, guardian_id=guardian, agreed=typed["agreed"], how=typed["how"], by=user)
    except InvalidValues as problem:
        messages.error(request, "Not saved. " + " ".join(problem.data["errors"].values()))
        return there
    messages.success(request, "Saved." if typed["agreed"] else "Saved: nothing above Transactional counts until then.")
    return there


def _guardian(words: str, user: User) -> int | None:
    words = words.strip()
    if not words:
        return None
    visible = Contact.objects.visible_to(user)
    found: Any = None
    if words.isascii() and words.isdecimal() and len(words) < MOST_NUMBER:
        found = visible.filter(pk=int(words)).first()
    elif keys := match_keys.keys_of({"email": words}, [("email",)]):
        found = visible.filter(pk__in=list(match_keys.owners_of(keys).values())).first()
    if found is None:
        raise InvalidValues({"guardian": f"No contact has the address or number {words}."})
    return int(found.pk)
