"""What a rehearsal found, as its page shows it: figures, curves and tables, read from its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from contacts.models import ConsentLevel
from leads.conditions import fields_in, lead_vocabulary
from scoring.definition import ModelSpec, parse_or_none
from scoring.insight import Spread, bins_of
from scoring.models import Scope, Target
from scoring.rehearsal import curves
from scoring.rehearsal.curves import AtThreshold
from scoring.rehearsal.models import Rehearsal
from scoring.rehearsal.now import Standing
from scoring.rehearsal.outlook import Outlook
from scoring.rehearsal.run import specs_of
from scoring.rehearsal.suggest import Suggestion, from_json
from scoring.rehearsal.tally import Tally

LEAST_KNOWN = 20
"""With fewer won or fewer lost leads no curve is drawn: it would show chance."""
FEW_KNOWN = 100
"""With fewer of either it is drawn, with a warning."""
STEPS = 8
DRAFTS, SUGGESTED = "threshold of the draft", "suggested"
TIMELESS = {"created_at", "contact.created_at"}
"""Fields that never change, so that today's value was the value of then."""
OF_SCOPE = {Scope.CAMPAIGN: "campaign", Scope.PRODUCT: "product", Scope.CONTEXT: "marketing_context"}
"""What a rule reads of the lead to know which interactions count."""


@dataclass(frozen=True)
class Judged:
    """How one model's scores fit the known outcomes."""

    known: Tally

    @cached_property
    def rows(self) -> list[tuple[int, ...]]:
        return self.known.rows()

    @property
    def lost(self) -> int:
        return self.known.total(0)

    @property
    def won(self) -> int:
        return self.known.total(1)

    @cached_property
    def area(self) -> float | None:
        return curves.auc(self.rows)

    @cached_property
    def between(self) -> tuple[float, float] | None:
        return curves.auc_range(self.rows)

    @cached_property
    def best(self) -> AtThreshold | None:
        return curves.best_threshold(self.rows)

    @property
    def is_enough(self) -> bool:
        return min(self.lost, self.won) >= LEAST_KNOWN

    @property
    def is_little(self) -> bool:
        return min(self.lost, self.won) < FEW_KNOWN


@dataclass(frozen=True)
class Row:
    """A line of the table of thresholds. `names` say what the threshold is."""

    at: AtThreshold
    names: list[str]

    @property
    def is_chosen(self) -> bool:
        """Whether it is one that is or could be the model's; grades are no such choice."""
        return DRAFTS in self.names or SUGGESTED in self.names


@dataclass(frozen=True)
class Report:
    """A rehearsal that is done. `live` is None when there was no live version to compare with."""

    rehearsal: Rehearsal

    @cached_property
    def specs(self) -> list[ModelSpec]:
        return specs_of(self.rehearsal)

    @property
    def spec(self) -> ModelSpec:
        return self.specs[0]

    @property
    def live(self) -> ModelSpec | None:
        return self.specs[1] if len(self.specs) > 1 else None

    @property
    def found(self) -> dict[str, Any]:
        result: dict[str, Any] = self.rehearsal.result
        return result

    @cached_property
    def now(self) -> Standing:
        return Standing.from_json(self.found["now"])

    @cached_property
    def live_now(self) -> Standing:
        return Standing.from_json(self.found["live_now"])

    @cached_property
    def judged(self) -> Judged:
        return Judged(Tally.from_json(self.found["known"]))

    @cached_property
    def live_judged(self) -> Judged | None:
        return Judged(Tally.from_json(self.found["live_known"])) if self.live else None

    @cached_property
    def outlook(self) -> Outlook:
        return Outlook.from_json(self.found["outlook"])

    @property
    def unscored(self) -> int:
        """Closed leads that the model would not have scored: outside its audience, or with too little consent."""
        return int(self.found["closed"]) - self.judged.lost - self.judged.won

    @property
    def suggestion(self) -> Suggestion | None:
        kept = self.found["suggestion"]
        return from_json(kept) if kept else None

    def bins(self) -> tuple[int, list[tuple[int, int, int]]]:
        """(width, (lowest score, leads in what was rehearsed, leads in the live version) of each bin)."""
        both = _by_score(self.now.scores), _by_score(self.live_now.scores)
        merged = {score: both[0].get(score, 0) + both[1].get(score, 0) for score in {*both[0], *both[1]}}
        bins = bins_of(Spread(merged, {}, {}), self.spec.threshold)
        if not bins:
            return 1, []
        first, width = bins[0].low, bins[0].high - bins[0].low + 1
        counted = [[0, 0] for _ in bins]
        for kind, counts in enumerate(both):
            for score, count in counts.items():
                counted[(score - first) // width][kind] += count
        return width, [(one.low, now, live) for one, (now, live) in zip(bins, counted, strict=True)]

    def grades(self) -> list[tuple[str, int, int]]:
        """(grade, leads in what was rehearsed, leads in the live version), the highest first."""
        names = [grade.name for grade in self.spec.grades]
        names += [grade.name for grade in (self.live.grades if self.live else ()) if grade.name not in names]
        if self.now.grades.get("") or self.live_now.grades.get(""):
            names.append("")
        return [(name or "No grade", self.now.grades.get(name, 0), self.live_now.grades.get(name, 0)) for name in names]

    def thresholds(self) -> list[Row]:
        """Some thresholds, the highest first: those with a name, and others spread over the leads."""
        named: dict[int, list[str]] = {self.spec.threshold: [DRAFTS]}
        if self.judged.best is not None:
            named.setdefault(self.judged.best.threshold, []).append(SUGGESTED)
        for grade in self.spec.grades:
            named.setdefault(grade.from_score, []).append(f"grade {grade.name}")
        for score in _spread_over(self.judged.rows, STEPS):
            named.setdefault(score, [])
        rows = [Row(curves.at(self.judged.rows, score), names) for score, names in sorted(named.items(), reverse=True)]
        told = {row.at.taken for row in rows if row.names}
        return [row for row in rows if row.names or (row.at.taken and row.at.taken not in told)]

    def undated(self) -> list[str]:
        """What the model reads that has no history: the page says that it is read as it is today."""
        vocabulary = lead_vocabulary(scoring=True)
        labels: dict[str, None] = {}
        for tree in (self.spec.audience, *(rule.condition for rule in self.spec.rules)):
            node = parse_or_none(tree, vocabulary) if tree else None
            for name in sorted(fields_in(node) - TIMELESS) if node is not None else ():
                labels[vocabulary.fields[name].label] = None
        for name in dict.fromkeys(OF_SCOPE[rule.scope] for rule in self.spec.rules if rule.scope in OF_SCOPE):
            labels[vocabulary.fields[name].label] = None
        if self.spec.minimum_consent > ConsentLevel.NONE:
            labels["contact's consent"] = None
        if self.spec.target == Target.ACCOUNT:
            labels["which contacts the account has"] = None
        return list(labels)


def _by_score(tally: Tally) -> dict[int, int]:
    return {row[0]: row[1] for row in tally.rows()}


def _spread_over(rows: Sequence[tuple[int, ...]], parts: int) -> list[int]:
    """Scores that part the leads into about as many even parts."""
    total, seen = sum(lost + won for _, lost, won in rows), 0
    found: list[int] = []
    for score, lost, won in rows:
        if seen * parts // (total or 1) >= len(found):
            found.append(score)
        seen += lost + won
    return found
