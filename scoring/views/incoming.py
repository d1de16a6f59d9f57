"""A call that comes in: one field finds who it is; the call is logged about a lead of theirs, or a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.models import Contact, User
from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leads.access import may_call
from leads.calling.forms import IncomingForm
from leads.calling.incoming import Known, begins_with, log_incoming, who_calls
from leads.errors import InvalidValues
from leads.models import Call, Lead, Outcome
from scoring.views.call import PASS_ON, Way

WAYS = (
    Way(Outcome.REACHED, "Log it", "", "The call is logged; a new lead is yours, and comes back in a while.", go=True),
    Way(PASS_ON, "Qualified, to sales", "", "Logged, and the lead waits for sales now."),
    Way(Outcome.CALL_BACK, "Call back", "", "Logged; it comes first at the time above."),
)
MOST_WORDS = 200


@login_required
@require_http_methods(["GET", "POST"])
def incoming(request: HttpRequest) -> HttpResponse:
    """GET finds by `who`; POST logs the call about `lead`, or a new lead of `contact`, or of somebody new.

    What is refused keeps what was typed.
    """
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    who = (request.POST if request.method == "POST" else request.GET).get("who", "")[:MOST_WORDS]
    if request.method != "POST":
        return _page(request, user, who, IncomingForm(initial=begins_with(who)))
    form = IncomingForm(request.POST)
    if not form.is_valid():
        return _page(request, user, who, form, status=422)
    try:
        call = _log(request, user, form)
    except InvalidValues as error:
        for name, words in error.errors.items():
            form.add_error(name if name in form.fields else None, words)
        return _page(request, user, who, form, status=422)
    except DomainError as error:
        form.add_error(None, error.message)
        return _page(request, user, who, form, status=error.status)
    messages.success(request, "The call is logged.")
    seen = Lead.objects.visible_to(user).filter(pk=call.lead_id).exists()
    return redirect("leads:detail", call.lead_id) if seen else redirect("leads:queue")


def _log(request: HttpRequest, user: User, form: IncomingForm) -> Call:
    """About what the person chose: "lead-12", "contact-3" or somebody new."""
    kind, wanted = _about(request.POST.get("about", ""))
    do = request.POST.get("do", Outcome.REACHED)
    said = form.said(Outcome.REACHED if do == PASS_ON else do, pass_on=do == PASS_ON, came_in=True)
    about: dict[str, Any] = {"person": form.person()}
    if kind == "lead":
        if not Lead.objects.visible_to(user).filter(pk=wanted).exists():
            raise InvalidValues({"about": "This lead does not exist, or was deleted."})
        about = {"lead_id": wanted}
    elif kind == "contact":
        if not Contact.objects.visible_to(user).filter(pk=wanted).exists():
            raise InvalidValues({"about": "This contact does not exist, or was deleted."})
        about = {"contact_id": wanted}
    return log_incoming(by=user, said=said, lead=form.lead(), **about)


def _about(words: str) -> tuple[str, int]:
    """ "lead-12" as ("lead", 12)."""
    kind, _, number = words.partition("-")
    return kind, int(number) if number.isdecimal() and len(number) < 19 else 0


def _first(known: list[Known]) -> str:
    """What is chosen at first: the newest open lead of who is found."""
    if not known:
        return "new"
    return f"lead-{known[0].leads[0].pk}" if known[0].leads else f"contact-{known[0].contact.pk}"


def _page(request: HttpRequest, user: User, who: str, form: IncomingForm, *, status: int = 200) -> HttpResponse:
    known = who_calls(who, user) if who.strip() else []
    about, number = _about(request.POST.get("about", "") or _first(known))
    context = {
        "who": who,
        "known": known,
        "form": form,
        "about": about,
        "about_lead": number if about == "lead" else 0,
        "about_contact": number if about == "contact" else 0,
        "ways": WAYS,
        "persons": [form[name] for name in form.PERSON],
    }
    return render(request, "scoring/incoming.html", context, status=status)
