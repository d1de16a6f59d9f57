"""Counting leads by score in little memory, however many leads and scores there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_BINS = 2_000


@dataclass
class Tally:
    """Leads by score, of one kind or more (lost and won). Bins grow wider rather than more than `MOST_BINS`.

    Bin b holds the scores from b * width up to the next bin; as long as `width` is 1, counts are exact.
    """

    kinds: int = 1
    width: int = 1
    bins: dict[int, list[int]] = field(default_factory=dict)

    def add(self, score: int, kind: int = 0) -> None:
        self.bins.setdefault(score // self.width, [0] * self.kinds)[kind] += 1
        while len(self.bins) > MOST_BINS:
            self._widen()

    def _widen(self) -> None:
        narrow, self.bins, self.width = self.bins, {}, self.width * 2
        for place, counts in narrow.items():
            wide = self.bins.setdefault(place // 2, [0] * self.kinds)
            for kind, count in enumerate(counts):
                wide[kind] += count

    def total(self, kind: int = 0) -> int:
        return sum(counts[kind] for counts in self.bins.values())

    def rows(self) -> list[tuple[int, ...]]:
        """(lowest score of the bin, count of each kind), in the order of scores."""
        return [(place * self.width, *counts) for place, counts in sorted(self.bins.items())]

    def as_json(self) -> dict[str, Any]:
        return {"kinds": self.kinds, "width": self.width, "bins": [[b, *n] for b, n in sorted(self.bins.items())]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        return cls(data["kinds"], data["width"], {place: counts for place, *counts in data["bins"]})
