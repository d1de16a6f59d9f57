"""One visit: who it was, from where, its pages one by one, and what they counted as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.models import Contact, User
from contacts.roles import Ability, can
from contacts.views.editing import person
from forms_intake.models import Hit, Visit
from leadcrm.lib.durations import duration_words
from leadcrm.lib.facts import Fact
from leads.models import Lead

MOST_HITS = 500
"""Page views that are shown of one visit."""
LATEST = 10
TAGS = {
    "utm_source": "Source",
    "utm_medium": "Medium",
    "utm_campaign": "Campaign",
    "utm_term": "Term",
    "utm_content": "Content",
    "gclid": "Google click",
    "fbclid": "Meta click",
    "msclkid": "Microsoft click",
}


@dataclass(frozen=True)
class Step:
    """One page view. `stayed`: how long until the next one, in words; "" for the last, of which nobody knows."""

    hit: Hit
    stayed: str


@login_required
@require_safe
def visit(request: HttpRequest, visit_id: int) -> HttpResponse:
    """A visit, for whoever may read whose it is; visits of nobody are for marketing."""
    user, seen = person(request), Contact.objects.visible_to(person(request))
    found = get_object_or_404(Visit.objects.select_related("website", "contact"), pk=visit_id)
    keeps = can(user, Ability.MARKET)
    if not keeps and not (found.contact and _may_read(user, found.contact)):
        raise PermissionDenied("This visit is of somebody you do not see.")
    hits = list(found.hits.select_related("rule__marketing_context").order_by("at", "pk")[: MOST_HITS + 1])
    context = {
        "visit": found,
        "contact": found.contact,
        "sees": found.contact is not None and seen.filter(pk=found.contact.pk).exists(),
        "keeps": keeps,
        "facts": _facts(found),
        "steps": _steps(hits[:MOST_HITS]),
        "more": len(hits) > MOST_HITS,
        "tags": [(TAGS.get(name, name), value) for name, value in found.tags.items()],
    }
    return render(request, "forms_intake/tracking/visit.html", context)


def _may_read(user: User, contact: Contact) -> bool:
    """Whoever sees the contact, in lists or through a lead, sees where they were: as on their timeline."""
    if Contact.objects.visible_to(user).filter(pk=contact.pk).exists():
        return True
    return bool(Lead.objects.visible_to(user).filter(contact=contact).exists())


def _facts(found: Visit) -> list[Fact]:
    lasted = found.ended_at - found.started_at
    began = timezone.localtime(found.started_at)
    length = duration_words(lasted) if lasted >= timedelta(minutes=1) else "under a minute"
    return [
        Fact("Began", f"{began:%H:%M}", f"{began:%-d %b %Y}"),
        Fact("Pages", f"{found.pages:,}"),
        Fact("First to last page", length if found.pages > 1 else "one page"),
    ]


def _steps(hits: Sequence[Hit]) -> list[Step]:
    return [Step(hit, _stayed(hit, after)) for hit, after in zip_longest(hits, hits[1:])]


def _stayed(hit: Hit, after: Hit | None) -> str:
    if after is None:
        return ""
    stayed = after.at - hit.at
    return duration_words(stayed) if stayed >= timedelta(minutes=1) else f"{stayed.total_seconds():.0f} s"


def latest_of(website_id: int) -> QuerySet:
    """The visits of a website that began last, with whose they are."""
    rows = Visit.objects.filter(website=website_id).select_related("contact").order_by("-started_at")
    return rows[:LATEST]
