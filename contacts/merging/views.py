"""Pages on which two contacts are made one, and two again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from contacts.access import may_manage
from contacts.duplicates import likely_duplicates
from contacts.errors import ChangedMeanwhile
from contacts.merging.became import became_of
from contacts.merging.compare import consent_words, hangs_on, rows_of, stays_of
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.fields import NAMES, usually_taken, values_of
from contacts.merging.service import merge_contacts, undo_merge
from contacts.models import Contact, Entity, Merge, User
from contacts.pickers import ContactField
from contacts.views.editing import person
from leadcrm.lib.links import safe_next

THEIRS = "theirs"
UNDONE_THERE = "On that page it can be undone for thirty days."


class ChooseOther(forms.Form):
    """With whom a contact is merged."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["contact"] = ContactField(
            user=user, label="Somebody else", help_text="A part of the name or e-mail."
        )


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, contact_id: int) -> HttpResponse:
    """GET: with whom (no `with`), or both side by side, the contact of the address being the one that stays. POST makes
    them one; if somebody changed either meanwhile, that is said, and what was chosen stays chosen.
    """
    user = person(request)
    if not may_manage(user):
        raise PermissionDenied("Contacts are merged by who may edit everybody's.")
    people = Contact.objects.visible_to(user).select_related("account", "owner")
    survivor = people.filter(pk=contact_id).first()
    other_id = _number(request.POST.get("with") or request.GET.get("with") or "")
    other = people.filter(pk=other_id).first() if other_id else None
    if survivor is None or (other_id and other is None):
        return _who_is_there(request, contact_id if survivor is None else other_id)
    if other is None or other == survivor:
        return _with_whom(request, survivor)
    if request.method != "POST":
        return _side_by_side(request, survivor, other, usually_taken(survivor, other))
    known = values_of(survivor) | values_of(other)
    take = {name for name in known if request.POST.get(f"take.{name}") == THEIRS}
    versions = (_number(request.POST.get("version", "")), _number(request.POST.get("version_with", "")))
    try:
        done = merge_contacts(survivor.pk, other.pk, take=take, by=user, versions=versions)
    except ChangedMeanwhile:
        return _side_by_side(request, survivor, other, take, changed=True)
    except CannotMerge as error:
        messages.error(request, error.message)
        return redirect("contacts:detail", error.into_id or survivor.pk)
    page = reverse("contacts:detail", args=[survivor.pk])
    survivor.refresh_from_db()
    words = '<a class="link" href="{}"><bdi>{}</bdi></a> and <bdi>{}</bdi> are one contact now. {}'
    messages.success(request, format_html(words, page, survivor, done.gone_name, UNDONE_THERE))
    return redirect(safe_next(request, page))


@login_required
@require_POST
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Make two of them again, and go to the one that comes back."""
    user = person(request)
    if not may_manage(user):
        raise PermissionDenied("Merges are undone by who may edit everybody's contacts.")
    done = get_object_or_404(Merge, pk=merge_id, entity=Entity.CONTACT)
    became = became_of(Entity.CONTACT, done.gone_id) or done.survivor_id
    seen = get_object_or_404(Contact.objects.visible_to(user), pk=became)
    changed = stays_of(done, seen)
    try:
        undo_merge(merge_id, by=user)
    except CannotUndoMerge as error:
        messages.error(request, error.message)
        return redirect("contacts:detail", done.survivor_id)
    url = reverse("contacts:detail", args=[done.survivor_id])
    stays = Contact.objects.get(pk=done.survivor_id)
    messages.success(
        request,
        format_html(
            '{} is back, with all that came along. <a class="link" href="{}">{}</a> kept what came since{}.',
            done.gone_name,
            url,
            stays,
            f", and what was changed since: {changed}" if changed else "",
        ),
    )
    return redirect("contacts:detail", done.gone_id)


def _with_whom(request: HttpRequest, contact: Contact) -> HttpResponse:
    """Whom it may be, by likeness, and a field to name anybody."""
    user = person(request)
    choose = ChooseOther(request.GET if "contact" in request.GET else None, user=user)
    if choose.is_valid() and (found := choose.cleaned_data["contact"]) and found != contact:
        return redirect(f"{reverse('contacts:merge', args=[contact.pk])}?with={found.pk}")
    values = {name: getattr(contact, name) for name in NAMES}
    context = {
        "contact": contact,
        "suggestions": likely_duplicates(values, user, exclude_id=contact.pk),
        "choose": choose,
    }
    return render(request, "contacts/merge_with.html", context)


def _side_by_side(
    request: HttpRequest, survivor: Contact, other: Contact, take: set[str], *, changed: bool = False
) -> HttpResponse:
    rows = rows_of(survivor, other, take)
    context = {
        "contact": survivor,
        "other": other,
        "rows": [row for row in rows if not row.same and not row.strict],
        "same": [row for row in rows if row.same or row.strict],
        "hangs": hangs_on(survivor, other),
        "consent": consent_words(survivor, other),
        "changed": changed,
        "next": safe_next(request, ""),
    }
    return render(request, "contacts/merge.html", context, status=409 if changed else 200)


def _who_is_there(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Somebody who was merged already leads to whom they became; anybody else who cannot be seen is not there."""
    stands = became_of(Entity.CONTACT, contact_id)
    found = get_object_or_404(Contact.objects.visible_to(person(request)), pk=stands)
    messages.info(request, f"One of the two was merged already: this is {found} now.")
    return redirect("contacts:detail", found.pk)


def _number(words: str) -> int:
    return int(words) if words.isdecimal() and words.isascii() and len(words) < 19 else 0
