"""Leads without a contact: finding or making the one of a lead, and all of them with what linking would do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts.duplicates import likely_duplicates
from contacts.errors import DuplicateContact, InvalidValues
from contacts.forms import ContactForm
from contacts.models import Contact, User
from contacts.pickers import ContactField
from contacts.views.editing import person, tell_refusal
from leadcrm.lib.links import safe_next
from leadcrm.lib.paging import ID, Sort, page_of, url_with
from leads.access import may_link_orphans
from leads.editing import may_edit
from leads.models import Lead
from leads.orphans.linking import create_and_link, link_contact
from leads.orphans.person import person_of
from leads.orphans.resolving import Tally, orphans, preview, resolve

OLDEST = Sort("oldest", "Oldest", (ID,))
MOST_TICKED = 200


class ChooseContact(forms.Form):
    """Somebody who is known already."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["contact"] = ContactField(user=user, label="Contact", help_text="A part of the name or e-mail.")


def find_contact(request: HttpRequest, lead: Lead) -> HttpResponse:
    """Say whose a lead is: somebody it may mean, somebody else who is known, or a new contact.

    Whoever calls this has seen to it that this person may see the lead. 403 for who may not edit it, or for a closed
    one.
    """
    user = person(request)
    if not may_edit(user, lead) or not lead.is_open:
        raise PermissionDenied("Only an open lead that you may edit can get its contact.")
    what = request.POST.get("do", "") if request.method == "POST" else ""
    choose = ChooseContact(request.POST if what == "choose" else None, user=user)
    values = person_of(lead) | {"account": lead.account, "owner": user.pk}
    form = ContactForm(request.POST if what == "create" else None, user=user, **values)
    if what == "choose" and choose.is_valid():
        return _linked(request, link_contact(lead.pk, choose.cleaned_data["contact"].pk, by=user))
    if what == "create" and form.is_valid():
        try:
            return _linked(request, create_and_link(lead.pk, by=user, **form.service_values()))
        except (InvalidValues, DuplicateContact) as error:
            tell_refusal(form, error)
    said = form.service_values() if what == "create" and form.is_bound and form.is_valid() else None
    context = {
        "lead": lead,
        "suggestions": likely_duplicates(said or person_of(lead) | {"account_id": lead.account_id}, user),
        "choose": choose,
        "form": form,
        "fields": [form[name] for name in form.shown],
        "back_url": reverse("leads:detail", args=[lead.pk]),
        "next": safe_next(request, ""),
    }
    return render(request, "leads/find_contact.html", context, status=422 if choose.errors or form.errors else 200)


def _linked(request: HttpRequest, lead: Lead) -> HttpResponse:
    messages.success(request, f"This lead is {lead.contact}'s now.")
    return redirect(safe_next(request, reverse("leads:detail", args=[lead.pk])))


@login_required
@require_safe
def orphan_list(request: HttpRequest) -> HttpResponse:
    """All leads without a contact of which anything says whom they are about, with what linking would do now."""
    user = person(request)
    if not may_link_orphans(user):
        raise PermissionDenied
    rows = orphans().filter(pk__in=Lead.objects.visible_to(user).values("pk")).select_related("account", "owner")
    page = page_of(rows, OLDEST, request.GET.get("at", ""))
    decisions = preview(page.rows)
    ids = {one.contact_id for one in decisions if one.contact_id}
    names = Contact.objects.visible_to(user).in_bulk(ids)
    context = {
        "rows": [(one, names.get(one.contact_id or 0)) for one in decisions],
        "said": page.said,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "leads/orphan_list.html", context)


@login_required
@require_POST
def link_orphans(request: HttpRequest) -> HttpResponse:
    """Link the ticked leads as the list said; each is decided anew."""
    user = person(request)
    if not may_link_orphans(user):
        raise PermissionDenied
    ticked = [int(one) for one in request.POST.getlist("ids") if one.isdecimal() and len(one) < 19][:MOST_TICKED]
    seen = Lead.objects.visible_to(user).filter(pk__in=ticked).values("pk")
    leads = list(orphans().filter(pk__in=seen).order_by("pk").select_related("account"))
    tally = Tally()
    if leads:
        tally.add(resolve(leads, by=user, cause="page:link-orphans"))
        made = f", {tally.created} of them to contacts made for marketing only" if tally.created else ""
        messages.success(request, f"{tally.linked + tally.created} linked{made}.")
    if tally.left:
        messages.warning(request, f"{tally.left} stay as they are; each says why.")
    if not leads:
        messages.warning(request, "Tick some leads." if not ticked else "These leads have their contacts by now.")
    return redirect("leads:orphans")
