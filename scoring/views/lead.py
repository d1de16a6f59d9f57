"""The page of one lead: who, where it stands, what can be done, what happened, and why its score is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from contacts import custom_fields
from contacts.access import may_write
from contacts.models import Consent, Entity, User
from contacts.roles import Ability, can
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.paging import read_cursor
from leads.access import may_move
from leads.action_forms import following
from leads.actions import first_of, offered
from leads.assignment.words import told
from leads.editing import may_delete, may_edit
from leads.marketing.origin import origin_of
from leads.models import Lead
from leads.process_bar import boxes, menus, needs, steps
from leads.qualifying.access import may_turn_into_more
from leads.services.reading import was_read
from leads.story import PLACE, Show, page_of, sources_of
from leads.touches import later_touches
from scoring.causes import Cause, causes_of
from scoring.evidence import Evidence, Key, evidence_of
from scoring.explain import ModelExplanation, Part, explain
from scoring.story import score_source

OTHERS = 5
ASSIGNMENTS = 5
RELATED = (
    "contact__account",
    "account",
    "product",
    "campaign",
    "marketing_context",
    "owner",
    "team",
    "territory",
    "accepted_by",
    "process",
    "related_lead",
    "status_reason",
    "source",
    "recycle_reason",
)


def _lead(request: HttpRequest, lead_id: int) -> Lead:
    assert isinstance(request.user, User)
    visible = Lead.objects.visible_to(request.user)
    lead: Lead = get_object_or_404(visible.select_related(*RELATED), pk=lead_id)
    return lead


@login_required
@require_safe
def detail(request: HttpRequest, lead_id: int) -> HttpResponse:
    """One lead; for htmx only the story, from `before` on, showing `show`."""
    lead, user = _lead(request, lead_id), request.user
    assert isinstance(user, User)
    wanted = request.GET.get("show", "")
    show = Show(wanted) if wanted in set(Show) else Show.ALL
    cursor = read_cursor(request.GET.get("before", ""), PLACE)
    sources = sources_of(lead, show, user) + ([score_source(lead)] if show == Show.ALL else [])
    here = reverse("leads:detail", args=[lead.pk])
    story = page_of(sources, cursor)
    context = {
        "lead": lead,
        "story": story,
        "show": show,
        "shows": list(Show),
        "here": here,
        "first_url": f"{here}?show={show}#story" if cursor else "",
        "older_url": f"{here}?{urlencode({'show': show, 'before': str(story.next)})}#story" if story.next else "",
    }
    if not wants_part(request):
        was_read(lead, by=user)
        context |= _around(lead, user)
    return render_page(request, "leads/lead_detail.html", context, part="story")


def _around(lead: Lead, user: User) -> dict[str, object]:
    """Everything on the page but the story."""
    others = (
        Lead.objects.visible_to(user).filter(contact=lead.contact_id).exclude(pk=lead.pk) if lead.contact_id else []
    )
    actions, shown = offered(lead, user), menus(lead)
    consents = Consent.objects.filter(contact=lead.contact_id) if lead.contact_id else Consent.objects.none()
    return {
        "steps": steps(lead),
        "menus": shown,
        "boxes": boxes(lead, user),
        "needs": needs(lead, shown),
        "may_move": may_move(user, lead),
        "following": (next_stage := following(lead)),
        "following_name": lead.stages.name_of(next_stage) if next_stage else "",
        "first": (first := first_of(actions, lead)),
        "actions": [action for action in actions if action is not first],
        "told": told_of(lead),
        "others": list(others[: OTHERS + 1]) if lead.contact_id else [],
        "origin": origin_of(lead.marketing_context_id, user),
        "touches": later_touches(lead, user),
        "customs": custom_fields.in_words(lead, Entity.LEAD),
        "may_edit": may_edit(user, lead),
        "may_turn_into_more": lead.is_open and may_turn_into_more(user, lead),
        "may_delete": may_delete(user, lead),
        "assignments": told(lead.assignments.order_by("-decided_at", "-pk")[:ASSIGNMENTS]),
        "may_try": can(user, Ability.MANAGE_TEAM),
        "may_log": lead.contact is not None and may_write(user),
        "consent": consents.order_by("-recorded_at").first(),
        "now": timezone.now(),
    }


@dataclass(frozen=True)
class Line:
    """One part of a score as drawn: its share of the largest part, of a hundred, and the interactions behind it."""

    part: Part
    share: int
    evidence: Evidence | None


@dataclass(frozen=True)
class Told:
    """A score in one model, its lines, and what changed it lately; `dots` are the same for the drawing."""

    score: ModelExplanation
    lines: list[Line]
    causes: list[Cause]

    @property
    def first_to_change(self) -> Line | None:
        """The line that time alone changes first. None when no rule of it says a day: `next_change_at` may be early."""
        if self.score.next_change_at is None:
            return None
        ends = [(line.evidence.next_at, line) for line in self.lines if line.evidence and line.evidence.next_at]
        return min(ends, key=lambda end: end[0])[1] if ends else None

    @property
    def dots(self) -> dict[datetime, str]:
        return {cause.step.changed_at: cause.words for cause in self.causes}


def told_of(lead: Lead) -> list[Told]:
    """Everything about the scores of a lead, the one that `Lead.score` comes from first."""
    evidence, causes = evidence_of(lead), causes_of(lead)
    return [
        Told(one, _lines(one, evidence), [cause for cause in causes if cause.step.spec.model_id == one.model_id])
        for one in explain(lead.pk)
    ]


def _lines(explanation: ModelExplanation, evidence: Mapping[Key, Evidence]) -> list[Line]:
    most = max((abs(part.points) for part in explanation.parts), default=0) or 1
    return [
        Line(
            part,
            round(100 * abs(part.points) / most),
            None if part.is_cut else evidence.get((explanation.model_id, part.rule_id)),
        )
        for part in explanation.parts
    ]


@login_required
@require_safe
def why(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The explanation of one lead's scores alone: a page, or for htmx a panel."""
    lead = _lead(request, lead_id)
    context = {"lead": lead, "told": told_of(lead), "now": timezone.now()}
    return render(request, "scoring/why.html", context)
