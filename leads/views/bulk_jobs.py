"""Pages of bulk jobs: how far one is, what it refused, stopping it, taking it back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, F, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts.access import may_export
from contacts.models import ListOf, User
from contacts.roles import Ability, can
from contacts.views.editing import person
from leadcrm.lib.pages import render_page, stands_below
from leadcrm.lib.spreadsheets import csv_response
from leads.bulk.jobs import cancel_job, to_name, undo_job
from leads.bulk.subjects import Subject, subject_of
from leads.models import BulkJob, BulkRefusal

SHOWN = 100
LATEST = 50


def jobs_of(user: User) -> QuerySet[BulkJob]:
    """The jobs this person may look at and stop: their own; administrators everybody's."""
    jobs = BulkJob.objects.select_related("by", "cancelled_by")
    return jobs if can(user, Ability.ADMINISTER) else jobs.filter(by=user)


def named_to(user: User, job: BulkJob) -> QuerySet[BulkRefusal]:
    """What a job refused, in its order; `shown_words` is what it says of each to this person, who may see less by now
    than who asked: then the number alone.
    """
    may_be_named = Exists(to_name(job, user).filter(pk=OuterRef("record_id")))
    number = Concat(Value("#"), Cast("record_id", TextField()), output_field=TextField())
    shown = Case(When(may_be_named, then=F("record_words")), default=number, output_field=TextField())
    return job.refusals.annotate(shown_words=shown).order_by("pk")


@login_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """The latest jobs, the newest first; those of one list where `of` names it."""
    found, of = jobs_of(person(request)).order_by("-pk"), request.GET.get("of", "")
    subject = subject_of(of) if of in settings.BULK_SUBJECTS else None
    if subject is not None:
        found = found.filter(entity=of)
        stands_below(request, subject.list_page)
    list_url = reverse((subject or subject_of(ListOf.LEAD)).list_page)
    return render(request, "leads/bulk_jobs.html", {"jobs": found[:LATEST], "subject": subject, "list_url": list_url})


@login_required
@require_safe
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job; for htmx how far it is, and how it goes on with what was changed.

    What it refused can be opened as far as this person may see the records.
    """
    user = person(request)
    found = get_object_or_404(jobs_of(user), pk=job_id)
    refusals = list(named_to(user, found)[:SHOWN])
    subject = subject_of(found.entity)
    stands_below(request, subject.list_page)
    ids = [one.record_id for one in refusals]
    seen = set(subject.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    told = subject.tells(found) if subject.tells else {}
    context = {
        "job": found,
        "told": told,
        "goes_on": found.is_under_way or bool(told.get("waiting")),
        "subject": subject,
        "refusals": [
            (one, reverse(subject.record_page, args=[one.record_id]) if one.record_id in seen else "")
            for one in refusals
        ],
        "list_url": reverse(subject.list_page),
        "more": max(found.refused - len(refusals), 0),
        "may_undo": found.changed and _may_undo(user, found, subject),
    }
    return render_page(request, "leads/bulk_job.html", context, part="progress")


@login_required
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop a job after the records that are being changed."""
    user = person(request)
    found = get_object_or_404(jobs_of(user), pk=job_id)
    if not cancel_job(found.pk, by=user):
        messages.info(request, "It was over already.")
    return redirect("leads:bulk_job", job_id)


@login_required
@require_POST
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    """Bring back what a job has deleted, as another job."""
    user = person(request)
    found = get_object_or_404(jobs_of(user), pk=job_id)
    if not _may_undo(user, found, subject_of(found.entity)):
        raise PermissionDenied
    return redirect("leads:bulk_job", undo_job(found, by=user).pk)


@login_required
@require_safe
def refusals(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """All refusals of a job as a CSV file; with what the records are for those who may export."""
    user = person(request)
    found = get_object_or_404(jobs_of(user), pk=job_id)
    columns = {
        "record_id": subject_of(found.entity).noun.capitalize(),
        "shown_words": "What it is",
        "reason": "Why it stayed",
    }
    if not may_export(user):
        del columns["shown_words"]
    rows = named_to(user, found).values_list(*columns).iterator(chunk_size=2000)
    return csv_response(f"not-changed-{job_id}", list(columns.values()), rows)


def _may_undo(user: User, job: BulkJob, subject: Subject) -> bool:
    back = subject.undone_by.get(job.what, "")
    return bool(back) and not job.is_under_way and subject.kinds[back].may_start(user)
