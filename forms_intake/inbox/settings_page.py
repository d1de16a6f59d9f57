"""The page on which marketers say how long what was posted is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contacts.models import User
from forms_intake.errors import ChangedSince
from forms_intake.inbox.lists import WORDS
from forms_intake.inbox.retention import NAMES, outlived, retention, set_retention
from forms_intake.models import Retention, Submission, SubmissionState
from leadcrm.lib.facts import Count, patient_count

MOST_DAYS = 3650
WHICH = {
    "processed_days": SubmissionState.DONE,
    "spam_days": SubmissionState.SPAM,
    "failed_days": SubmissionState.FAILED,
}


class RetentionForm(forms.Form):
    """Days for each; empty: as long as nobody deletes it."""

    processed_days = forms.IntegerField(
        label="Words of processed submissions, in days",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="What was posted is removed; the submission stays, with what it became.",
    )
    spam_days = forms.IntegerField(
        label="Spam, in days",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="The whole submission is removed.",
    )
    failed_days = forms.IntegerField(
        label="Failed submissions, in days",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="The whole submission is removed, and with it the lead it could have been.",
    )
    edition = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@login_required
@permission_required("forms_intake.change_retention", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: HttpRequest) -> HttpResponse:
    """How long posts are kept, and how many each time would remove now."""
    assert isinstance(request.user, User)
    kept, status, problem = retention(), 200, ""
    form = RetentionForm(request.POST if request.method == "POST" else None, initial=_values(kept))
    if form.is_bound and form.is_valid():
        try:
            days = {name: form.cleaned_data[name] for name in NAMES}
            set_retention(days=days, edition=form.cleaned_data["edition"], by=request.user)
        except ChangedSince as refused:
            problem, status = refused.message, refused.status
            kept = retention()
            form.data = {**request.POST.dict(), "edition": str(kept.edition)}
        else:
            messages.success(request, "Saved. What has been kept long enough goes within the hour.")
            return redirect("forms_intake:keeping")
    elif form.is_bound:
        status = 422
    context = {"form": form, "kept": kept, "problem": problem, "affected": _affected(kept)}
    return render(request, "forms_intake/inbox/keeping.html", context, status=status)


def _values(kept: Retention) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in (*NAMES, "edition")}


def _affected(kept: Retention) -> list[tuple[str, Count, Count]]:
    """For each kind: how many there are with words in them, and how many the next sweep removes."""
    now = timezone.now()
    told = []
    for name, state in WHICH.items():
        there = Submission.objects.filter(state=state, emptied_at=None)
        going = outlived(state, getattr(kept, name), now).filter(emptied_at=None)
        told.append((WORDS[state], patient_count(there, at_least=0), patient_count(going, at_least=0)))
    return told
