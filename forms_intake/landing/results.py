"""What came of a page: visits and submissions day by day, and how the variants of a test compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, F, Min, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from forms_intake.landing.statistics import LEAST_CONVERTED, LEAST_VISITORS, LEVEL, Share, by_chance, enough, interval
from forms_intake.models import LandingPage, PageTest, PageVisits, Submission, SubmissionState
from leadcrm.lib.charts import every_day

DAYS = 30
NOT_REAL = (SubmissionState.SPAM, SubmissionState.DELETED)
"""What does not count as somebody who sent the form."""
FULL_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Days:
    """Visits and submissions of the last days, in order. `since`: the first day that visits were counted, if any."""

    visits: list[tuple[date, int]]
    submissions: list[tuple[date, int]]
    since: date | None

    @property
    def visited(self) -> int:
        return sum(number for _, number in self.visits)

    @property
    def submitted(self) -> int:
        return sum(number for _, number in self.submissions)

    @property
    def counted(self) -> int:
        """Submissions since visits are counted: what conversion is made of."""
        return sum(number for day, number in self.submissions if self.since and day >= self.since)

    @property
    def conversion(self) -> str:
        return percent(self.counted / self.visited) if self.visited else "–"

    @property
    def by_week(self) -> list[tuple[date, int, int]]:
        """The first day, visits and submissions of each whole week up to now."""
        pairs = list(zip(self.visits, self.submissions, strict=True))
        pairs = pairs[len(pairs) % 7 :]
        return [
            (week[0][0][0], sum(one[1] for one, _ in week), sum(other[1] for _, other in week))
            for week in (pairs[place : place + 7] for place in range(0, len(pairs), 7))
        ]


def percent(rate: float) -> str:
    return f"{100 * rate:.1f} %"


def real(page: LandingPage) -> QuerySet[Submission]:
    """What came through a page from people, as far as we know."""
    return Submission.objects.filter(page=page).exclude(state__in=NOT_REAL)


def days_of(page: LandingPage, *, days: int = DAYS) -> Days:
    """Three queries."""
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    seen = PageVisits.objects.filter(page=page, day__gte=first).order_by().values("day").annotate(number=Sum("visits"))
    since = PageVisits.objects.filter(page=page).order_by("day").values_list("day", flat=True).first()
    start = timezone.make_aware(datetime.combine(first, time.min))
    sent = real(page).filter(received_at__gte=start).order_by()
    sent_by_day = sent.values(day=TruncDate("received_at")).annotate(number=Count("pk"))
    return Days(
        every_day({row["day"]: row["number"] for row in seen}, days=days, until=today),
        every_day({row["day"]: row["number"] for row in sent_by_day}, days=days, until=today),
        since,
    )


@dataclass(frozen=True)
class Row:
    """One variant within a test. `chance`: how often so large a difference from the first comes by chance, corrected
    for how many are compared with it; None for the first, and before somebody saw both.
    """

    letter: str
    name: str
    share: Share
    low: float
    high: float
    chance: float | None
    lift: float | None

    @property
    def rate(self) -> str:
        return percent(self.share.rate) if self.share.of else "–"

    @property
    def between(self) -> str:
        return f"{percent(self.low)} to {percent(self.high)}" if self.share.of else "–"

    @property
    def lift_words(self) -> str:
        return f"{100 * self.lift:+.0f} %" if self.lift is not None else ""

    @property
    def chance_words(self) -> str:
        if self.chance is None:
            return ""
        return "less than 1 in 1,000" if self.chance < 0.001 else f"{100 * min(1.0, self.chance):.1f} in 100"


@dataclass(frozen=True)
class Verdict:
    """What can be said of a test now. `better`: the letter that may be chosen in good conscience; `tone` colours."""

    heading: str
    words: str
    better: str = ""
    tone: str = ""
    is_early: bool = False


@dataclass(frozen=True)
class Compared:
    test: PageTest
    rows: list[Row]
    verdict: Verdict
    lines: list[tuple[str, list[tuple[date, int, int]]]]
    """Visitors and people up to each day, by letter."""


def compare(test: PageTest, names: dict[str, str]) -> Compared:
    """How the variants of a test stand. Two queries."""
    visitors, people = _visitors(test), _people(test)
    shares = {letter: Share(_total(people, letter), _total(visitors, letter)) for letter in test.letters}
    first, *others = test.letters
    rows = []
    for letter in test.letters:
        share = shares[letter]
        low, high = interval(share)
        chance = lift = None
        if letter != first and shares[first].of and share.of:
            chance = min(1.0, by_chance(shares[first], share) * max(1, len(others)))
            lift = share.rate / shares[first].rate - 1 if shares[first].hits else None
        rows.append(Row(letter, names.get(letter, ""), share, low, high, chance, lift))
    until = timezone.localdate(test.ended_at) if test.ended_at else timezone.localdate()
    days = [
        timezone.localdate(test.started_at) + timedelta(days=n)
        for n in range((until - timezone.localdate(test.started_at)).days + 1)
    ]
    lines = [(letter, _running(days, visitors, people, letter)) for letter in test.letters]
    return Compared(test, rows, _verdict(test, rows), lines)


def _visitors(test: PageTest) -> dict[tuple[str, date], int]:
    seen = PageVisits.objects.filter(page=test.page_id, test=test.number).order_by().values("variant", "day")
    return {(row["variant"], row["day"]): row["number"] for row in seen.annotate(number=Sum("visitors"))}


def _people(test: PageTest) -> dict[tuple[str, date], int]:
    """Who sent the form, each once, on the day of the first time."""
    rows = real(test.page).filter(received_at__gte=test.started_at, variant__in=test.letters)
    if test.ended_at:
        rows = rows.filter(received_at__lte=test.ended_at)
    known: set[tuple[str, int]] = set()
    found: dict[tuple[str, date], int] = {}
    who = rows.order_by("received_at").values_list("variant", Coalesce("contact", -F("pk")), TruncDate("received_at"))
    for letter, person, day in who.iterator(chunk_size=5000):
        if (letter, person) not in known:
            known.add((letter, person))
            found[letter, day] = found.get((letter, day), 0) + 1
    return found


def _total(counts: dict[tuple[str, date], int], letter: str) -> int:
    return sum(number for (one, _), number in counts.items() if one == letter)


def _running(
    days: Iterable[date], visitors: dict[tuple[str, date], int], people: dict[tuple[str, date], int], letter: str
) -> list[tuple[date, int, int]]:
    of = hits = 0
    found = []
    for day in days:
        of, hits = of + visitors.get((letter, day), 0), hits + people.get((letter, day), 0)
        found.append((day, of, hits))
    return found


def _verdict(test: PageTest, rows: list[Row]) -> Verdict:
    first, others = rows[0], rows[1:]
    shares = [row.share for row in rows]
    if not enough(shares):
        words = (
            f"Nothing can be said before each variant had {LEAST_VISITORS} visitors, and {LEAST_CONVERTED} people sent "
            f"the form. So far the smallest had {min(one.of for one in shares):,}, and "
            f"{sum(one.hits for one in shares):,} sent it."
        )
        return Verdict("Not enough yet", words, is_early=True)
    clear = [row for row in others if row.chance is not None and row.chance < LEVEL]
    best = max(rows, key=lambda row: row.share.rate)
    left = max(0, test.planned - min(one.of for one in shares))
    is_short = timezone.now() - test.started_at < FULL_WEEK and test.ended_at is None
    if left or is_short:
        waits = f"{left:,} more visitors of each variant" if left else "a whole week, since weekdays differ"
        leaning = f"{_called(best)} is ahead" if best in clear or (best is first and clear) else "None is clearly ahead"
        words = (
            f"The test was planned for {test.planned:,} visitors of each variant, and waits for {waits}. Who looks "
            "every day and stops when it looks good is wrong far more often than 5 times in 100."
        )
        return Verdict(f"{leaning} so far: too early to choose", words, is_early=True)
    winning = [row for row in clear if row.share.rate > first.share.rate]
    if winning:
        won = max(winning, key=lambda row: row.share.rate)
        words = f"A difference from variant A as large as this comes by chance {won.chance_words} times."
        return Verdict(f"{_called(won)} converts better", words, won.letter, "good")
    if clear and len(clear) == len(others):
        return Verdict("Variant A converts better", "Every other is behind by more than chance explains.", "A", "good")
    words = (
        f"Had there been a difference of {test.difference:.0f} % or more, a test of this size would have found it 8 "
        "times in 10. Choose whichever you like better."
    )
    return Verdict("No difference that chance does not explain", words)


def _called(row: Row) -> str:
    return f"Variant {row.letter}" + (f", “{row.name}”," if row.name else "")


def lately_of(pages: Collection[int], *, days: int = DAYS) -> dict[int, tuple[int, int]]:
    """Visits of the last days, and submissions since they were counted, by page. Two queries."""
    first = timezone.localdate() - timedelta(days=days - 1)
    seen = PageVisits.objects.filter(page__in=pages, day__gte=first).order_by().values("page")
    visits = {
        row["page"]: (row["number"], row["since"]) for row in seen.annotate(number=Sum("visits"), since=Min("day"))
    }
    start = timezone.make_aware(datetime.combine(first, time.min))
    sent = Submission.objects.filter(page__in=visits, received_at__gte=start).exclude(state__in=NOT_REAL)
    by_day = sent.order_by().values("page", day=TruncDate("received_at")).annotate(number=Count("pk"))
    submitted: dict[int, int] = {}
    for row in by_day:
        if row["day"] >= visits[row["page"]][1]:
            submitted[row["page"]] = submitted.get(row["page"], 0) + row["number"]
    return {page: (number, submitted.get(page, 0)) for page, (number, _) in visits.items()}
