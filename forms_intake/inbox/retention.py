"""How long what was posted is kept. Facts are never touched: contacts, leads, interactions and consents stay.

Of processed submissions the words go and the row stays, with what it became, and so of spam that got through while
whom it made is there: the last of their spam takes them along (inbox/taking_back.py). Other spam, failed and deleted
ones go whole. All in chunks, one short transaction each, so that it can be stopped and run again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts.models import Contact, User
from contacts.services.forgetting import in_chunks
from contacts.services.records import RESTORABLE
from forms_intake.errors import ChangedSince
from forms_intake.models import Retention, Submission, SubmissionEvent, SubmissionState
from leads.models import Lead

CHUNK = 2000
NAMES = ("processed_days", "spam_days", "failed_days")
EMPTY = """
UPDATE forms_intake_submission
SET payload = '{}', dropped = '{}', marks = '[]', email = '', error = '', emptied_at = clock_timestamp(),
    origin = origin - '{ip,user_agent,referrer,confirmed_ip}'::text[],
    decision = decision #- '{contact,key}' #- '{contact,wrote}' #- '{account,key}' #- '{lead,wrote}'
WHERE id = ANY (%s)
"""
"""Of its origin the campaign tags stay; of its decision who won and why, without the values."""
MADE_SOMEBODY = Q(processed_at__isnull=False) & (
    Exists(Contact.objects.alive().filter(pk=OuterRef("contact")))
    | Q(Exists(Lead.objects.alive().filter(pk=OuterRef("lead"))), contact=None)
)
"""Processed for a contact who is there, or for a lead without one."""


def retention() -> Retention:
    """What is set; without a word everything is kept."""
    found: Retention | None = Retention.objects.select_related("changed_by").filter(pk=1).first()
    return found or Retention(pk=1)


def set_retention(*, days: dict[str, int | None], edition: int, by: User) -> Retention:
    """Keep processed, spam and failed posts for so many `days` (by column; None: for good). Raises ChangedSince.

    A longer time brings nothing back that was removed already.
    """
    with transaction.atomic():
        Retention.objects.get_or_create(pk=1)
        kept = Retention.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=1)
        if kept.edition != edition:
            raise ChangedSince("how long submissions are kept", str(kept.changed_by or ""))
        for name in NAMES:
            setattr(kept, name, days[name])
        kept.edition += 1
        kept.changed_at, kept.changed_by = timezone.now(), by
        kept.save()
    return kept


def not_yet_emptied(received: Iterable[datetime]) -> None:
    """What was received at these times is processed only now: sweeps look at it again."""
    moments = list(received)
    if moments:
        Retention.objects.filter(emptied_before__gt=min(moments)).update(emptied_before=min(moments))


def outlived(state: str, days: int | None, now: datetime) -> QuerySet[Submission]:
    """Submissions in a state that have been kept for long enough."""
    rows = Submission.objects.filter(state=state)
    return rows.filter(received_at__lt=now - timedelta(days=days)) if days else rows.none()


def goes_at(submission: Submission, kept: Retention) -> datetime | None:
    """When what was posted goes; None where nobody has said so, or it is gone."""
    days = {
        SubmissionState.DONE: kept.processed_days,
        SubmissionState.SPAM: kept.spam_days,
        SubmissionState.FAILED: kept.failed_days,
    }.get(SubmissionState(submission.state))
    if submission.deleted_at:
        return submission.deleted_at + RESTORABLE
    if not days or submission.emptied_at:
        return None
    return submission.received_at + timedelta(days=days)


def leaves_its_row(submission: Submission) -> bool:
    """Whether the words of this one go alone, once it has been kept long enough."""
    if submission.state != SubmissionState.SPAM:
        return bool(submission.state == SubmissionState.DONE)
    return Submission.objects.filter(MADE_SOMEBODY, pk=submission.pk).exists()


def sweep() -> dict[str, int]:
    """Remove what has been kept long enough; how many of each."""
    kept, now = retention(), timezone.now()
    gone = Submission.objects.filter(state=SubmissionState.DELETED, deleted_at__lt=now - RESTORABLE)
    spam = outlived(SubmissionState.SPAM, kept.spam_days, now)
    removed = {
        "deleted": in_chunks(gone, CHUNK),
        "spam": in_chunks(spam.exclude(MADE_SOMEBODY), CHUNK),
        "failed": in_chunks(outlived(SubmissionState.FAILED, kept.failed_days, now), CHUNK),
        "emptied": _empty_spam(spam.filter(MADE_SOMEBODY, emptied_at=None)),
    }
    while kept.processed_days:
        emptied = _empty_some()
        removed["emptied"] += emptied
        if emptied < CHUNK:
            break
    return removed


def _empty_spam(rows: QuerySet[Submission]) -> int:
    """Empty these, chunk by chunk; how many."""
    emptied = 0
    while True:
        with transaction.atomic():
            locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
            ids = list(locked.values_list("pk", flat=True)[:CHUNK])
            _empty(ids)
        emptied += len(ids)
        if len(ids) < CHUNK:
            return emptied


def _empty(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EMPTY, [ids])
    SubmissionEvent.objects.filter(submission__in=ids).update(reason="", changes=[])


def _empty_some() -> int:
    """Empty the next processed ones and note how far that is. What waits is never passed by."""
    with transaction.atomic():
        kept = Retention.objects.select_for_update().get(pk=1)
        if not kept.processed_days:
            return 0
        end = timezone.now() - timedelta(days=kept.processed_days)
        waiting = Submission.objects.filter(state=SubmissionState.PENDING).order_by("received_at")
        oldest = waiting.values_list("received_at", flat=True).first()
        end = min(end, oldest) if oldest else end
        rows = Submission.objects.filter(state=SubmissionState.DONE, emptied_at=None, received_at__lt=end)
        if kept.emptied_before:
            rows = rows.filter(received_at__gte=kept.emptied_before)
        chunk = list(rows.order_by("received_at", "pk").values_list("pk", "received_at")[:CHUNK])
        ids = [pk for pk, _ in chunk]
        _empty(ids)
        kept.emptied_before = chunk[-1][1] if len(chunk) == CHUNK else max(end, kept.emptied_before or end)
        kept.save(update_fields=["emptied_before"])
    return len(ids)
