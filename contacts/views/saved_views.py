"""Pages of saved views: naming and sharing one, saving what a list shows in it, choosing columns, keeping them."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import may_export, may_save_view
from contacts.errors import ChangedMeanwhile, RecordGone
from contacts.lists.asked import COLUMN, VIEW, stored
from contacts.lists.export import export_list
from contacts.lists.forms import ViewForm
from contacts.lists.listing import Listing, listing_of
from contacts.middleware import own_affair
from contacts.models import SavedView, User
from contacts.services import views as services
from contacts.services.records import RESTORABLE
from contacts.views.editing import person
from leadcrm.lib.columns import ListColumn
from leadcrm.lib.links import safe_next

LONGEST_STATE = 20_000
STEP = "step"


def _seen_or_404(user: User, view_id: int) -> SavedView:
    view: SavedView = get_object_or_404(SavedView.objects.seen_by(user).select_related("owner"), pk=view_id)
    return view


def _mine_or_403(user: User, view_id: int) -> SavedView:
    view = get_object_or_404(SavedView.objects.alive().select_related("owner"), pk=view_id)
    if not may_save_view(user, view):
        raise PermissionDenied
    return view


def _list_url(listing: Listing, query: str = "") -> str:
    return reverse(f"{listing.place}:list") + (f"?{query}" if query else "")


def _parts(request: HttpRequest, listing: Listing) -> dict[str, object]:
    """What the address that was sent along says, as a view keeps it."""
    state = request.POST.get("state", "") if request.method == "POST" else request.GET.urlencode()
    query, columns, sort = stored(QueryDict(state[:LONGEST_STATE]), listing)
    return {"query": query, "columns": columns, "sort": sort}


@login_required
@require_safe
def views_of(request: HttpRequest, entity: str) -> HttpResponse:
    """All views of a list that this person sees, and their own that were deleted in the last thirty days."""
    user, listing = person(request), listing_of(entity)
    views = list(SavedView.objects.seen_by(user).filter(entity=entity).select_related("owner"))
    gone = SavedView.objects.deleted_lately(RESTORABLE).filter(entity=entity).order_by("-deleted_at")[:200]
    context = {
        "listing": listing,
        "views": [(view, view.is_tab_for(user), may_save_view(user, view)) for view in views],
        "gone": [view for view in gone if may_save_view(user, view)],
        "list_url": _list_url(listing),
    }
    return render(request, "records/views.html", context)


@own_affair
@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, entity: str) -> HttpResponse:
    """Save what a list shows as a view of one's own; then it opens."""
    user, listing = person(request), listing_of(entity)
    state = request.POST.get("state", "")[:LONGEST_STATE] if request.method == "POST" else request.GET.urlencode()
    form = ViewForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        view = services.create_view(entity=entity, by=user, **_parts(request, listing), **form.values())
        messages.success(request, f"The view “{view}” is saved.")
        return redirect(_list_url(listing, f"{VIEW}={view.pk}"))
    context = {"form": form, "listing": listing, "state": state, "back_url": _list_url(listing, state)}
    return render(request, "records/view_form.html", context, status=422 if form.is_bound else 200)


@own_affair
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename a view, share it, make it a tab. Who was second is told what others saved, and keeps what they typed."""
    user = person(request)
    view = _mine_or_403(user, view_id)
    listing = listing_of(view.entity)
    changes: list[tuple[str, str, str]] = []
    form = ViewForm(request.POST if request.method == "POST" else None, user=user, view=view)
    if form.is_valid():
        changes = form.changes_meanwhile()
        if not changes:
            services.update_view(view_id, version=view.version, changes=form.values(), by=user)
            messages.success(request, f"The view “{form.cleaned_data['name']}” is saved.")
            return redirect(_list_url(listing, f"{VIEW}={view_id}"))
        form = ViewForm(form.rebased_data(), user=user, view=view)
    back_url = _list_url(listing, f"{VIEW}={view_id}")
    context = {"form": form, "listing": listing, "view": view, "changes": changes, "back_url": back_url}
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "records/view_form.html", context, status=status)


@own_affair
@login_required
@require_POST
def save(request: HttpRequest, view_id: int) -> HttpResponse:
    """Save what the list shows in the view it began with. Who was second is told, and keeps what they chose."""
    user = person(request)
    view = _mine_or_403(user, view_id)
    listing = listing_of(view.entity)
    state = request.POST.get("state", "")[:LONGEST_STATE]
    version = request.POST.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    try:
        services.update_view(view_id, version=seen, changes=_parts(request, listing), by=user)
    except ChangedMeanwhile:
        now = services.living_view(view_id)
        when = timezone.localtime(now.updated_at)
        who = now.saved_by or "Somebody else"
        said = f"Nothing is saved: {who} saved the view “{now}” at {when:%H:%M}, after you had opened it."
        messages.warning(request, f"{said} What you chose is still here; save again to write it over theirs.")
        return redirect(_list_url(listing, state))
    messages.success(request, f"The view “{view}” is saved.")
    return redirect(_list_url(listing, f"{VIEW}={view_id}"))


@own_affair
@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete a view, and say how to undo it. GET asks first, for whoever comes by a link."""
    user = person(request)
    view = _mine_or_403(user, view_id)
    listing = listing_of(view.entity)
    if request.method != "POST":
        return render(request, "records/view_delete.html", {"view": view, "listing": listing})
    services.delete_view(view_id, by=user)
    messages.success(request, render_to_string("records/view_deleted.html", {"view": view}, request))
    return redirect(_list_url(listing, f"{VIEW}=all"))


@own_affair
@login_required
@require_POST
def restore(request: HttpRequest, view_id: int) -> HttpResponse:
    """Bring a deleted view back."""
    user = person(request)
    view = SavedView.objects.filter(pk=view_id, deleted_at__isnull=False).first()
    if view is None:
        raise RecordGone(services.WHAT, view_id)
    if not may_save_view(user, view):
        raise PermissionDenied
    services.restore_view(view_id, by=user)
    messages.success(request, f"The view “{view}” is back.")
    return redirect(_list_url(listing_of(view.entity), f"{VIEW}={view_id}"))


@own_affair
@login_required
@require_POST
def choose(request: HttpRequest, view_id: int) -> HttpResponse:
    """What this person wants of a view: `pin` or `unpin` it as a tab, `open` their list with it, or with `none`."""
    user = person(request)
    view = _seen_or_404(user, view_id)
    wanted = request.POST.get("do", "")
    if wanted in {"pin", "unpin"}:
        services.pin_view(view, by=user, pinned=wanted == "pin")
    elif wanted in {"open", "none"}:
        services.open_with(view, by=user, wanted=wanted == "open")
        said = f"Your list opens with “{view}” from now on." if wanted == "open" else "Your list opens with all again."
        messages.success(request, said)
    return redirect(safe_next(request, reverse("views:of", args=[view.entity])))


@login_required
@require_safe
def export(request: HttpRequest, entity: str) -> HttpResponseBase:
    """What a list shows as a CSV file; 403 for who may not export, and who did is written down."""
    user = person(request)
    if not may_export(user):
        raise PermissionDenied
    return export_list(listing_of(entity), request.GET.urlencode()[:LONGEST_STATE], user)


def _moved(shown: list[ListColumn], catalogue: Mapping[str, ListColumn], step: str) -> list[ListColumn]:
    """The columns with one of them a place further up or down; one that was not shown comes to stand last."""
    way, _, key = step.partition(":")
    column = catalogue.get(key)
    if column is None or way not in {"up", "down"}:
        return shown
    if column not in shown:
        return [*shown, column]
    at = shown.index(column)
    others = [one for one in shown if one is not column]
    others.insert(max(at - 1, 0) if way == "up" else at + 1, column)
    return others


@login_required
@require_safe
def columns(request: HttpRequest, entity: str) -> HttpResponse:
    """Which columns a list shows, and in which order: a form whose address is the list's. `step` ("up:stage") moves
    one, for whoever has no scripts.
    """
    listing = listing_of(entity)
    catalogue = listing.catalogue()
    shown = _moved(listing.shown(request.GET.getlist(COLUMN)), catalogue, request.GET.get(STEP, ""))
    context = {
        "listing": listing,
        "here": request.path,
        "shown": shown,
        "others": [column for column in catalogue.values() if column not in shown],
        "kept": [
            (name, value)
            for name in request.GET
            for value in request.GET.getlist(name)
            if name not in {COLUMN, STEP, "at"}
        ],
        "list_url": _list_url(listing),
        "back_url": _list_url(listing, request.GET.urlencode()),
    }
    return render(request, "records/columns.html", context)
