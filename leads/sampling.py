"""How many of many rows there are, judged by some of them; how sure that is, and how it was done."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import sqrt
from typing import Any

from django.db.models import Max, Min, QuerySet

FEW = 4000
"""Up to so many records all are looked at; of more, a sample."""
SEED = 20_000
"""The same sample each time, so that figures move because the condition did."""
AT_MOST = (3.0, 4.75, 6.3)
"""Of what a sample has none, one or two of, it is only known (in 19 of 20 cases) that it stands for fewer than that."""
DEVIATIONS = 1.96
"""Of 19 samples in 20 the truth is no further away."""


@dataclass(frozen=True)
class About:
    """How many there are, None when that is not known. Not `exact`: judged by `drawn` of `out_of` numbers (ids), of
    which `seen` stand for records that meet the condition; and `at_most` when hardly any do."""

    number: int | None
    exact: bool
    at_most: bool = False
    seen: int = 0
    drawn: int = 0
    out_of: int = 0

    def __str__(self) -> str:
        if self.number is None:
            return "not counted yet"
        if self.exact:
            return f"{self.number:,}"
        return f"fewer than {rounded(self.number):,}" if self.at_most else f"about {rounded(self.number):,}"

    @property
    def between(self) -> tuple[int, int]:
        """Wilson's interval: in 19 of 20 cases the truth lies in it."""
        part, z2 = self.seen / self.drawn, DEVIATIONS**2
        middle = part + z2 / (2 * self.drawn)
        width = DEVIATIONS * sqrt(part * (1 - part) / self.drawn + z2 / (4 * self.drawn**2))
        low, high = ((middle + sign * width) / (1 + z2 / self.drawn) * self.out_of for sign in (-1, 1))
        return rounded(max(round(low), self.seen), 3), rounded(round(high), 3)

    def method(self, noun: str) -> str:
        """How it was found, in sentences. `noun`: of what there are so many ("leads")."""
        if self.exact:
            return f"Every one of the {noun} was asked, just now."
        if self.number is None:
            return f"Even a few of the {noun} take long to ask. The condition can be used all the same."
        looked = (
            f"{self.drawn:,} of {self.out_of:,} numbers were drawn evenly, the same ones each time, and the {noun} "
            f"with these numbers were asked: {self.seen:,} meet the condition."
        )
        if self.at_most:
            return f"{looked} So there are hardly more than {rounded(self.number):,}, with 95 % certainty."
        low, high = self.between
        return f"{looked} So there are between {low:,} and {high:,} with 95 % certainty."


UNKNOWN = About(None, False)


@dataclass(frozen=True)
class Sample:
    """Some of the rows, or all of them: those with the ids `drawn` out of `out_of`."""

    rows: QuerySet[Any]
    drawn: int = 1
    out_of: int = 1

    @property
    def whole(self) -> bool:
        return self.drawn == self.out_of

    def about(self, seen: int) -> About:
        """How many there are, when so many of the sample are met."""
        if self.whole:
            return About(seen, True)
        rare = seen < len(AT_MOST)
        number = round((AT_MOST[seen] if rare else seen) * self.out_of / self.drawn)
        return About(number, False, rare, seen, self.drawn, self.out_of)


def sample(rows: QuerySet[Any], wanted: int) -> Sample:
    """Rows by ids drawn evenly between the first and the last: deleted and foreign ones are gaps, and weigh nothing."""
    ends = rows.model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None or ends["last"] - ends["first"] < FEW:
        return Sample(rows)
    every = range(ends["first"], ends["last"] + 1)
    if len(every) <= wanted:
        return Sample(rows)
    ids = random.Random(SEED).sample(every, wanted)  # noqa: S311
    return Sample(rows.filter(pk__any_of=ids), wanted, len(every))


def rounded(number: int, digits: int = 2) -> int:
    """To so many digits."""
    tens: int = 10 ** max(len(str(number)) - digits, 0)
    return round(number / tens) * tens
