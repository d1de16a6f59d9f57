"""Submissions for the people who look after forms: what came in, what failed and why, mended and retried."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import InvalidValues
from contacts.models import User
from forms_intake.errors import NotRetriable
from forms_intake.models import FieldType, IntakeForm, Submission, SubmissionState
from forms_intake.services.submissions import RETRIABLE, edit_submission, editable_fields, retry, retry_all_failed
from forms_intake.spec import specs_of
from forms_intake.views.hosted import field_views
from leadcrm.lib.facts import honest_count

PAGE = 50
MOST_ID = 2**63 - 1
VIEW = permission_required("forms_intake.view_submission", raise_exception=True)
CHANGE = permission_required("forms_intake.change_submission", raise_exception=True)


@login_required
@VIEW
@require_GET
def submission_list(request: HttpRequest) -> HttpResponse:
    """Submissions, the latest first, by state and form."""
    state = request.GET.get("state", "")
    state = state if state in SubmissionState.values else ""
    form_id = _whole(request.GET.get("form", ""))
    chosen = Submission.objects.all()
    if state:
        chosen = chosen.filter(state=state)
    if form_id:
        chosen = chosen.filter(form_id=form_id)
    rows, previous, following = _page(request, chosen)
    context = {
        "submissions": rows,
        "previous_url": _with(request, after=previous) if previous else "",
        "next_url": _with(request, before=following) if following else "",
        "said": str(honest_count(chosen)),
        "state": state,
        "states": SubmissionState.choices,
        "form_id": form_id,
        "forms": IntakeForm.objects.order_by("name").values_list("pk", "name")[:200],
        "failed": honest_count(Submission.objects.filter(state=SubmissionState.FAILED)),
    }
    return render(request, "forms_intake/submission_list.html", context)


@login_required
@VIEW
@require_http_methods(["GET", "HEAD", "POST"])
def submission_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission whole; a POST mends its values and has it processed again."""
    submission = get_object_or_404(
        Submission.objects.select_related("form", "page", "contact", "lead", "interaction"), pk=pk
    )
    form = specs_of([submission.form_id])[submission.form_id]
    typed: dict[str, Any] = dict(submission.payload)
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST" and request.user.has_perm("forms_intake.change_submission"):
        values = {field.key: request.POST.getlist(field.key) for field in editable_fields(form)}
        try:
            edit_submission(
                submission_id=pk,
                values=values,
                attempts=_whole(request.POST.get("attempts", "")),
                by=_user(request),
            )
        except InvalidValues as problem:
            errors, status = {key: [words] for key, words in problem.errors.items()}, 422
            typed |= _said(values)
        except NotRetriable as problem:
            messages.error(request, f"Not saved. {problem.message}")
            submission.refresh_from_db()
            typed, status = submission.payload | _said(values), problem.status
        else:
            messages.success(request, "Saved; it is being processed again.")
            return redirect("forms_intake:submission", pk)
    known = {field.key for field in form.fields}
    context = {
        "submission": submission,
        "form": form,
        "fields": field_views(editable_fields(form), _as_typed(typed), errors),
        "consents": [
            (field, submission.payload.get(field.key) is True)
            for field in form.fields
            if field.type == FieldType.CONSENT
        ],
        "others": {key: value for key, value in submission.payload.items() if key not in known},
        "retriable": submission.state in RETRIABLE or status == NotRetriable.status,
        "problems": len(errors),
    }
    return render(request, "forms_intake/submission_detail.html", context, status=status)


@login_required
@CHANGE
@require_POST
def retry_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one submission processed again as it is."""
    if retry([pk], by=_user(request)):
        messages.success(request, "It is being processed again.")
    else:
        messages.warning(request, "Somebody has retried this submission already.")
    return redirect("forms_intake:submission", pk)


@login_required
@CHANGE
@require_POST
def retry_failed(request: HttpRequest) -> HttpResponse:
    """Have all failed submissions processed again, or the chosen ones."""
    chosen = [pk for pk in map(_whole, request.POST.getlist("id")) if pk]
    by = _user(request)
    done = retry(chosen, by=by) if chosen else retry_all_failed(by=by)
    messages.success(request, f"Being processed again: {len(done):,}.")
    return redirect("forms_intake:submissions")


def _page(request: HttpRequest, chosen: QuerySet) -> tuple[list[Submission], int, int]:
    """A page by id, and the ids at which the pages before and after it begin (0 for none)."""
    before, after = _whole(request.GET.get("before", "")), _whole(request.GET.get("after", ""))
    rows = chosen.select_related("form", "page", "contact", "lead")
    if after and not before:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        more, shown = len(found) > PAGE, found[:PAGE][::-1]
        return shown, shown[0].pk if more else 0, shown[-1].pk if shown else 0
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    return shown, shown[0].pk if before and shown else 0, shown[-1].pk if len(found) > PAGE else 0


def _with(request: HttpRequest, **changes: int) -> str:
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


def _whole(text: str) -> int:
    return min(int(text), MOST_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _as_typed(values: dict[str, Any]) -> dict[str, Any]:
    return {key: ("yes" if value else "no") if isinstance(value, bool) else value for key, value in values.items()}


def _said(values: dict[str, list[str]]) -> dict[str, Any]:
    return {key: texts if len(texts) > 1 else "".join(texts) for key, texts in values.items()}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
