"""Which leads one pass of the engine looks at: some ids, or a range of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from leadcrm.lib.arrays import numbers
from leads.models import Lead
from scoring.models import LeadScore, ScoringModel


def _compared(scores: QuerySet[LeadScore]) -> QuerySet[LeadScore]:
    """What the engine compares and corrects: not what stopped models left behind for good."""
    kept = list(ScoringModel.objects.filter(keeps_scores=True).values_list("id", flat=True))
    return scores.exclude(model__in=kept, next_change_at=None) if kept else scores


@dataclass(frozen=True)
class Ids:
    """These leads."""

    ids: Sequence[int]

    @cached_property
    def _numbers(self) -> str:
        return numbers(self.ids)

    def leads(self) -> QuerySet[Lead]:
        leads: QuerySet[Lead] = Lead.objects.filter(id__any_of=self._numbers)
        return leads

    def scores(self) -> QuerySet[LeadScore]:
        return _compared(LeadScore.objects.filter(lead__id__any_of=self._numbers))

    def bounds(self) -> tuple[int, int]:
        """All ids are above the first and up to the second: so that no statement goes through a whole table."""
        return (min(self.ids) - 1, max(self.ids)) if self.ids else (0, 0)

    def halves(self) -> list[Ids]:
        """Two batches that make up this one, lower ids first; none of a single lead."""
        ids, middle = sorted(self.ids), len(self.ids) // 2
        return [Ids(ids[:middle]), Ids(ids[middle:])] if middle else []


@dataclass(frozen=True)
class Range:
    """Every lead with `after_id` < id <= `up_to_id`."""

    after_id: int
    up_to_id: int

    def leads(self) -> QuerySet[Lead]:
        leads: QuerySet[Lead] = Lead.objects.filter(id__gt=self.after_id, id__lte=self.up_to_id)
        return leads

    def scores(self) -> QuerySet[LeadScore]:
        return _compared(LeadScore.objects.filter(lead_id__gt=self.after_id, lead_id__lte=self.up_to_id))

    def bounds(self) -> tuple[int, int]:
        return self.after_id, self.up_to_id

    def halves(self) -> list[Range]:
        """Two batches that make up this one, lower ids first; none of a single lead."""
        middle = (self.after_id + self.up_to_id) // 2
        return [Range(self.after_id, middle), Range(middle, self.up_to_id)] if middle > self.after_id else []


Batch = Ids | Range
