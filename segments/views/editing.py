"""Making and editing segments, letting them live, stopping and deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.errors import CannotRestore
from contacts.services.records import still_restorable
from contacts.views.editing import RECENT, person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.pages import render_page
from segments.definition import draft_of
from segments.errors import NameTaken, SegmentChangedMeanwhile
from segments.forms import AskForm, SegmentForm, StartForm
from segments.from_list import condition_of
from segments.models import Kind, Segment, State, Subject
from segments.services import lifecycle
from segments.starts import Start, start_named
from segments.trying import tried
from segments.views.detail import in_words, segment_or_404

TAKEN = "There is a segment of this name already."
ADD = permission_required("segments.add_segment", raise_exception=True)
CHANGE = permission_required("segments.change_segment", raise_exception=True)
DELETE = permission_required("segments.delete_segment", raise_exception=True)


@login_required
@ADD
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form for a new segment of the `kind` and `subject` in the URL, begun from a `start` if one is named."""
    kind = Kind(request.GET["kind"]) if request.GET.get("kind") in Kind.values else Kind.DYNAMIC
    subject = Subject(request.GET["subject"]) if request.GET.get("subject") in Subject.values else Subject.CONTACT
    start = start_named(request.GET.get("start", ""))
    begun: dict[str, Any] = {}
    if start is not None:
        subject, asked = start.subject, StartForm(request.GET if _is_answered(request, start) else None, start=start)
        if start.prompts and not asked.is_valid():
            return render(request, "segments/start.html", {"start": start, "form": asked})
        begun = {"name": start.name, "condition": start.condition(asked.cleaned_data if start.prompts else {})}
    left_out: list[str] = []
    if start is None and kind == Kind.DYNAMIC and request.GET.get("from") == "list":
        begun["condition"], left_out = condition_of(request.GET.dict(), subject, person(request))
    form = SegmentForm(request.POST if request.method == "POST" else None, kind=kind, subject=subject, **begun)
    if "try" in request.POST:
        return _page(request, form, left_out=left_out)
    if form.is_bound and form.is_valid():
        segment = _made(request, form)
        if segment is not None:
            return redirect("segments:detail", segment.pk)
    return _page(request, form, left_out=left_out)


def _is_answered(request: HttpRequest, start: Start) -> bool:
    return any(prompt.name in request.GET for prompt in start.prompts)


def _made(request: HttpRequest, form: SegmentForm) -> Segment | None:
    try:
        with transaction.atomic():
            segment = lifecycle.create_segment(
                by=person(request), kind=form.kind, subject=form.subject, **form.values()
            )
    except IntegrityError:
        form.add_error("name", TAKEN)
        return None
    if segment.is_live:
        messages.success(request, f"{segment} is there. Put in whom you like.")
    else:
        messages.success(request, f"{segment} is a draft: look at it, then let it go live.")
    return segment


@login_required
@CHANGE
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, segment_id: int) -> HttpResponse:
    """The draft of a segment. Who edits what somebody else has saved meanwhile is told, and keeps what they typed."""
    segment = segment_or_404(segment_id)
    data = request.POST if request.method == "POST" else None
    form = SegmentForm(data, kind=Kind(segment.kind), subject=Subject(segment.subject), segment=segment)
    conflict = False
    if "try" in request.POST:
        return _page(request, form)
    if form.is_bound and form.is_valid():
        try:
            with transaction.atomic():
                lifecycle.update_segment(segment.pk, version=form.cleaned_data["version"] or 0, changes=form.values())
        except IntegrityError:
            form.add_error("name", TAKEN)
        except SegmentChangedMeanwhile as changed:
            conflict = True
            typed = request.POST.copy()
            typed["version"] = str(changed.current)  # as typed, on top of what is saved now
            form.data = typed
        else:
            messages.success(request, "Saved." if not segment.is_live else "Saved. What is live is as it was.")
            return redirect("segments:detail", segment.pk)
    return _page(request, form, conflict=conflict)


def _page(
    request: HttpRequest, form: SegmentForm, *, conflict: bool = False, left_out: Sequence[str] = ()
) -> HttpResponse:
    segment, tries = form.segment, "try" in request.POST
    asked = AskForm(request.POST if tries else None, user=person(request)) if form.kind != Kind.STATIC else None
    context = {
        "asked": asked,
        "tried": tried(form, asked, by=person(request)) if tries and asked else None,
        "form": form,
        "segment": segment,
        "conflict": conflict,
        "left_out": left_out,
        "theirs": in_words(segment, draft_of(segment)) if conflict and segment else None,
        "back_url": reverse("segments:detail", args=[segment.pk]) if segment else reverse("segments:list"),
    }
    status = 409 if conflict else 422 if form.is_bound and not tries else 200
    return render_page(request, "segments/segment_form.html", context, part="tried" if tries else "", status=status)


@login_required
@CHANGE
@require_POST
def go_live(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Let the draft decide who is a member."""
    return _done(request, segment_id, lifecycle.go_live, "{} is live. Its members are being found.")


@login_required
@CHANGE
@require_POST
def stop(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Follow the facts no longer."""
    return _done(request, segment_id, lifecycle.stop, "{} is stopped. Its members stay as they are.")


def _done(request: HttpRequest, segment_id: int, service: Any, words: str) -> HttpResponse:
    segment = segment_or_404(segment_id)
    try:
        service(segment)
    except DomainError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, words.format(segment))
    return redirect("segments:detail", segment_id)


@login_required
@DELETE
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Ask, naming what depends on it, then delete; undone with one click, and restored for thirty days."""
    segment = segment_or_404(segment_id)
    if request.method != "POST":
        users = lifecycle.used_by(segment)
        context = {"segment": segment, "users": users, "in_the_way": [one for one in users if one.is_live]}
        return render(request, "segments/delete.html", context)
    try:
        lifecycle.delete_segment(segment, by=person(request))
    except DomainError as refused:
        messages.error(request, refused.message)
        return redirect("segments:detail", segment_id)
    messages.success(request, render_to_string("segments/was_deleted.html", {"segment": segment}, request))
    return redirect("segments:list")


@login_required
@DELETE
@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """The segments that can come back, the latest deleted first."""
    rows = still_restorable(Segment).select_related("deleted_by").order_by("-deleted_at")[:RECENT]
    context = {"editor": {"place": "segments", "word": "segment"}, "rows": rows}
    return render(request, "records/deleted.html", context)


@login_required
@DELETE
@require_POST
def restore(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Bring a deleted segment back as it was."""
    try:
        segment = lifecycle.restore_segment(segment_id)
    except (CannotRestore, NameTaken) as refused:
        messages.error(request, refused.message)
        return redirect("segments:deleted")
    stopped = segment.state == State.STOPPED
    messages.success(request, f"{segment} is back, and stopped." if stopped else f"{segment} is back.")
    return redirect("segments:detail", segment.pk)
