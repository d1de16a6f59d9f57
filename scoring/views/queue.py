"""The calling queue: whom to call next and why, what was called today, and what somebody has in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.models import User
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.charts import Bar
from leads.access import may_call
from leads.calling import claims
from leads.calling.queue import next_call_back, next_leads, waiting_in, without_contact
from leads.calling.tally import callers, today_of
from leads.calling.undoing import to_undo
from leads.models import CallLater, Lead
from scoring.explain import Part, top_reasons

SHOWN = 12
REASONS = 2
WITHOUT = 5


@dataclass(frozen=True)
class Next:
    """A lead of the queue, the rules that speak loudest for it, and the call back that was promised, if one was."""

    lead: Lead
    reasons: list[Part]
    promised: CallLater | None


def next_rows(user: User, *, most: int = SHOWN) -> list[Next]:
    """The next leads with all that is drawn of each: as many queries whatever there is."""
    ids = next_leads(user, most=most)
    leads = Lead.objects.drawn().in_bulk(ids)
    reasons = top_reasons(ids, limit=10) if ids else {}
    later = CallLater.objects.filter(lead__in=ids, why=CallLater.Why.CALL_BACK, person=None).select_related("said_by")
    promised = {one.lead_id: one for one in later}
    return [
        Next(leads[pk], [part for part in reasons.get(pk, []) if part.points > 0][:REASONS], promised.get(pk))
        for pk in ids
        if pk in leads
    ]


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The queue as a caller sees it; managers see who calls whom, too."""
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    own, nobodys = waiting_in(user)
    tally = today_of(user)
    rows = next_rows(user)
    context: dict[str, Any] = {
        "claim": claims.claim_of(user),
        "undo": to_undo(user),
        "rows": rows,
        "own": own,
        "nobodys": nobodys,
        "tally": tally,
        "bars": [
            Bar("Calls", tally.calls),
            Bar("Reached", tally.spoken),
            Bar("Passed to sales", tally.passed_on),
        ],
        "next_call_back": next_call_back(user),
        "without_contact": without_contact(user, most=WITHOUT),
        "callers": callers() if can(user, Ability.MANAGE_TEAM) else [],
    }
    return render(request, "scoring/queue.html", context)


@login_required
@require_POST
def next_call(request: HttpRequest) -> HttpResponse:
    """Claim the next lead and go to its page; where none is left, back to the queue, which says when there will be."""
    user = person(request)
    if not may_call(user):
        raise PermissionDenied
    lead_id = claims.claim_next(by=user)
    if lead_id is None:
        messages.info(request, "Nobody is left to call just now.")
        return redirect("leads:queue")
    return redirect("leads:call", lead_id)
