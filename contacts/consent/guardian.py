"""A contact is a child: said, with who answers for them, on the page of their consent."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from contacts import match_keys
from contacts.access import may_edit
from contacts.errors import InvalidValues
from contacts.models import Contact, Guardianship, How, Purpose, User
from contacts.services.guardians import agree_for, no_child, note_child
from contacts.views.editing import person

MOST_NUMBER = 19


class GuardianForm(forms.Form):
    """Whether somebody is a child, and who answers for them."""

    is_child = forms.BooleanField(label="This contact is a child", required=False)
    guardian = forms.CharField(
        label="Guardian", required=False, max_length=254, help_text="The e-mail address of a contact, or its number."
    )
    purposes = forms.ModelMultipleChoiceField(
        Purpose.objects.filter(retired_at=None).order_by("name"),
        label="The guardian has agreed to",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label="The guardian has agreed to whatever the child says", required=False)
    how = forms.CharField(
        label="How they agreed",
        required=False,
        max_length=300,
        help_text="In which words, and where that is on record.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    """The purposes that were shown as agreed to."""


def guardian_form(known: Guardianship | None, agreed_to: Collection[int] = ()) -> GuardianForm:
    """The form as things stand; `agreed_to` are the purposes that the guardian agreed to."""
    if known is None:
        return GuardianForm()
    guardian = (known.guardian.email or str(known.guardian_id)) if known.guardian else ""
    return GuardianForm(
        initial={
            "is_child": True,
            "guardian": guardian,
            "purposes": list(agreed_to),
            "seen": ",".join(str(pk) for pk in sorted(agreed_to)),
            "agreed": bool(known.agreed_at),
            "how": known.how,
        }
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
        _keep(contact.pk, guardian, typed, user)
    except InvalidValues as problem:
        messages.error(request, "Not saved. " + " ".join(problem.data["errors"].values()))
        return there
    waits = not typed["agreed"] and not typed["purposes"]
    messages.success(
        request, "Saved: nothing above Transactional counts until the guardian agrees." if waits else "Saved."
    )
    return there


@transaction.atomic
def _keep(child_id: int, guardian: int | None, typed: dict[str, Any], user: User) -> None:
    """Raises InvalidValues, and then keeps nothing."""
    note_child(child_id, guardian_id=guardian, agreed=typed["agreed"], how=typed["how"], by=user)
    purposes = {one.pk for one in typed["purposes"]}
    seen = {int(one) for one in typed["seen"].split(",")[:1000] if one.isascii() and one.isdecimal() and len(one) < 19}
    if purposes == seen:
        return
    if not typed["how"]:
        raise InvalidValues({"how": "Say how they agreed, and where that is on record."})
    agree_for(child_id, purposes=purposes, seen=seen, by=user, how=How.PERSON, source=typed["how"])


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
