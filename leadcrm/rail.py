"""The rail on the left: kinds of work and their pages, by role. Only pages that exist are shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest

from contacts.lists.asked import VIEW
from contacts.lists.listing import listing_of
from contacts.models import DataRequest, SavedView, User
from contacts.roles import Ability, Role, can, roles_with
from forms_intake.models import Submission, SubmissionState
from leadcrm.lib.facts import honest_count
from leadcrm.lib.links import url_of
from leadcrm.lib.pages import place_of
from scoring.ready_rows import NOTICED, counts, waiting_for

MARKETING = roles_with(Ability.MARKET)
ALL = frozenset(Role)
COUNTED = 99
MOST_VIEWS = 8
BELONG = {
    "/privacy/": "consent:purposes",
    "/leads/without-contact/": "leads:orphans",
    "/leads/assignment/": "leads:assignment",
    "/leads/teams/": "leads:assignment",
    "/leads/hours/": "leads:assignment",
    "/leads/queue/": "leads:queue",
    "/leads/work/": "leads:work",
    "/leads/tasks/": "leads:work",
    "/leads/notices/": "home",
    "/leads/reports/own/": "leads:own_figures",
    "/leads/reports/": "leads:reports",
    "/leads/ready/": "leads:ready",
    "/leads/lists/": "leads:code_lists",
    "/leads/campaigns/": "leads:campaigns",
    "/leads/contexts/": "leads:campaigns",
    "/leads/by-condition/contact/": "contacts:list",
    "/contacts/duplicates/": "contacts:duplicates",
    "/accounts/duplicates/": "contacts:duplicates",
    "/leads/processes/": "leads:processes",
    "/leads/board/": "leads:board",
    "/integrations/": "integrations:tokens",
    "/visits/": "forms_intake:websites",
}
"""Below which place of the rail pages stand that lie below another one's address."""


@dataclass(frozen=True)
class Place:
    """A page the rail may lead to: what it is called, its URL name, its icon, who sees it, whether it counts."""

    label: str
    name: str
    icon: str
    roles: frozenset[Role]
    counts: str = ""


@dataclass(frozen=True)
class Link:
    """A line of the rail as drawn. `count` is "" or a figure, `tone` colours it, `counts` says what is counted."""

    label: str
    url: str
    icon: str
    current: bool
    count: str = ""
    tone: str = ""
    counts: str = ""


@dataclass(frozen=True)
class Section:
    heading: str
    links: list[Link]


PLACES: dict[str, list[Place]] = {
    "Work": [
        Place("Home", "home", "house", ALL - {Role.SALESPERSON}),
        Place("My work", "leads:work", "list-checks", roles_with(Ability.WRITE)),
        Place("Sales-ready", "leads:ready", "flame", ALL - {Role.TELEPROSPECTOR}, "ready"),
        Place("Calling queue", "leads:queue", "phone", roles_with(Ability.CALL)),
        Place("Quick capture", "forms_intake:capture", "zap", roles_with(Ability.WRITE)),
        Place("Assignment", "leads:assignment", "git-branch", roles_with(Ability.MANAGE_TEAM)),
        Place("Reports", "leads:reports", "chart-column", roles_with(Ability.REPORT)),
        Place("My figures", "leads:own_figures", "chart-column", roles_with(Ability.SELL) | roles_with(Ability.CALL)),
    ],
    "Records": [
        Place("Board", "leads:board", "square-kanban", ALL),
        Place("Leads", "leads:list", "target", ALL),
        Place("Opportunities", "opportunities:list", "handshake", ALL),
        Place("Contacts", "contacts:list", "users", ALL),
        Place("Duplicates", "contacts:duplicates", "copy", roles_with(Ability.EDIT_OTHERS)),
        Place("Accounts", "accounts:list", "building-2", ALL),
    ],
    "Marketing": [
        Place("Scoring", "scoring:models", "gauge", MARKETING),
        Place("Segments", "segments:list", "chart-pie", MARKETING),
        Place("Forms", "forms_intake:forms", "text-cursor-input", MARKETING),
        Place("Landing pages", "forms_intake:pages", "panels-top-left", MARKETING),
        Place("Events", "forms_intake:events", "calendar-days", roles_with(Ability.WRITE)),
        Place("Websites", "forms_intake:websites", "globe", MARKETING),
        Place("Submissions", "forms_intake:submissions", "inbox", MARKETING, "failed"),
        Place("Mailboxes", "forms_intake:mailboxes", "mail", MARKETING),
        Place("Ads", "forms_intake:ads", "rss", MARKETING),
        Place("Imports", "forms_intake:imports", "file-up", MARKETING),
        Place("Matching", "forms_intake:strategies", "fingerprint-pattern", MARKETING),
        Place("Without contact", "leads:orphans", "user-round-search", MARKETING),
        Place("Campaigns", "leads:campaigns", "megaphone", MARKETING),
        Place("Lists", "leads:code_lists", "list-ordered", MARKETING),
        Place("Consent", "consent:purposes", "shield-check", MARKETING, "requests"),
    ],
    "Workspace": [
        Place("Processes", "leads:processes", "route", roles_with(Ability.ADMINISTER)),
        Place("API and webhooks", "integrations:tokens", "plug", roles_with(Ability.ADMINISTER)),
        Place("Administration", "admin:index", "settings", roles_with(Ability.ADMINISTER)),
    ],
}


def rail(request: HttpRequest) -> list[Section]:
    """What this person may go to, with counts where they are cheap (four bounded queries at most)."""
    user = request.user
    if not isinstance(user, User):
        return []
    sections = []
    kept = _views(request, user)
    for heading, places in PLACES.items():
        links = [link for place in places if (link := _link(request, user, place))]
        if links:
            sections.append(Section(heading, links))
        if heading == "Records" and kept:
            sections.append(Section("Views", kept))
    return sections


def _views(request: HttpRequest, user: User) -> list[Link]:
    """The views that this person pinned, their own among them: one click away on every page. One query."""
    own = Q(owner=user, pinned=True, chosen_pinned=None)
    pinned = SavedView.objects.seen_by(user).filter(own | Q(chosen_pinned=True))[:MOST_VIEWS]
    chosen = request.GET.get(VIEW, "").removesuffix("~")
    links = []
    for view in pinned:
        url = url_of(f"{listing_of(view.entity).place}:list")
        links.append(
            Link(view.name, f"{url}?{VIEW}={view.pk}", "bookmark", request.path == url and chosen == str(view.pk))
        )
    return links


def _link(request: HttpRequest, user: User, place: Place) -> Link | None:
    if user.role not in place.roles or (place.name.startswith("admin:") and not user.is_staff):
        return None
    url = url_of(place.name)
    if not url:
        return None
    current = (request.path == url and not place_of(request)) or (
        place.name not in {"home", "admin:index"} and _within(request, url)
    )
    count = COUNTS[place.counts](user) if place.counts else ""
    return Link(place.label, url, place.icon, current, count, "bad" if place.counts == "failed" else "", place.counts)


def _within(request: HttpRequest, url: str) -> bool:
    """Whether this page lies below `url`, or belongs there though its address does not say so."""
    if place := place_of(request):
        return url == url_of(place)
    for path, name in BELONG.items():
        if request.path.startswith(path):
            return url == url_of(name)
    return request.path.startswith(url)


def _waiting(user: User) -> str:
    count = waiting_for(user, counts(user, NOTICED))
    return str(count) if count else ""


def _failed(user: User) -> str:
    count = honest_count(Submission.objects.filter(state=SubmissionState.FAILED), COUNTED)
    return str(count) if count else ""


def _requests(user: User) -> str:
    """Open requests of people about their data."""
    if not can(user, Ability.PRIVACY):
        return ""
    count = honest_count(DataRequest.objects.filter(state=DataRequest.State.OPEN), COUNTED)
    return str(count) if count else ""


COUNTS = {"ready": _waiting, "failed": _failed, "requests": _requests}
