"""The sales-ready dashboard: what to do next, hottest and oldest first; open pages keep themselves fresh."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from contacts.models import User
from contacts.people import people_to_assign
from contacts.roles import Ability, Role, roles_with
from contacts.views.editing import person
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.paging import Cursor, read_cursor
from leads.access import may_dispatch, works_in_sales
from leads.models import Rating
from scoring.ready_ages import GOAL_MINUTES, LABELS, Age, buckets
from scoring.ready_facts import daily, drawings, figures
from scoring.ready_rows import CONTACT_DAYS, Tab, counts, page_of, token, waiting_for
from scoring.ready_teams import chosen, teams_for

TITLES = {Tab.MINE: "Mine", Tab.UNASSIGNED: "Unassigned", Tab.TEAM: "Team", Tab.ACCEPTED: "Accepted"}


def _place(request: HttpRequest) -> tuple[Tab, Age | None, Cursor | None]:
    """Which tab, of what age alone, after which row. A salesperson begins with their own leads, others with all."""
    wanted = request.GET.get("tab", "")
    usual = Tab.MINE if person(request).role == Role.SALESPERSON else Tab.TEAM
    tab = Tab(wanted) if wanted in set(Tab) else usual
    said = request.GET.get("age", "")
    age = Age(said) if said in set(Age) and tab != Tab.ACCEPTED else None
    return tab, age, read_cursor(request.GET.get("after", ""), tab.place(age))


def _people(user: User, tab: Tab) -> list[User]:
    """Whom this person can give the leads of a tab to; nobody when that is not theirs to do."""
    if tab == Tab.ACCEPTED or not may_dispatch(user):
        return []
    return list(people_to_assign().filter(role__in=roles_with(Ability.SELL)))


@login_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The dashboard; for htmx and the page's own refreshing the list alone."""
    user = person(request)
    tab, age, cursor = _place(request)
    teams = teams_for(user) if tab == Tab.TEAM else []
    team = chosen(request.GET.get("team", ""), teams)
    here = reverse("leads:ready")
    seen = token(tab, user, cursor, age, team)  # before the rows: what changes in between is fetched once more
    waits = counts(user)
    page = page_of(tab, user, cursor, age, team)
    of_team = {"tab": str(tab)} | ({"team": str(team.pk)} if team else {})
    front = of_team | ({"age": str(age)} if age else {})
    place = urlencode(front | ({"after": str(cursor)} if cursor else {}))
    context = {
        "tab": tab,
        "tabs": [(one, TITLES[one], waits[one]) for one in Tab if one != Tab.ACCEPTED or works_in_sales(user)],
        "page": page,
        "for_rail": waiting_for(user, waits),
        "here": f"{here}?{place}",
        "news": f"{reverse('leads:ready_news')}?{place}",
        "token": seen,
        "goal": CONTACT_DAYS * 24 * 60 if tab == Tab.ACCEPTED else GOAL_MINUTES,
        "works_in_sales": works_in_sales(user),
        "people": _people(user, tab),
        "previous_url": f"{here}?{urlencode(front)}" if cursor else "",
        "next_url": f"{here}?{urlencode(front | {'after': str(page.next)})}" if page.next else "",
        "age": age,
        "age_said": LABELS[age] if age else "",
        "all_ages": f"{here}?{urlencode(of_team)}",
        "teams": teams,
        "team": team,
        "ages": buckets(tab, user, team) if tab != Tab.ACCEPTED else [],
        "ratings": Rating.choices,
    }
    if not wants_part(request):
        rates, times = drawings(tab, user, team)
        context |= {"facts": figures(tab, user, waits[tab], team), "inflow": daily(), "rates": rates, "times": times}
    return render_page(request, "scoring/ready.html", context, part="list")


@login_required
@require_safe
def ready_news(request: HttpRequest) -> HttpResponse:
    """Asked each second by every open dashboard: 304 while nothing has changed, else 200 with a new ETag."""
    user = person(request)
    tab, age, cursor = _place(request)
    asked = request.GET.get("team", "")
    team = chosen(asked, teams_for(user)) if asked and tab == Tab.TEAM else None
    etag = f'"{token(tab, user, cursor, age, team)}"'
    response = HttpResponse(status=304 if request.headers.get("If-None-Match") == etag else 200)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response
