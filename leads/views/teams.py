"""Teams and people: who works with whom, when, how much they have, and who is away. One's own hours too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import RecordGone
from contacts.models import Team, Territory, User, WorkSettings
from contacts.people import people_to_assign
from contacts.roles import Ability, can
from contacts.services import teams as services
from contacts.views.editing import person
from contacts.work_forms import AbsenceForm, TeamForm, TerritoryForm, WorkForm, week_words
from leads.assignment.people import Somebody, crew_of, workspace_calendar
from leads.views.assignment import keeps_rules


@dataclass(frozen=True)
class Row:
    """One person as the list draws them. `share`: how much of what they can take they have, in percent, if limited."""

    user: User
    somebody: Somebody
    hours: str
    own_hours: bool
    teams: list[Team]
    stands_in: User | None

    @property
    def share(self) -> int | None:
        capacity = self.somebody.capacity
        return None if not capacity else min(100, round(100 * self.somebody.load / capacity))


@keeps_rules
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """All teams, people and territories."""
    return _overview(request)


def _overview(request: HttpRequest, form: TerritoryForm | None = None) -> HttpResponse:
    everybody = list(people_to_assign().prefetch_related("teams"))
    crew = crew_of([user.pk for user in everybody], now=timezone.now())
    own = set(WorkSettings.objects.filter(hours__isnull=False, user__isnull=False).values_list("user", flat=True))
    rows = []
    for user in everybody:
        somebody = crew.people[user.pk]
        stands_in = crew.get(somebody.stand_in)
        hours = week_words(somebody.calendar.week)
        rows.append(
            Row(user, somebody, hours, user.pk in own, list(user.teams.all()), stands_in.user if stands_in else None)
        )
    workspace = workspace_calendar()
    context = {
        "rows": rows,
        "teams": Team.objects.prefetch_related("memberships__user"),
        "territories": Territory.objects.all(),
        "form": form or TerritoryForm(),
        "workspace_hours": f"{week_words(workspace.week)}, {workspace.zone.key}",
    }
    return render(request, "assignment/teams.html", context, status=422 if form else 200)


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: int | None = None) -> HttpResponse:
    """A team, new or not. Who edits what somebody else has saved meanwhile is told, and keeps what they typed."""
    stored = get_object_or_404(Team, pk=team_id) if team_id else Team()
    changes: list[tuple[str, str, str]] = []
    form = TeamForm(team=stored)
    if request.method == "POST":
        try:
            with transaction.atomic():
                stored = services.locked_team(team_id) if team_id else stored
                form = TeamForm(request.POST, team=stored)
                changes = form.changes_meanwhile() if team_id else []
                if not changes and form.is_valid():
                    services.save_team(stored, **form.values())
                    messages.success(request, f"{stored} is saved.")
                    return redirect("leads:teams")
        except RecordGone:
            raise Http404 from None
        except IntegrityError:
            form.add_error("name", "There is a team of this name already.")
    if changes:
        form = TeamForm(form.rebased_data(), team=stored)
    context = {"form": form, "team": stored, "changes": changes, "back_url": reverse("leads:teams")}
    return render(request, "assignment/team.html", context, status=409 if changes else 422 if form.is_bound else 200)


@keeps_rules
@require_POST
def remove_team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Leads that were its stay with whoever has them; one that rules give leads to stays."""
    team = get_object_or_404(Team, pk=team_id)
    try:
        team.delete()
    except ProtectedError as error:
        names = ", ".join(sorted(str(one) for one in error.protected_objects))
        messages.error(request, f"{team} stays: the rules {names} give leads to it. Change them first.")
    else:
        messages.success(request, f"{team} is removed.")
    return redirect("leads:teams")


@keeps_rules
@require_POST
def add_territory(request: HttpRequest) -> HttpResponse:
    form = TerritoryForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    services.add_territory(name=form.cleaned_data["name"])
    return redirect(reverse("leads:teams") + "#territories")


@keeps_rules
@require_POST
def remove_territory(request: HttpRequest, territory_id: int) -> HttpResponse:
    territory = get_object_or_404(Territory, pk=territory_id)
    try:
        territory.delete()
    except ProtectedError as error:
        names = ", ".join(sorted(str(one) for one in error.protected_objects))
        messages.error(request, f"{territory} stays: the rules {names} set it. Change them first.")
    else:
        messages.success(request, f"{territory} is removed.")
    return redirect(reverse("leads:teams") + "#territories")


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def workspace(request: HttpRequest) -> HttpResponse:
    """When the workspace works."""
    return _work(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_hours(request: HttpRequest) -> HttpResponse:
    """One's own hours and absences."""
    if not can(request.user, Ability.WRITE):
        raise PermissionDenied
    return _work(request, person(request))


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest, user_id: int) -> HttpResponse:
    """Somebody's hours, absences and capacity."""
    return _work(request, get_object_or_404(User, pk=user_id))


def _work(request: HttpRequest, user: User | None) -> HttpResponse:
    whole, usual = can(request.user, Ability.MANAGE_TEAM), workspace_calendar().week
    changes: list[tuple[str, str, str]] = []
    form = WorkForm(settings=services.work_settings_of(user), usual=usual, whole=whole)
    if request.method == "POST":
        with transaction.atomic():
            stored = services.work_settings_of(user, lock=True)
            form = WorkForm(request.POST, settings=stored, usual=usual, whole=whole)
            changes = form.changes_meanwhile()
            if not changes and form.is_valid():
                services.save_work_settings(stored, form.values())
                messages.success(request, "Saved.")
                return redirect(request.path)
        if changes:
            form = WorkForm(form.rebased_data(), settings=stored, usual=usual, whole=whole)
    return _work_page(request, user, form, changes=changes)


def _work_page(
    request: HttpRequest,
    user: User | None,
    form: WorkForm,
    *,
    absence: AbsenceForm | None = None,
    changes: Any = (),
) -> HttpResponse:
    mine = user == request.user
    ahead = user.absences.filter(last_day__gte=timezone.localdate()).select_related("substitute") if user else []
    context = {
        "form": form,
        "whose": user,
        "mine": mine,
        "changes": changes,
        "absence": absence or (AbsenceForm(user=user) if user else None),
        "absences": ahead,
        "back_url": reverse("leads:teams") if can(request.user, Ability.MANAGE_TEAM) else "",
    }
    refused = form.is_bound or (absence is not None and absence.is_bound)
    return render(request, "assignment/work.html", context, status=409 if changes else 422 if refused else 200)


def _theirs(request: HttpRequest, user_id: int) -> User:
    """Whose absences these are: one's own, or anybody's for who keeps teams."""
    if user_id != person(request).pk and not can(request.user, Ability.MANAGE_TEAM):
        raise PermissionDenied
    user: User = get_object_or_404(User, pk=user_id)
    return user


@login_required
@require_POST
def add_absence(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _theirs(request, user_id)
    form = AbsenceForm(request.POST, user=user)
    if not form.is_valid():
        whole, usual = can(request.user, Ability.MANAGE_TEAM), workspace_calendar().week
        work = WorkForm(settings=services.work_settings_of(user), usual=usual, whole=whole)
        return _work_page(request, user, work, absence=form)
    services.add_absence(user, form.cleaned_data)
    messages.success(request, "Noted: rules pass over them on these days.")
    return redirect(_back(request, user))


@login_required
@require_POST
def remove_absence(request: HttpRequest, user_id: int, absence_id: int) -> HttpResponse:
    user = _theirs(request, user_id)
    try:
        services.remove_absence(user, absence_id)
    except RecordGone as gone:
        messages.error(request, gone.message)
    return redirect(_back(request, user))


def _back(request: HttpRequest, user: User) -> str:
    own = user == request.user
    return reverse("leads:my_hours") if own else reverse("leads:hours", args=[user.pk])
