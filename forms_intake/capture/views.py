"""Pages of quick capture. They work without JavaScript; with it, what cannot be sent now waits in the browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from contacts.models import User
from contacts.roles import Ability, can
from contacts.views.editing import person
from forms_intake import validation
from forms_intake.capture.forms import OccasionForm
from forms_intake.capture.keeping import CONSENT_HOW, Kept, capture, form_spec, latest_of
from forms_intake.capture.occasions import occasion_for
from forms_intake.looks.fields import FieldView, field_views
from forms_intake.models import CaptureOccasion, FieldType, Submission, SubmissionState
from forms_intake.posts import TOKEN, TOKEN_CHARACTERS, new_token, wants_json
from leadcrm.lib.address import client_address
from leads.models import Rating

REMEMBERED = "capture_occasion"
OFFERED = 8


class AboutAnother(FieldView):
    """A field about somebody else: the browser must not offer what the person who types is called."""

    @property
    def autocomplete(self) -> str:
        return "off"


def _occasion(request: HttpRequest) -> CaptureOccasion | None:
    """The one that this person chose, as their session remembers it; a queued post names its own."""
    said = request.POST.get("occasion", "")
    chosen = int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else request.session.get(REMEMBERED)
    known = CaptureOccasion.objects.select_related("event", "marketing_context")
    return known.filter(pk=chosen).first() if chosen else None


def _may(request: HttpRequest) -> User:
    """Who enters records may capture."""
    if not can(request.user, Ability.WRITE):
        raise PermissionDenied
    return person(request)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Write down whom one met; saved with one tap, and ready for the next. Programs read what became of it as JSON."""
    user = _may(request)
    occasion = _occasion(request)
    if request.method != "POST":
        return _page(request, user, occasion) if occasion else redirect("forms_intake:capture_occasion")
    if occasion is None:
        if wants_json(request):
            return JsonResponse({"errors": {"occasion": ["Choose the occasion again."]}}, status=422)
        messages.error(request, "Choose the occasion first.")
        return redirect("forms_intake:capture_occasion")
    posted = {key: [str(text) for text in texts] for key, texts in request.POST.lists()}
    token = request.POST.get(TOKEN, "")[:TOKEN_CHARACTERS]
    kept = capture(occasion, posted, token=token, ip=client_address(request), by=user)
    if kept.submission is None:
        if wants_json(request):
            return JsonResponse({"errors": kept.errors}, status=422)
        return _page(request, user, occasion, posted=posted, kept=kept)
    if wants_json(request):
        return JsonResponse({"id": str(kept.submission.public_id), "who": _became(kept.submission)})
    messages.success(request, _became(kept.submission))
    return redirect("forms_intake:capture")


def _page(
    request: HttpRequest,
    user: User,
    occasion: CaptureOccasion,
    *,
    posted: dict[str, list[str]] | None = None,
    kept: Kept | None = None,
) -> HttpResponse:
    spec = form_spec()
    typed = validation.typed(posted, spec) if posted is not None else None
    said = {key: values[-1] for key, values in (posted or {}).items() if values}
    consents = [one for one in spec.fields if one.consent_level]
    event = occasion.event
    context = {
        "occasion": occasion,
        "fields": [
            AboutAnother(**vars(one))
            for one in field_views(
                [one for one in spec.fields if not one.consent_level and one.type != FieldType.HIDDEN],
                typed,
                kept.errors if kept else {},
            )
        ],
        "consents": consents,
        "hows": CONSENT_HOW.items(),
        "how": said.get("consent_how", ""),
        "ratings": Rating.choices,
        "rating": said.get("rating", ""),
        "registers": event if event and not event.is_over else None,
        "does_register": bool(said.get("registers")),
        "token": said.get(TOKEN) or new_token(),
        "problems": len(kept.errors) if kept else 0,
        "latest": [(one, _became(one)) for one in latest_of(user)],
        "may_import": can(user, Ability.MARKET),
        "import_url": f"{reverse('forms_intake:import_new')}?{urlencode({'occasion': occasion.pk})}",
        "user_id": user.pk,
    }
    return render(request, "forms_intake/capture/page.html", context, status=422 if kept else 200)


def _became(submission: Submission) -> str:
    """Who a captured person turned out to be, in a few words."""
    if submission.state == SubmissionState.FAILED:
        return f"Kept, but not matched: {submission.error}"
    contact = submission.contact
    if contact is None:
        return "Kept; it is being matched."
    decision = submission.decision or {}
    known = not decision.get("contact", {}).get("new")
    lead_reason = str(decision.get("lead", {}).get("reason", ""))
    lead = "" if submission.lead_id is None else " Their lead is one we had." if "open lead" in lead_reason else ""
    who = f"{contact} is saved"
    return f"{who}: somebody we knew.{lead}" if known else f"{who}: new to us."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the occasion: one of the last ones with a tap, or another."""
    user = _may(request)
    form = OccasionForm()
    if request.method == "POST" and request.POST.get("again", "").isdecimal():
        found = CaptureOccasion.objects.filter(pk=int(request.POST["again"][:18])).first()
        if found is not None:
            return _chosen(request, found)
    elif request.method == "POST":
        form = OccasionForm(request.POST)
        if form.is_valid():
            said = form.cleaned_data
            return _chosen(
                request,
                occasion_for(
                    event=said["event"],
                    campaign=said["campaign"],
                    product=said["product"],
                    source=said["source"],
                    did=said["did"],
                    leads_to=said["leads_to"],
                    by=user,
                ),
            )
    context: dict[str, Any] = {
        "form": form,
        "latest": CaptureOccasion.objects.order_by("-used_at")[:OFFERED],
        "chosen": request.session.get(REMEMBERED),
    }
    return render(request, "forms_intake/capture/choose.html", context, status=422 if form.is_bound else 200)


def _chosen(request: HttpRequest, occasion: CaptureOccasion) -> HttpResponse:
    request.session[REMEMBERED] = occasion.pk
    return redirect("forms_intake:capture")
