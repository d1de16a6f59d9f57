"""The page of one call: who, why, the stage's fields as the script, the story so far, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from contacts import normalise
from contacts.duplicates import likely_duplicates
from contacts.forms import RecordForm
from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.links import safe_next, url_of
from leads.access import may_call, may_call_lead
from leads.calling import claims
from leads.calling.forms import CallForm
from leads.calling.recording import accept_lead, record_call, recorded, save_fields
from leads.calling.undoing import to_undo, undo_call
from leads.editing import may_edit
from leads.errors import (
    BeingCalled,
    CannotUndoCall,
    ChangedMeanwhile,
    FieldsMissing,
    InvalidValues,
    LeadIsClosed,
    StageMoveRefused,
)
from leads.models import Call, CallLater, Lead, LeadEvent, Outcome
from leads.models.calling import SPOKEN
from leads.orphans.linking import known_contact, may_be_rung
from leads.orphans.person import person_of
from leads.stage_form import STAGE_FORMS, StageForm
from leads.stages import ORDER, Stage
from leads.story import Show, page_of, sources_of
from scoring.views.lead import RELATED, told_of

TOLD = 12
"""How much of the story stands beside a call."""
PASS_ON, SAVE, ACCEPT = "pass_on", "save", "accept"
GO_ON = "calling_go_on"
NOTES = "calling_notes"
"""By lead: what was noted of a call that was taken back, to be used again."""


@dataclass(frozen=True)
class Way:
    """A button: what came of the call, on which key, and what then happens to the lead."""

    do: str
    label: str
    key: str
    words: str
    go: bool = False


SPOKE = (
    Way(PASS_ON, "Qualified, to sales", "1", "Sales ready: it waits for sales now.", go=True),
    Way(Outcome.REACHED, "Reached, not settled", "2", "It is yours, and comes back in a while."),
    Way(Outcome.CALL_BACK, "Call back", "3", "It comes first at the time above."),
    Way(Outcome.NOT_INTERESTED, "Not interested", "4", "It is closed as disqualified, with your notes as reason."),
)
MISSED = (
    Way(Outcome.VOICEMAIL, "Voicemail", "5", "It comes back in a while."),
    Way(Outcome.NO_ANSWER, "No answer", "6", "It comes back in a while."),
    Way(Outcome.WRONG_NUMBER, "Wrong number", "7", "It comes back when the contact has another number."),
)


@login_required
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest, lead_id: int) -> HttpResponse:
    """GET shows the call, POST writes down what came of it and goes on to the next lead, or back to the queue.

    What is refused changes nothing and keeps what was typed: 409 when somebody else has the lead or closed it or
    changed the same fields, 422 for what is missing.
    """
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    lead = Lead.objects.visible_to(user).select_related(*RELATED).filter(pk=lead_id).first()
    if lead is None:
        if request.method == "POST":
            return render(request, "scoring/call_gone.html", {"notes": request.POST.get("notes", "")}, status=404)
        raise Http404
    if request.method != "POST":
        notes = request.session.pop(NOTES, {}).get(str(lead.pk), "")
        return _page(request, lead, _script(lead, user), CallForm(initial={"notes": notes}))
    return _answer(request, lead, user)


def _script(lead: Lead, user: User, data: Any = None) -> StageForm:
    """The fields of its stage; of the one that was shown, where the lead has moved since."""
    shown = data.get("stage", "") if data is not None else ""
    return STAGE_FORMS[shown if shown in STAGE_FORMS else lead.stage](data, user=user, record=lead)


def _answer(request: HttpRequest, lead: Lead, user: User) -> HttpResponse:
    request.session[GO_ON] = "go_on" in request.POST
    script, form = _script(lead, user, request.POST), CallForm(request.POST)
    if not (script.is_valid() & form.is_valid()):
        return _page(request, lead, script, form, status=422)
    try:
        said = _do(request, lead, user, script, form)
    except ChangedMeanwhile:
        fresh = Lead.objects.visible_to(user).select_related(*RELATED).get(pk=lead.pk)
        rebased, changes = _script(fresh, user, request.POST).rebased()
        return _page(request, fresh, rebased, form, changes=changes, status=409)
    except InvalidValues as error:
        for name, words in error.errors.items():
            form.add_error(name if name in form.fields else None, words)
        return _page(request, lead, script, form, status=422)
    except DomainError as error:
        # As it is now: who has it, in which stage, closed or not. What was typed stays.
        fresh = Lead.objects.select_related(*RELATED).get(pk=lead.pk)
        return _page(request, fresh, script, form, error=error, status=error.status)
    messages.success(request, said)
    if request.POST.get("do") in {SAVE, ACCEPT}:
        return redirect("leads:call", lead.pk)
    return _onward(request, user)


def _do(request: HttpRequest, lead: Lead, user: User, script: StageForm, form: CallForm) -> str:
    """Do what the button says; in words what was done."""
    do = request.POST.get("do", SAVE)
    said = form.said(Outcome.REACHED if do == PASS_ON else do, pass_on=do == PASS_ON)
    before = recorded(lead.pk, by=user, said=said) if do not in {SAVE, ACCEPT} else None
    if before is not None:
        return _told(lead, before)  # sent twice: what it changed then is no conflict now
    changes = script.service_values(script.edited()) if may_edit(user, lead) else {}
    version = _version(script, user, lead) if changes else 0
    if do == SAVE:
        save_fields(lead.pk, by=user, version=version, changes=changes)
        return "Saved. The lead is still yours to call."
    if do == ACCEPT:
        accept_lead(lead.pk, by=user, version=version, changes=changes)
        return "Accepted for teleprospecting."
    return _told(lead, record_call(lead.pk, by=user, said=said, version=version, changes=changes))


def _told(lead: Lead, call: Call) -> str:
    """Of whom what was written down."""
    came = "passed to sales" if call.passed_on else call.get_outcome_display().lower()
    who = lead.whom
    return format_html('<span><a class="link" href="{}">{}</a>: {}.</span>', url_of("leads:detail", lead.pk), who, came)


def _version(script: StageForm, user: User, lead: Lead) -> int:
    """The version to save upon: that of now when what others saved since is nothing that this person was shown.

    Raises ChangedMeanwhile.
    """
    seen_version = script.cleaned_data["version"] or 0
    if seen_version == lead.version:
        return seen_version
    now, seen = type(script)(user=user, record=lead).flat_initial(), script.seen_values()
    if not script.says_what_was_seen or any(seen[name] != value for name, value in now.items() if name in seen):
        raise ChangedMeanwhile("lead", lead.pk, seen=seen_version, current=lead.version)
    return lead.version


def _onward(request: HttpRequest, user: User) -> HttpResponse:
    """To the next lead, where that is wished and there is one."""
    if request.session.get(GO_ON, True):
        following = claims.claim_next(by=user)
        if following is not None:
            return redirect("leads:call", following)
        messages.info(request, "That was the last one for now.")
    return redirect("leads:queue")


def _page(
    request: HttpRequest,
    lead: Lead,
    script: RecordForm,
    form: CallForm,
    *,
    error: DomainError | None = None,
    changes: list[tuple[str, str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = person(request)
    held = claims.holder_of(lead.pk)
    early = ORDER.index(Stage(lead.stage)) < ORDER.index(Stage.TELEPROSPECTING_QUALIFICATION)
    calls = list(Call.objects.counted().filter(lead=lead).select_related("person").order_by("-happened_at")[:TOLD])
    context = {
        "lead": lead,
        "script": script,
        **_about(lead, user),
        "fields": [script[name] for name in script.shown],
        "form": form,
        "error": error,
        "missing": error.fields if isinstance(error, FieldsMissing) else [],
        "closed_by": _closed_by(lead) if not lead.is_open or isinstance(error, LeadIsClosed) else None,
        "changes": changes or [],
        "held": held,
        "mine": held is not None and held.person_id == user.pk,
        "others": held if held is not None and held.person_id != user.pk else None,
        "ways": (("Somebody was there", SPOKE), ("Nobody was", MISSED)),
        "may_accept": early and lead.stages.uses(Stage.TELEPROSPECTING_QUALIFICATION),
        "told": told_of(lead)[:1],
        "story": page_of(sources_of(lead, Show.ALL, user), None, size=TOLD),
        "calls": calls,
        "spoken": sum(one.outcome in SPOKEN for one in calls),
        "promised": CallLater.objects.filter(lead=lead, person=None, why=CallLater.Why.CALL_BACK).first(),
        "undo": to_undo(user, lead_id=lead.pk) or to_undo(user),
        "go_on": request.session.get(GO_ON, True),
        "now": timezone.now(),
    }
    return render(request, "scoring/call.html", context, status=status)


def _about(lead: Lead, user: User) -> dict[str, Any]:
    """Of a lead without a contact: who it is by what it says, whom it may mean, and the number it says."""
    if lead.contact_id is not None or not lead.is_open:
        return {}
    return {
        "known": known_contact(lead),
        "rings": may_be_rung(lead),
        "dial": normalise.phone(lead.person_phone),
        "suggestions": likely_duplicates(person_of(lead) | {"account_id": lead.account_id}, user),
        "may_link": may_edit(user, lead),
    }


def _closed_by(lead: Lead) -> LeadEvent | None:
    """Who closed it, as what and why."""
    closings = LeadEvent.objects.filter(lead=lead, kind__in=[LeadEvent.Kind.QUALIFIED, LeadEvent.Kind.DISQUALIFIED])
    return closings.select_related("actor").order_by("-happened_at", "-pk").first()


@login_required
@require_POST
def claim(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Take this lead in hand, in place of any other, and go to its page."""
    lead = _callable(request, lead_id)
    claims.claim(lead.pk, by=person(request))
    return redirect("leads:call", lead.pk)


@login_required
@require_POST
def hold(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Asked each minute by an open page: 204 while the lead is in hand, else 409 and who has it."""
    lead = _callable(request, lead_id)
    if claims.hold(lead.pk, by=person(request)):
        return HttpResponse(status=204)
    held = claims.holder_of(lead.pk)
    return JsonResponse({"person": str(held.person) if held else ""}, status=409)


@login_required
@require_POST
def release(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Give the lead back and stop."""
    lead = _callable(request, lead_id)
    claims.release(lead.pk, by=person(request))
    messages.success(request, f"{lead.whom} is given back.")
    return redirect("leads:queue")


@login_required
@require_POST
def skip(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Give the lead back, see it again later, and go on to the next."""
    lead = _callable(request, lead_id)
    claims.skip(lead.pk, by=person(request), reason=request.POST.get("reason", ""))
    messages.info(request, f"{lead.whom} is skipped for now.")
    return _onward(request, person(request))


@login_required
@require_POST
def undo(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Take back what came of this person's latest call about a lead, and have it in hand again; or say what prevents
    it, where they are.
    """
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    lead = get_object_or_404(Lead.objects.alive().select_related("contact"), pk=lead_id)
    wanted = request.POST.get("call", "")
    call_id = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else None
    try:
        notes = undo_call(lead_id, by=user, call_id=call_id)
    except (CannotUndoCall, BeingCalled, StageMoveRefused) as error:
        messages.error(request, error.message)
        return redirect(safe_next(request, "leads:queue"))
    request.session[NOTES] = {str(lead_id): notes}
    who = lead.whom
    messages.success(request, f"{who}: taken back. Everything is as before the call; say again what came of it.")
    fresh = Lead.objects.get(pk=lead_id)
    return redirect("leads:call", lead_id) if may_call_lead(user, fresh) else redirect("leads:queue")


def _callable(request: HttpRequest, lead_id: int) -> Lead:
    """The lead, for who may call."""
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    lead: Lead = get_object_or_404(Lead.objects.visible_to(user).select_related("contact"), pk=lead_id)
    return lead
