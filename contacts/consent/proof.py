"""The proof on a contact: everything they said about consent, with how and where; as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import may_edit, may_export, may_write
from contacts.consent.forms import RecordConsentForm
from contacts.consent.guardian import guardian_form
from contacts.consent.letters import PREFERENCES
from contacts.consent.links import preferences_url
from contacts.consent.purposes import latest_wordings
from contacts.letters import post_letter
from contacts.models import Consent, ConsentAsked, Contact, Guardianship, How, Purpose
from contacts.roles import Ability, can
from contacts.services.consents import record_consent, said_by, standing_of
from contacts.views.editing import person
from leadcrm.lib import ratelimit
from leadcrm.lib.languages import LANGUAGES
from leadcrm.lib.spreadsheets import csv_response

MOST_SHOWN = 200
LETTERS_A_DAY = 3
HEADER = (
    *("Id", "Recorded", "Given or withdrawn", "Purpose", "Version", "Level", "Wording", "Language", "How", "Through"),
    *("By guardian", "Address", "From IP", "Confirmed", "Confirmed from", "Recorded by"),
)


def _readable(request: HttpRequest, contact_id: int) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(person(request)), pk=contact_id)


def statements_of(contact_id: int) -> QuerySet[Consent]:
    """Everything somebody said about consent, the latest first."""
    rows = Consent.objects.filter(contact=contact_id).select_related("purpose", "version", "recorded_by")
    return rows.order_by("-recorded_at", "-pk")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What a contact agrees to now, every statement behind it, and a form for one that was made to a person."""
    contact, user = _readable(request, contact_id), person(request)
    form = RecordConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may_write(user):
            raise PermissionDenied
        if form.is_valid():
            _record(contact, form, request)
            messages.success(request, "Written down. It counts from now on.")
            return redirect("contacts:consent", contact.pk)
    now, said = standing_of(contact.pk), said_by(contact.pk)
    waiting = {one.purpose_id: one for one in ConsentAsked.objects.filter(contact=contact)}
    rows = list(statements_of(contact.pk)[: MOST_SHOWN + 1])
    child = Guardianship.objects.select_related("guardian", "noted_by").filter(child=contact).first()
    agreed_to = [one.purpose_id for one in now.said.values() if one.given and one.by_guardian and one.purpose_id]
    context = {
        "contact": contact,
        "form": form if may_write(user) else None,
        "purposes": [
            (
                one,
                now.said.get(one.pk) or said.said.get(one.pk),
                now.agrees_to(one.pk),
                waiting.get(one.pk),
                said.agrees_to(one.pk) and not now.agrees_to(one.pk),
            )
            for one in Purpose.objects.all()
            if one.retired_at is None or one.pk in said.said
        ],
        "rows": [(one, LANGUAGES.get(one.language, "")) for one in rows[:MOST_SHOWN]],
        "more": len(rows) > MOST_SHOWN,
        "guardianship": child,
        "guardian_form": guardian_form(child, agreed_to) if may_edit(user, contact) else None,
        "wards": Contact.objects.alive().filter(guardianship__guardian=contact).order_by("pk")[:20],
        "may_export": may_export(user),
        "may_send": may_write(user) and bool(contact.email) and not contact.do_not_email,
        "own_url": preferences_url(contact) if can(user, Ability.MARKET) and contact.email else "",
    }
    return render(request, "consent/proof.html", context, status=422 if form.is_bound else 200)


def _record(contact: Contact, form: RecordConsentForm, request: HttpRequest) -> None:
    kind, number = form.chosen()
    typed = form.cleaned_data
    purpose = Purpose.objects.filter(pk=number).first() if kind == "purpose" else None
    given = typed["given"] == "given"
    version = latest_wordings([number]).get(number) if purpose and given and not typed["wording"] else None
    record_consent(
        contact_id=contact.pk,
        level=None if purpose else number,
        purpose=purpose,
        version=version,
        given=given,
        wording=typed["wording"],
        how=How.PERSON,
        source=typed["source"],
        by=person(request),
    )


@login_required
@require_safe
def proof_file(request: HttpRequest, contact_id: int) -> StreamingHttpResponse:
    """Every statement as a CSV file."""
    contact = _readable(request, contact_id)
    if not may_export(person(request)):
        raise PermissionDenied
    return csv_response(f"consent-{contact.pk}-{timezone.localdate():%Y-%m-%d}", HEADER, _lines(contact.pk))


def _lines(contact_id: int) -> Iterator[list[Any]]:
    for one in statements_of(contact_id).iterator(chunk_size=500):
        yield [
            *(one.pk, timezone.localtime(one.recorded_at).isoformat(timespec="seconds")),
            *("given" if one.given else "withdrawn", str(one.purpose or ""), one.version.number if one.version else ""),
            *(one.get_level_display(), one.wording, one.language, one.get_how_display(), one.source),
            *("yes" if one.by_guardian else "", one.page, one.ip or ""),
            timezone.localtime(one.confirmed_at).isoformat(timespec="seconds") if one.confirmed_at else "",
            *(one.confirmed_ip or "", str(one.recorded_by or "")),
        ]


@login_required
@require_POST
def send_link(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Mail a person the link to their own page of preferences."""
    contact = _readable(request, contact_id)
    if not may_write(person(request)):
        raise PermissionDenied
    if not contact.email or contact.do_not_email:
        messages.error(request, "They have no e-mail address, or do not want to be written to.")
    elif not ratelimit.allow(f"preferences-to:{contact.email}", limit=LETTERS_A_DAY, seconds=24 * 3600).allowed:
        messages.error(request, "The link was sent often enough today.")
    else:
        post_letter(PREFERENCES, contact=contact.pk)
        messages.success(request, f"The link is on its way to {contact.email}.")
    return redirect("contacts:consent", contact.pk)
