"""The inbox on pages: lists by state, one submission with its story, and what people do with one or many."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts.errors import CannotList, InvalidValues
from contacts.models import User
from forms_intake.confirming import HELD_BACK, given_up, is_held_back
from forms_intake.inbox.decided import decisions_of
from forms_intake.inbox.lists import TAB_ORDER, WORDS, inbox
from forms_intake.inbox.many import PROCESSED_BY, begin_deed
from forms_intake.inbox.pages import came_by
from forms_intake.inbox.retention import goes_at, leaves_its_row, retention
from forms_intake.inbox.said import agreements_of, answers_of
from forms_intake.inbox.story import history_of, origin_of
from forms_intake.looks.fields import field_views
from forms_intake.models import Deed, Submission, SubmissionState
from forms_intake.processing.intents import form_as_posted
from forms_intake.services.mending import edit_submission, editable_fields, may_be_mended, send_letter_again
from forms_intake.services.submissions import FROM, RETRIABLE, do
from leadcrm.lib.errors import DomainError
from leadcrm.lib.links import safe_next
from leads.bulk.forms import MOST_TICKED
from leads.bulk.jobs import AT_ONCE, run_now

MOST_ID = 2**63 - 1
VIEW = permission_required("forms_intake.view_submission", raise_exception=True)
CHANGE = permission_required("forms_intake.change_submission", raise_exception=True)
DEEDS = {
    "retry": Deed.RETRIED,
    "spam": Deed.SPAM,
    "not-spam": Deed.NOT_SPAM,
    "delete": Deed.DELETED,
    "restore": Deed.RESTORED,
}
LETTER = "letter"
"""What is asked of one that waits for its person alone: the letter once more."""
SAID = {
    Deed.RETRIED: "being processed again",
    Deed.SPAM: "kept as spam",
    Deed.NOT_SPAM: "taken for real, and processed",
    Deed.DELETED: "deleted; for thirty days they can be restored",
    Deed.RESTORED: "restored",
}
SAID_OF_ONE = {
    Deed.RETRIED: "It is being processed again.",
    Deed.SPAM: "It is kept as spam: nothing is made of it.",
    Deed.NOT_SPAM: "It is processed as if it had just arrived.",
    Deed.DELETED: "It is deleted. For thirty days it can be restored; what it made stays.",
    Deed.RESTORED: "It is back.",
}
DONE_WITH_ONE = {Deed.RETRIED: "It was retried.", Deed.NOT_SPAM: "It is no spam."}
"""Before what holds one that is not processed at once."""


@login_required
@VIEW
@require_GET
def submission_list(request: HttpRequest) -> HttpResponse:
    """Submissions by state, as far as the filters in the address want them."""
    found = inbox(request)
    context = {
        "inbox": found,
        "list": found.page,
        "submissions": found.page.rows,
        "said": found.page.page.said,
        "previous_url": found.page.previous_url,
        "next_url": found.page.next_url,
        "deeds": _deeds_for(found.state),
        "kept": retention(),
    }
    return render(request, "forms_intake/inbox/list.html", context)


@login_required
@VIEW
@require_http_methods(["GET", "HEAD", "POST"])
def submission_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One submission whole; a POST mends its values, in place or as a new run."""
    related = ("form", "page", "version", "contact", "lead", "interaction", "run_anew")
    submission = get_object_or_404(Submission.objects.select_related(*related), pk=pk)
    form = form_as_posted(submission)
    typed: dict[str, Any] = dict(submission.payload)
    errors: dict[str, list[str]] = {}
    status, problem_said, anew = 200, "", False
    may_change = request.user.has_perm("forms_intake.change_submission")
    if request.method == "POST" and may_change:
        values = {field.key: request.POST.getlist(field.key) for field in editable_fields(form)}
        anew = request.POST.get("mode") == "anew"
        try:
            done = edit_submission(
                submission_id=pk,
                values=values,
                attempts=_whole(request.POST.get("attempts", "")),
                edition=_whole(request.POST.get("edition", "")) if "edition" in request.POST else None,
                anew=anew,
                by=_user(request),
            )
        except InvalidValues as problem:
            errors = {key: [words] for key, words in problem.data["errors"].items()}
            typed, status = submission.payload | _said(values), problem.status
        except DomainError as problem:
            problem_said = f"Not saved. {problem.message}"
            submission.refresh_from_db()
            typed, status = submission.payload | _said(values), problem.status
        else:
            _tell_edited(request, submission, done, anew)
            return redirect("forms_intake:submission", done.pk)
    is_editable = may_be_mended(submission)
    shown_for_edit = may_change and (
        status != 200 or (is_editable and (submission.state in RETRIABLE or "edit" in request.GET))
    )
    fields = editable_fields(form)
    context = {
        "submission": submission,
        "form": form,
        "answers": answers_of(submission, form),
        "agreements": agreements_of(submission, form),
        "decisions": decisions_of(submission),
        "history": history_of(submission),
        "origin": origin_of(submission),
        "fields": field_views(fields, _as_typed(typed), errors) if shown_for_edit else (),
        "editing": shown_for_edit,
        "may_edit": may_change and is_editable,
        "processed": submission.state == SubmissionState.DONE,
        "waits": submission.state == SubmissionState.UNCONFIRMED,
        "held_back": HELD_BACK if submission.state == SubmissionState.UNCONFIRMED and is_held_back(submission) else "",
        "not_sent": given_up([submission]).get(pk, "") if submission.state == SubmissionState.UNCONFIRMED else "",
        "anew": anew,
        "problem": problem_said,
        "other_problems": [words[0] for key, words in errors.items() if key not in {one.key for one in fields}],
        "problems": len(errors),
        "deeds": _deeds_for_one(submission) if may_change else [],
        "state_words": WORDS[SubmissionState(submission.state)],
        "came_by": came_by(submission, links=request.user.has_perm("forms_intake.change_landingpage")),
        "goes_at": goes_at(submission, retention()),
        "row_stays": leaves_its_row(submission),
    }
    return render(request, "forms_intake/inbox/detail.html", context, status=status)


@login_required
@CHANGE
@require_POST
def submission_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Retry one, mark it as spam or as none, delete or restore it, or have its letter sent again."""
    if request.POST.get("do") == LETTER:
        return _letter_again(request, pk)
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        return _nothing_said(request, reverse("forms_intake:submission", args=[pk]))
    outcome = do(deed, [pk], by=_user(request))
    if not outcome.ids:
        messages.warning(request, f"Nothing was done. {outcome.refused[0][1]}")
    elif deed not in PROCESSED_BY or not _told_held(request, pk, DONE_WITH_ONE[deed]):
        messages.success(request, SAID_OF_ONE[deed])
    return redirect(safe_next(request, reverse("forms_intake:submission", args=[pk])))


@login_required
@CHANGE
@require_POST
def submissions_do(request: HttpRequest) -> HttpResponse:
    """The same with the ticked ones, or with all that the list shows. Some are done at once; many in the background,
    where a page says how far it is and stops it.
    """
    deed = DEEDS.get(request.POST.get("do", ""))
    back = safe_next(request, reverse("forms_intake:submissions"))
    if deed is None:
        return _nothing_said(request, back)
    everything = request.POST.get("scope") == "all"
    ticked = sorted({pk for pk in map(_whole, request.POST.getlist("ids")[:MOST_TICKED]) if pk})
    if not everything and not ticked:
        messages.warning(request, "Tick some submissions first, or choose all of this list.")
        return redirect(back)
    query = request.POST.get("query", "")[:2000] if everything else None
    try:
        job = begin_deed(deed, by=_user(request), ids=ticked if query is None else (), query=query)
    except CannotList as problem:
        messages.error(request, f"Nothing was done. {problem.message}")
        return redirect(back)
    if everything or len(ticked) > AT_ONCE:
        return redirect("leads:bulk_job", job.pk)
    run_now(job)
    if deed in PROCESSED_BY or job.refused:
        return redirect("leads:bulk_job", job.pk)
    messages.success(request, f"{job.changed:,} {SAID[deed]}.")
    return redirect(back)


def _deeds_for(state: str) -> list[tuple[str, str]]:
    """What can be done in a state, as (word in the post, label)."""
    labels = {
        "retry": "Retry",
        "not-spam": "Not spam: process",
        "spam": "Mark as spam",
        "restore": "Restore",
        "delete": "Delete",
    }
    states = {state} if state else {one for one in TAB_ORDER if one != SubmissionState.DELETED}
    return [(word, label) for word, label in labels.items() if states & set(FROM[DEEDS[word]])]


def _deeds_for_one(submission: Submission) -> list[tuple[str, str]]:
    letter = [(LETTER, "Send the letter again")] if submission.state == SubmissionState.UNCONFIRMED else []
    return [*letter, *_deeds_for(submission.state)]


def _letter_again(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        send_letter_again(submission_id=pk, by=_user(request))
    except DomainError as problem:
        messages.warning(request, f"Nothing was done. {problem.message}")
    else:
        messages.success(request, "The letter is on its way once more.")
    return redirect(safe_next(request, reverse("forms_intake:submission", args=[pk])))


def _tell_edited(request: HttpRequest, submission: Submission, done: Submission, anew: bool) -> None:
    """`submission` as it was, and what is `done` with it."""
    if _told_held(request, done.pk, "Saved."):
        return
    if anew:
        messages.success(request, "This is the new run; it is being processed.")
    elif submission.state == SubmissionState.DONE:
        messages.success(request, "Saved: what it wrote is corrected, as the history says.")
    else:
        messages.success(request, "Saved; it is being processed again.")


def _told_held(request: HttpRequest, pk: int, did: str) -> bool:
    """After what was done, say what holds one that is not processed for it; False when nothing does."""
    one = Submission.objects.filter(pk=pk).only("state", "error", "origin").first()
    if one is None or one.state not in (SubmissionState.UNCONFIRMED, SubmissionState.FAILED):
        return False
    if one.state == SubmissionState.FAILED:
        messages.warning(request, f"{did} {one.error}")
    elif is_held_back(one):
        messages.warning(request, f"{did} {HELD_BACK}")
    else:
        messages.success(request, f"{did} It waits for the person to follow the link in the letter.")
    return True


def _nothing_said(request: HttpRequest, back: str) -> HttpResponse:
    messages.warning(request, "Nothing was done: say what to do with them.")
    return redirect(back)


def _whole(text: str) -> int:
    return min(int(text), MOST_ID) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def _as_typed(values: dict[str, Any]) -> dict[str, Any]:
    return {key: ("yes" if value else "no") if isinstance(value, bool) else value for key, value in values.items()}


def _said(values: dict[str, list[str]]) -> dict[str, Any]:
    return {key: texts if len(texts) > 1 else "".join(texts) for key, texts in values.items()}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
