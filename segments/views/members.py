"""Who is in: putting people into lists and taking them out, by hand and by file; and why somebody is in or not."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact
from contacts.views.editing import person
from leadcrm.lib.links import id_in, safe_next
from leads.conditions import InvalidCondition
from leads.models import Lead
from segments.definition import draft_of
from segments.errors import NotKeptByHand
from segments.files import UnreadableFile, read_file
from segments.forms import AskForm, FileForm
from segments.models import Kind, Membership, Segment, State, Subject
from segments.services.picks import add, copy_members, remove
from segments.views.detail import VIEW, segment_or_404
from segments.views.editing import CHANGE
from segments.why import why

SHOWN = 20
MOST_LISTS = 200
MOST_AT_ONCE = 5_000
LISTED_LINES = 100


def _ids(request: HttpRequest) -> list[int]:
    """The ids that were ticked."""
    return [number for each in request.POST.getlist("ids")[:MOST_AT_ONCE] if (number := _number(each))]


def _number(typed: str) -> int:
    """An id as a form sends it; 0, which no record has, for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 18 else 0


@login_required
@CHANGE
@require_POST
def put_in(request: HttpRequest) -> HttpResponse:
    """Put the ticked records into the list named `segment`; then back to `next`."""
    segment, ids = _wanted(request)
    if segment is not None:
        done = add(segment, ids, by=person(request), source=request.POST.get("source", "")[:200])
        there = len(ids) - done.joined
        messages.success(request, f"{done.joined} put into {segment}" + (f", {there} were in it." if there else "."))
    return redirect(safe_next(request, reverse("segments:list")))


@login_required
@CHANGE
@require_POST
def take_out(request: HttpRequest) -> HttpResponse:
    """Take the ticked records out of the list named `segment`; then back to `next`."""
    segment, ids = _wanted(request)
    if segment is not None:
        messages.success(request, f"{remove(segment, ids).left} taken out of {segment}.")
    return redirect(safe_next(request, reverse("segments:list")))


def _wanted(request: HttpRequest) -> tuple[Segment | None, list[int]]:
    """The list and the records that were chosen; without either nothing is done, and it is said."""
    segment = Segment.objects.alive().filter(pk=_number(request.POST.get("segment", ""))).first()
    ids = _ids(request)
    if segment is None or not ids:
        messages.error(request, "Nothing was done: tick some records and choose a list.")
        return None, []
    return segment, ids


@login_required
@CHANGE
@require_safe
def choose(request: HttpRequest, subject: str) -> HttpResponse:
    """The lists that records of this kind can be put into: a part of the form around a list of records."""
    lists = Segment.objects.live().filter(kind=Kind.STATIC, subject=subject)[:MOST_LISTS]
    return render(request, "segments/choose.html", {"lists": lists, "subject": subject})


@login_required
@CHANGE
@require_http_methods(["GET", "HEAD", "POST"])
def from_file(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Put those whom a file names into a list; says which lines named nobody."""
    segment = segment_or_404(segment_id)
    if segment.kind != Kind.STATIC:
        raise NotKeptByHand(segment.name)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"segment": segment, "form": form}
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = read_file(file.read(), Subject(segment.subject))
        except UnreadableFile as error:
            form.add_error("file", str(error))
        else:
            done = add(segment, found.ids, by=person(request), source=str(file.name)[:200])
            context |= {
                "joined": done.joined,
                "there": len(found.ids) - done.joined,
                "unknown": found.unknown[:LISTED_LINES],
                "more": max(len(found.unknown) - LISTED_LINES, 0),
            }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "segments/from_file.html", context, status=status)


@login_required
@CHANGE
@require_POST
def copy(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Put everybody who is in this segment now into the list named `segment`."""
    segment = segment_or_404(segment_id)
    lists = Segment.objects.alive().filter(kind=Kind.STATIC, subject=segment.subject)
    into = get_object_or_404(lists, pk=_number(request.POST.get("segment", "")))
    done = copy_members(segment, into=into, by=person(request))
    messages.success(request, f"{done.joined} put into {into}.")
    return redirect("segments:detail", into.pk)


@login_required
@VIEW
@require_safe
def explain(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Why the contact or lead in the URL is in the segment or not, by what is live or, never live, by the draft."""
    segment = segment_or_404(segment_id)
    asked = AskForm(request.GET or None, user=person(request))
    record = _record(request, segment, asked)
    answer, error = None, ""
    form = segment.live if segment.live is not None and "draft" not in request.GET else draft_of(segment)
    if record is not None:
        try:
            answer = why(segment, form, record.pk, now=timezone.now())
        except InvalidCondition as refused:
            error = f"What it asks makes no sense any more: at {refused.path or 'the top'}, {refused.problem}."
    context = {
        "segment": segment,
        "record": record,
        "answer": answer,
        "error": error,
        "asked": asked if segment.subject == Subject.CONTACT else None,
        "by_draft": form != segment.live,
    }
    return render(request, "segments/why.html", context)


def _record(request: HttpRequest, segment: Segment, asked: AskForm) -> Contact | Lead | None:
    """The record asked about: by its number, or a contact as typed."""
    user = person(request)
    number = id_in(request, "id")
    if number:
        rows = Contact.objects.visible_to(user) if segment.subject == Subject.CONTACT else Lead.objects.visible_to(user)
        return rows.filter(pk=number).first()
    if segment.subject == Subject.CONTACT and asked.is_bound and asked.is_valid():
        found: Contact | None = asked.cleaned_data["contact"]
        return found
    return None


@login_required
@VIEW
@require_safe
def of_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The segments of a contact, for its page."""
    contact = get_object_or_404(Contact.objects.visible_to(person(request)), pk=contact_id)
    return _of_record(request, Subject.CONTACT, contact)


@login_required
@VIEW
@require_safe
def of_lead(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The segments of a lead, for its page."""
    lead = get_object_or_404(Lead.objects.visible_to(person(request)), pk=lead_id)
    return _of_record(request, Subject.LEAD, lead)


def _of_record(request: HttpRequest, subject: Subject, record: Contact | Lead) -> HttpResponse:
    from_segments = Segment.objects.alive().filter(subject=subject)
    memberships = Membership.objects.filter(**{f"{subject}_id": record.pk}, segment__deleted_at=None)
    rows = list(memberships.select_related("segment").order_by("segment__name")[: SHOWN + 1])
    lists = from_segments.filter(kind=Kind.STATIC, state=State.LIVE).exclude(pk__in=[one.segment_id for one in rows])
    may_change = request.user.has_perm("segments.change_segment")
    context = {
        "rows": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "may_change": may_change,
        "record": record,
        "subject": subject,
        "lists": list(lists[:MOST_LISTS]) if may_change else [],
        "back_url": reverse(f"{subject}s:detail", args=[record.pk]),
    }
    return render(request, "segments/of_record.html", context)
