"""How a deed with many submissions goes on after it was done: what waits, what came of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from forms_intake.models import Submission, SubmissionRun, SubmissionState

SHOWN = 100


@dataclass(frozen=True)
class Standing:
    """How many of a run are in which state now, those that failed again (the first ones), and those it refused."""

    total: int
    waiting: int
    done: int
    failed: int
    others: int
    failed_again: Sequence[Submission]
    refused: list[tuple[int, str]]
    refused_more: int

    @property
    def settled(self) -> int:
        return self.total - self.waiting

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.total if self.total else 100


def standing_of(run: SubmissionRun) -> Standing:
    """How a run stands now. Two queries."""
    rows = Submission.objects.filter(pk__in=run.ids)
    by_state = dict(rows.values_list("state").annotate(number=Count("pk")))
    waiting = by_state.get(SubmissionState.PENDING, 0)
    done = by_state.get(SubmissionState.DONE, 0)
    failed = by_state.get(SubmissionState.FAILED, 0)
    again = rows.filter(state=SubmissionState.FAILED).select_related("form").order_by("pk")[:SHOWN] if failed else ()
    refused = [(pk, why) for pk, why in run.refused]
    return Standing(
        total=len(run.ids),
        waiting=waiting,
        done=done,
        failed=failed,
        others=len(run.ids) - waiting - done - failed,
        failed_again=list(again),
        refused=refused[:SHOWN],
        refused_more=max(0, len(refused) - SHOWN),
    )
