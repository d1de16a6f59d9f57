"""Doing something to many records of a list at once: ticked ones, or all that a list shows."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.models import ListOf, User
from contacts.views.editing import person
from leadcrm.lib.facts import COUNTED, Count, patient_count
from leadcrm.lib.links import safe_next
from leads.bulk.forms import Asked, Chosen, EditForm
from leads.bulk.jobs import AT_ONCE, begin_job, run_now
from leads.bulk.subjects import Subject, subject_of
from leads.errors import AskedTwice
from leads.models import BulkJob, BulkWhat
from leads.services.deleting import restore_leads

NAMED = 10
"""How many of the records that are meant are named before they are changed."""
AT_A_CLICK = frozenset({BulkWhat.TAKE, BulkWhat.ASSIGN, BulkWhat.SWITCH})
"""What is done to ticked records without a question."""
COUNTING_MS = 500


@login_required
@require_POST
def bulk(request: HttpRequest, entity: str = ListOf.LEAD) -> HttpResponse:
    """Change the records that were ticked, or all of the list whose address is in `query`; then back to `next`.

    What cannot be taken back with the next click asks first, on a page of its own (no `sure`). Up to a hundred ticked
    ones are changed at once, more in the background; 403 when the role may not.
    """
    user, subject = person(request), subject_of(entity)
    if not any(kind.may_start(user) for kind in subject.kinds.values()):
        raise PermissionDenied
    following = safe_next(request, reverse(subject.list_page))
    chosen = Chosen(request.POST, plural=subject.plural, offered=subject.kinds.keys())
    if not chosen.is_valid():
        messages.error(request, f"Nothing was done. {chosen.problem}")
        return redirect(following)
    what = chosen.cleaned_data["do"]
    if not subject.kinds[what].may_start(user):
        raise PermissionDenied
    if what == BulkWhat.RESTORE:
        back = restore_leads(chosen.ids, by=user)
        messages.success(request, f"{subject.counted(len(back))} back.")
        return redirect(following)
    form = subject.asks[what].form(request.POST, user=user)
    at_once = what in AT_A_CLICK and not chosen.everything
    said = chosen.cleaned_data["sure"] or at_once
    if not said or not form.is_valid():
        if at_once:
            messages.error(request, f"Nothing was done. {_first_error(form)}")
            return redirect(following)
        shown = form if said and not _chooses_field(form) else _fresh(request, form, user)
        return _ask(request, subject, chosen, shown, following)
    return _begun(request, subject, chosen, form, following)


def _chooses_field(form: Asked) -> bool:
    """Whether this was the first of two steps: which field."""
    return isinstance(form, EditForm) and "value_said" not in form.data


def _fresh(request: HttpRequest, form: Asked, user: User) -> Asked:
    """The form to be filled in; one that knows its field by now shows it."""
    if isinstance(form, EditForm) and form.is_chosen:
        of_field = type(form)({"field": form.name}, user=user)
        of_field.is_bound = False
        of_field.initial = {"field": form.name}
        return of_field
    shown = type(form)(user=user)
    shown.initial = {name: request.POST[name] for name in form.fields if name in request.POST}
    return shown


def _first_error(form: Asked) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "Say what to do.")


def _ask(request: HttpRequest, subject: Subject, chosen: Chosen, form: Asked, following: str) -> HttpResponse:
    user, what = person(request), chosen.cleaned_data["do"]
    if chosen.everything:
        meant = subject.rows(chosen.cleaned_data["query"], user, what)
        count = patient_count(meant, at_least=1, milliseconds=COUNTING_MS)
        named: list[str] = []
    else:
        meant = subject.visible_to(user).filter(pk__in=chosen.ids)
        count = Count(meant.count(), False)
        named = [subject.words_of(one) for one in meant.select_related("contact", "account").order_by("pk")[:NAMED]]
    ask = subject.asks[what]
    noun = subject.noun if count == Count(1, False) else subject.plural
    many = f"{'all ' if chosen.everything else ''}{count} {noun}"
    context = {
        "ask": ask,
        "title": ask.title.format(leads=many),
        "said": many,
        "form": form,
        "is_step": isinstance(form, EditForm) and not form.is_chosen,
        "says_value": isinstance(form, EditForm) and form.is_chosen,
        "do": what,
        "token": uuid4(),
        "subject": subject,
        "ids": [] if chosen.everything else chosen.ids,
        "seen": [] if chosen.everything else [f"{pk}:{version}" for pk, version in chosen.seen.items()],
        "query": chosen.cleaned_data["query"],
        "everything": chosen.everything,
        "in_background": chosen.everything or len(chosen.ids) > AT_ONCE,
        "most": COUNTED,
        "named": named,
        "others": max(count.number - NAMED, 0) if named else 0,
        "next": following,
    }
    return render(request, "leads/bulk_ask.html", context, status=422 if form.is_bound and form.errors else 200)


def _begun(request: HttpRequest, subject: Subject, chosen: Chosen, form: Asked, following: str) -> HttpResponse:
    """Begin the job; a list that cannot be met is refused before there is one (CannotList)."""
    user, what = person(request), chosen.cleaned_data["do"]
    if chosen.everything:
        subject.rows(chosen.cleaned_data["query"], user, what)
    done_words = form.done_words() or subject.asks[what].done
    try:
        job = begin_job(
            entity=subject.entity,
            what=what,
            by=user,
            words=f"{subject.plural.capitalize()} {done_words}",
            wanted=form.wanted(),
            ids=chosen.ids,
            seen={} if chosen.everything else chosen.seen,
            query=chosen.cleaned_data["query"] if chosen.everything else None,
            token=chosen.cleaned_data["token"],
        )
    except AskedTwice as error:
        messages.info(request, error.message)
        return redirect("leads:bulk_job", error.job_id)
    if chosen.everything or len(chosen.ids) > AT_ONCE:
        return redirect("leads:bulk_job", job.pk)
    _tell(request, subject, run_now(job), done_words, following)
    return redirect(following)


def _tell(request: HttpRequest, subject: Subject, job: BulkJob, done_words: str, following: str) -> None:
    changed = changed_in(job) if job.what == BulkWhat.DELETE else []
    said = subject.counted(job.changed)
    context = {"job": job, "said": said, "done": done_words, "ids": changed, "next": following}
    tell = messages.warning if job.refused else messages.success
    tell(request, render_to_string("leads/bulk_told.html", context, request))


def changed_in(job: BulkJob) -> list[int]:
    """The records that a small job changed."""
    return [pk for ids in job.chunks.values_list("changed", flat=True) for pk in ids]
