"""`leadcrm verify`: is everything in the database as promised? Imported only once Django is set up."""

from __future__ import annotations

from django.utils import timezone

from forms_intake.models import Submission, SubmissionState
from scoring.verify import verify

WAITING_SECONDS = 60


def problems() -> list[str]:
    """One line for each thing that is not as promised: scores, their explanations, and what has waited too long."""
    return [*(problem.line() for problem in verify()), *waiting_submissions()]


def waiting_submissions() -> list[str]:
    """Submissions that should have been processed by now."""
    oldest = Submission.objects.filter(state=SubmissionState.PENDING).order_by("id").first()
    if oldest is None or (timezone.now() - oldest.received_at).total_seconds() <= WAITING_SECONDS:
        return []
    return [f"submission {oldest.pk} has waited too long to be processed: since {oldest.received_at:%Y-%m-%d %H:%M:%S}"]
