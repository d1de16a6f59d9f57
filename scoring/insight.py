"""What the scores of a model say about it: how they are spread, how many are ready, and what became of which score.

At a million scores one pass over them takes a moment, so figures may be a minute old (leadcrm/lib/lately.py). Two
statements serve every model and every figure: all scores by value, and those of closed leads, which keep the score they
closed with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from leadcrm.lib.lately import is_known, lately
from scoring.definition import ModelSpec
from scoring.models import LeadScore
from scoring.outcomes import CLOSED, Outcome, outcome_of

BINS = 24
STEPS = (1, 2, 5, 10, 20, 25, 50)
NAME = "score-spreads"
QUICK = 100_000
"""So many scores are counted in less than a tenth of a second."""
HOW_MANY = "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass"


@dataclass(frozen=True)
class Bin:
    """Scores from `low` up to and with `high`: how many open leads have one, and whether all of them are ready."""

    low: int
    high: int
    count: int
    ready: bool


@dataclass(frozen=True)
class Band:
    """Scores from `low` (None: without end) up to `high`; what is open there, and what became of those that closed."""

    name: str
    low: int | None
    high: int | None
    open: int
    won: int
    lost: int

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def share(self) -> int | None:
        """How many of a hundred closed leads were qualified; None when none closed."""
        return round(100 * self.won / self.closed) if self.closed else None


@dataclass(frozen=True)
class Spread:
    """Scores of one model, by value: how many leads are open, were won and lost (see outcomes.py)."""

    open: dict[int, int]
    won: dict[int, int]
    lost: dict[int, int]

    @cached_property
    def leads(self) -> int:
        return sum(self.open.values())

    @cached_property
    def mean(self) -> float:
        return sum(score * count for score, count in self.open.items()) / self.leads if self.leads else 0.0

    @cached_property
    def median(self) -> int | None:
        """The middle score of open leads; None when there are none."""
        seen = 0
        for score in sorted(self.open):
            seen += self.open[score]
            if seen * 2 >= self.leads:
                return score
        return None

    def ready(self, threshold: int) -> int:
        """How many open leads have reached the threshold."""
        return sum(count for score, count in self.open.items() if score >= threshold)


def spreads() -> dict[int, Spread]:
    """The scores of every model that has some, by its id; at most a minute old."""
    return lately(NAME, _spreads)


def is_quick() -> bool:
    """Whether `spreads` answers within a page's time: because it is known, or there are few scores (by statistics)."""
    if is_known(NAME):
        return True
    with connection.cursor() as cursor:
        cursor.execute(HOW_MANY, [LeadScore._meta.db_table])
        return int(cursor.fetchone()[0]) <= QUICK


def spread_of(model_id: int) -> Spread:
    return spreads().get(model_id, Spread({}, {}, {}))


def _spreads() -> dict[int, Spread]:
    found: dict[int, Spread] = {}

    def of(model_id: int) -> Spread:
        return found.setdefault(model_id, Spread({}, {}, {}))

    scores = LeadScore.objects.order_by().values_list("model_id", "score").annotate(number=Count("*"))
    for model_id, score, number in scores:
        of(model_id).open[score] = number
    there = ExpressionWrapper(Q(lead__deleted_at=None), output_field=BooleanField())
    closed = LeadScore.objects.filter(lead__status__in=CLOSED).order_by().annotate(there=there, came=outcome_of("lead"))
    outcomes = closed.values_list("model_id", "score", "came", "there").annotate(number=Count("*"))
    for model_id, score, came, is_there, number in outcomes:
        spread = of(model_id)
        spread.open[score] = spread.open.get(score, 0) - number  # all scores but those of closed leads are of open ones
        if is_there and came != Outcome.OPEN:
            (spread.won if came == Outcome.WON else spread.lost)[score] = number
    return found


def bins_of(spread: Spread, threshold: int) -> list[Bin]:
    """The open leads in bins of one round width, at most BINS of them, of which one begins at the threshold."""
    known = [score for score, count in spread.open.items() if count > 0]
    if not known:
        return []
    low, high = min(*known, threshold), max(*known, threshold)
    width = _width(high - low + 1)
    first = threshold - -(-(threshold - low) // width) * width
    counts: dict[int, int] = {}
    for score, count in spread.open.items():
        begin = first + (score - first) // width * width
        counts[begin] = counts.get(begin, 0) + max(0, count)
    begins = range(first, high + 1, width)
    return [Bin(begin, begin + width - 1, counts.get(begin, 0), begin >= threshold) for begin in begins]


def _width(span: int) -> int:
    """The smallest round number that needs no more than BINS of it."""
    scale = 1
    while True:
        for step in STEPS:
            if step * scale * (BINS - 1) >= span:
                return step * scale
        scale *= 100


def bands_of(spread: Spread, spec: ModelSpec) -> list[Band]:
    """What became of leads by grade, the highest first; by five spans of scores when the model has no grades."""
    edges = [(grade.name, grade.from_score) for grade in spec.grades] or _even_edges(spread, spec.threshold)
    bands, above = [], None
    for name, begin in edges:
        bands.append(_band(name, begin, above, spread))
        above = begin - 1
    below = _band("No grade" if spec.grades else "Below", None, above, spread)
    return [*bands, below] if below.open or below.closed else bands


def _even_edges(spread: Spread, threshold: int) -> list[tuple[str, int]]:
    step = max(1, threshold // 4)
    return [(f"From {threshold - step * number}", threshold - step * number) for number in range(5)]


def _band(name: str, low: int | None, high: int | None, spread: Spread) -> Band:
    def within(counts: dict[int, int]) -> int:
        return sum(_between(counts.items(), low, high))

    return Band(name, low, high, within(spread.open), within(spread.won), within(spread.lost))


def _between(counts: Iterable[tuple[int, int]], low: int | None, high: int | None) -> Iterable[int]:
    return (count for score, count in counts if (low is None or score >= low) and (high is None or score <= high))
