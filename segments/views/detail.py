"""The page of one segment: what it asks, who is in, how that went over time, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from contacts.lists.export import send_file
from contacts.models import Contact, ListExport
from contacts.views.editing import person
from leadcrm.lib.facts import Fact
from leadcrm.lib.lists import containing, terms_of
from leadcrm.lib.pages import render_page
from leadcrm.lib.paging import ID, Column, Sort, page_of, url_with
from leads.conditions import InvalidCondition, describe, parse
from segments.checks import problems_of
from segments.definition import draft_of, vocabulary_of
from segments.figures import overlaps, sizes, would_have
from segments.models import Kind, Membership, MembershipChange, Segment, Subject
from segments.services.lifecycle import used_by

VIEW = permission_required("segments.view_segment", raise_exception=True)
NEWEST = Sort("newest", "Newest", (ID,), descending=True)
LATEST = Sort("latest", "Latest", (Column("changed_at", datetime), ID), descending=True)
WEEK = 7
EXPORTED = {
    Subject.CONTACT: ("first_name", "last_name", "email", "phone", "job_title", "country", "city", "external_id"),
    Subject.LEAD: ("topic", "status", "stage", "score", "grade", "external_id"),
}


def segment_or_404(segment_id: int) -> Segment:
    return get_object_or_404(Segment.objects.alive().select_related("owner"), pk=segment_id)


def in_words(segment: Segment, form: dict[str, Any]) -> dict[str, Any]:
    """What a definition asks, for a page: `says` (a sentence, or "" for lists and what is made of others), `error`
    (why it makes no sense any more) and `steps`, pairs of words and segment.
    """
    known = Segment.objects.alive().in_bulk([step["segment"] for step in form["steps"]])
    words = {"union": "or", "intersect": "and also", "except": "but not"}
    steps = [(words.get(step["how"], ""), known.get(step["segment"])) for step in form["steps"]]
    found = {"says": "", "error": "", "steps": steps}
    if segment.kind != Kind.DYNAMIC:
        return found
    vocabulary = vocabulary_of(segment.subject)
    try:
        sentence = describe(parse(form["condition"], vocabulary, stored=True), vocabulary)
    except InvalidCondition as error:
        return {**found, "error": f"At {error.path or 'the top'}: {error.problem}; expected {error.expected}."}
    return {**found, "says": sentence[:1].upper() + sentence[1:]}


@login_required
@VIEW
@require_safe
def detail(request: HttpRequest, segment_id: int) -> HttpResponse:
    """One segment; for htmx only its members."""
    segment = segment_or_404(segment_id)
    course = sizes([segment])[segment.pk]
    context = {
        "segment": segment,
        "facts": facts_of(segment, course[-WEEK:]),
        "course": course if segment.live is not None else [],
        "live": in_words(segment, segment.live) if segment.live is not None else None,
        "draft": in_words(segment, draft_of(segment)) if segment.is_edited or segment.live is None else None,
        "problems": problems_of(segment) if segment.is_edited or segment.live is None else [],
        "users": used_by(segment),
        "may_change": request.user.has_perm("segments.change_segment"),
        **members_context(request, segment),
    }
    return render_page(request, "segments/segment_detail.html", context, part="members")


def facts_of(segment: Segment, week: Sequence[Any]) -> list[Fact]:
    """The strip of figures at the top."""
    joined, left = sum(day.joined for day in week), sum(day.left for day in week)
    refreshed = timezone.localtime(segment.refreshed_at).strftime("%H:%M") if segment.refreshed_at else "not yet"
    note = f"in {segment.refresh_ms:,} ms" if segment.refreshed_at and segment.refresh_ms is not None else ""
    if segment.next_refresh_at and segment.is_live and segment.refreshed_at:
        note += f", again at {timezone.localtime(segment.next_refresh_at):%H:%M}"
    return [
        Fact("Members", f"{segment.members_count:,}", url="#members"),
        Fact("Joined", f"{joined:,}", "in 7 days", url="#history"),
        Fact("Left", f"{left:,}", "in 7 days", url="#history"),
        Fact("Refreshed whole", refreshed, note),
    ]


def members_context(request: HttpRequest, segment: Segment) -> dict[str, Any]:
    """A page of members, the newest first; `q` narrows contacts by name and e-mail, leads by their contact's."""
    rows = segment.members.select_related("contact__account", "lead__contact__account", "lead__account")
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if terms_of(words.split()):
        found = containing(Contact.objects.alive(), "search_text__contains", words).order_by().values("pk")
        column = "contact__in" if segment.subject == Subject.CONTACT else "lead__contact__in"
        rows = rows.filter(**{column: found})
    page = page_of(rows, NEWEST, request.GET.get("at", ""))
    return {
        "page": page,
        "words": words,
        "too_short": bool(words) and not terms_of(words.split()),
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }


@login_required
@VIEW
@require_safe
def history(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Who joined and left, the latest first."""
    segment = segment_or_404(segment_id)
    rows = segment.changes.select_related("contact", "lead__contact", "lead__account")
    page = page_of(rows, LATEST, request.GET.get("at", ""), counted=MembershipChange.objects.none())
    context = {
        "segment": segment,
        "page": page,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "segments/history.html", context)


@login_required
@VIEW
@require_safe
def overlap(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Whom it shares with other segments: a part of its page."""
    segment = segment_or_404(segment_id)
    return render(request, "segments/overlap.html", {"segment": segment, "overlaps": overlaps(segment)})


@login_required
@VIEW
@require_safe
def would(request: HttpRequest, segment_id: int) -> HttpResponse:
    """How many the draft would have now: a part of its page."""
    segment = segment_or_404(segment_id)
    try:
        found = would_have(segment)
    except InvalidCondition:
        found = None
    return render(request, "segments/would.html", {"segment": segment, "would": found})


@login_required
@VIEW
@require_safe
def export(request: HttpRequest, segment_id: int) -> StreamingHttpResponse:
    """All members as CSV, sent while they are read, and written down who took them."""
    segment = segment_or_404(segment_id)
    subject = Subject(segment.subject)
    columns = EXPORTED[subject]
    header = ["id", *columns, "joined_at"]
    members = segment.members.all()
    return send_file(
        slugify(segment.name) or f"segment-{segment.pk}",
        header,
        _exported(members, subject, columns),
        of=members,
        on_record=ListExport(user=person(request), entity=subject.value, query=f"segment={segment.pk}", columns=header),
    )


def _exported(members: QuerySet[Membership], subject: Subject, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    names = [f"{subject}_id", *(f"{subject}__{column}" for column in columns), "joined_at"]
    for row in members.order_by("pk").values_list(*names).iterator(chunk_size=2_000):
        yield (*row[:-1], row[-1].isoformat())
