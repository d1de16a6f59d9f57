"""Many submissions at once, as jobs of leads/bulk: which are meant, what can be done, and how those go on that are
processed because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, Func, QuerySet

from contacts.models import User
from forms_intake.inbox.lists import asked_for
from forms_intake.models import Deed, Submission, SubmissionState
from forms_intake.services.submissions import FROM, do
from leads.bulk.jobs import begin_job
from leads.bulk.kinds import Kind, Outcome, Wanted
from leads.bulk.subjects import Subject
from leads.models import BulkJob

SUBMISSION = "submission"
SHOWN = 100
MOST_FOLLOWED = 10_000
"""Submissions of one job whose states are counted each second that somebody looks."""
WORDS: Mapping[str, str] = {
    Deed.RETRIED: "Submissions processed again",
    Deed.SPAM: "Submissions marked as spam",
    Deed.NOT_SPAM: "Submissions taken for real",
    Deed.DELETED: "Submissions deleted",
    Deed.RESTORED: "Submissions restored",
}
PROCESSED_BY = (Deed.RETRIED, Deed.NOT_SPAM)
"""What has submissions processed, so that it is over only when they are."""


def begin_deed(
    deed: Deed, *, by: User, ids: Sequence[int] = (), query: str | None = None, token: UUID | None = None
) -> BulkJob:
    """Ask for `deed` to be done to these submissions, or to all that the inbox shows under the address `query`.

    Raises CannotList when that address cannot be met, and AskedTwice for a token that was used.
    """
    if query is not None:
        rows_meant(query, by, deed)
    return begin_job(
        what=deed, by=by, words=WORDS[deed], wanted={}, ids=ids, query=query, token=token, entity=SUBMISSION
    )


def rows_meant(query: str, user: User, what: str) -> QuerySet[Submission]:
    """All that the inbox shows under this address and that is in a state for the deed. Raises CannotList."""
    return _visible_to(user).filter(pk__in=asked_for(query).filter(state__in=FROM[what]).order_by().values("pk"))


def still_meant(query: str, user: User, what: str) -> QuerySet[Submission]:
    """The same without what was searched for: that is found once, within limits that move as others are processed."""
    return _visible_to(user).filter(pk__in=asked_for(query, search=False).order_by().values("pk"))


def standing_of(job: BulkJob) -> dict[str, Any]:
    """How those stand that a job has processed again: how many wait, are done, failed again (the first are named) or
    are aside. Empty for other jobs; `too_many` alone where there are more than are followed.
    """
    if job.what not in PROCESSED_BY or not job.changed:
        return {}
    if job.changed > MOST_FOLLOWED:
        return {"too_many": True}
    each = Func("changed", function="unnest", output_field=BigIntegerField())
    each.set_returning = True
    rows = Submission.objects.filter(pk__in=job.chunks.values_list(each))
    by_state = dict(rows.order_by().values_list("state").annotate(number=Count("pk")))
    waiting, done, failed = (
        by_state.get(state, 0) for state in (SubmissionState.PENDING, SubmissionState.DONE, SubmissionState.FAILED)
    )
    again = rows.filter(state=SubmissionState.FAILED).select_related("form").defer("payload", "dropped")
    return {
        "waiting": waiting,
        "done": done,
        "failed": failed,
        "others": sum(by_state.values()) - waiting - done - failed,
        "failed_again": list(again.order_by("pk")[:SHOWN]) if failed else [],
    }


def _visible_to(user: User) -> QuerySet[Submission]:
    rows = Submission.objects.defer("payload", "dropped")
    return rows if user.has_perm("forms_intake.view_submission") else rows.none()


def _may_change(user: User) -> bool:
    return user.has_perm("forms_intake.change_submission")


def _refuses(user: User, one: Submission, wanted: Wanted) -> str:
    """Nothing more: the deed itself says of each why it cannot be."""
    return ""


def _run(deed: Deed, rows: Sequence[Submission], by: User, wanted: Wanted) -> Outcome:
    outcome = do(deed, [one.pk for one in rows], by=by)
    return Outcome(outcome.ids, dict(outcome.refused))


def _kind(deed: Deed) -> Kind:
    run: Callable[..., Outcome] = partial(_run, deed)
    return Kind(_may_change, _refuses, run)


SUBMISSIONS = Subject(
    SUBMISSION,
    "submission",
    "submissions",
    list_page="forms_intake:submissions",
    record_page="forms_intake:submission",
    bulk_page="forms_intake:submissions_do",
    kinds={deed: _kind(Deed(deed)) for deed in WORDS},
    rows=rows_meant,
    still=still_meant,
    visible_to=_visible_to,
    nameable_to=_visible_to,
    words_of=lambda one: f"{one.form} {one.pk}",
    drawn_with=("form",),
    undone_by={Deed.DELETED: Deed.RESTORED},
    tells=standing_of,
    told_in="forms_intake/inbox/standing.html",
    labels={deed: str(Deed(deed).label) for deed in WORDS},
)
