"""Integer points for each rule, from what became of leads, with the evidence. A person accepts or edits them.

The weights are those of a logistic regression. They are scaled so that the model's threshold lies where the leads we
know are separated best (the largest Youden's J); where that would make points too coarse or too large to read, points
keep a readable size instead and another threshold is said to go with them.

Where the cap of a group takes points, its rules are weighed by what it leaves them. How much that is depends on the
points, so they are suggested again from those that were found, as long as that tells better; threshold and AUC are
those of the scores that the engine would give, under all caps.

A rule keeps the sign a person gave it: where the outcomes speak against it, 0 is proposed and why is said. So it is
where too few leads met a rule, or all but a few, to say anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from scoring.definition import POINTS_LIMIT, ModelSpec, RuleSpec
from scoring.rehearsal.curves import CERTAINTY, auc, best_threshold
from scoring.rehearsal.extra import regression
from scoring.rehearsal.grouped import Capped, capped_groups, is_cut, left_by_groups, score_of, whole
from scoring.rehearsal.tally import Tally

LEAST_LEADS = 10
"""A rule that fewer of the known leads met, or fewer did not, has no evidence."""
LEAST_OF_EACH = 50
"""With fewer won or fewer lost leads nothing is suggested."""
ROUNDS = 4
SEED = 20_260
FINE = 1_000
"""Log-odds are counted in thousandths where a whole number is needed."""
LEAST_SIZE, MOST_SIZE = 20, 2.0
"""The largest points of a suggestion are at least so large, and at most so many thresholds."""


@dataclass(frozen=True)
class Proposal:
    """What the outcomes say of one rule. `low` and `high`: between what points it lies with 95 % certainty.

    `met` leads met it, of whom `met_won` were won; of `others`, `others_won`. `weight` is in log-odds. `reason` says
    why it is 0 or uncertain, "" when there is nothing to say. Of `capped` of those that met it the cap of its `group`
    takes points, if all proposals are taken.
    """

    rule_id: int
    name: str
    now: int
    proposed: int
    low: int
    high: int
    met: int
    met_won: int
    others: int
    others_won: int
    weight: float
    reason: str
    group: str = ""
    capped: int = 0

    @property
    def has_evidence(self) -> bool:
        return self.weight != 0


@dataclass(frozen=True)
class Suggestion:
    """Proposals in the order of the rules. `threshold` goes with them (None: they separate nothing); `area` is the
    AUC of the integer points on the leads they come from, `held_out` that on leads the weights were not fitted to.
    """

    proposals: tuple[Proposal, ...]
    threshold: int | None
    area: float | None
    held_out: float | None
    leads: int
    won: int


def suggest(spec: ModelSpec, inputs: Sequence[Sequence[float]], won: Sequence[bool]) -> Suggestion:
    """Points for the rules of `spec`. `inputs[i][j]`: how many times its points rule j gives lead i under caps of its
    own (see inputs.py).

    Raises ExtraMissing.
    """
    groups = capped_groups(spec)
    found = _suggest(spec, inputs, [rule.points for rule in spec.rules], won, groups)
    for _ in range(ROUNDS if groups else 0):
        again = _suggest(spec, inputs, [one.proposed for one in found.proposals], won, groups)
        if (again.area or 0) <= (found.area or 0):
            break
        found = again
    return found


def _suggest(
    spec: ModelSpec,
    given: Sequence[Sequence[float]],
    points: Sequence[int],
    won: Sequence[bool],
    groups: Sequence[Capped],
) -> Suggestion:
    """The suggestion that follows when the caps of groups take what they take of `points`."""
    inputs = [left_by_groups(row, points, groups) for row in given] if groups else given
    signs = [(rule.points > 0) - (rule.points < 0) for rule in spec.rules]
    told = [j for j in range(len(spec.rules)) if _tells(sum(1 for row in inputs if row[j]), len(inputs))]
    columns = [[row[j] for j in told] for row in inputs]
    kept_signs = [signs[j] for j in told]
    fit = regression("fit")(columns, won, signs=kept_signs)
    odds = [sum(weight * value for weight, value in zip(fit.weights, row, strict=True)) for row in columns]
    scale = _scale(spec, fit.weights, odds, won)
    proposals = []
    for j, rule in enumerate(spec.rules):
        place = told.index(j) if j in told else None
        proposals.append(_proposal(rule, [row[j] for row in inputs], won, fit, place, scale))
    proposed = [one.proposed for one in proposals]
    scored = Tally(kinds=2)
    for row, is_won in zip(given, won, strict=True):
        scored.add(score_of(row, proposed, groups), int(is_won))
    for group in groups:
        cut = [row for row in given if is_cut(row, proposed, group)]
        for j in group.places:
            proposals[j] = replace(proposals[j], group=group.name, capped=sum(1 for row in cut if row[j]))
    best = best_threshold(scored.rows())
    judged = regression("held_out")(columns, won, signs=kept_signs, seed=SEED)
    return Suggestion(
        proposals=tuple(proposals),
        threshold=best.threshold if best else None,
        area=auc(scored.rows()),
        held_out=mean_area(judged, won),
        leads=len(won),
        won=sum(won),
    )


def mean_area(judged: Sequence[tuple[int, float]], won: Sequence[bool]) -> float | None:
    """The AUC of each fold, on the average: odds of different fits do not compare."""
    folds: dict[int, Tally] = {}
    for (fold, odds), is_won in zip(judged, won, strict=True):
        folds.setdefault(fold, Tally(kinds=2)).add(whole(odds * FINE), int(is_won))
    areas = [area for tally in folds.values() if (area := auc(tally.rows())) is not None]
    return sum(areas) / len(areas) if areas else None


def as_json(suggestion: Suggestion) -> dict[str, Any]:
    return {**vars(suggestion), "proposals": [vars(one) for one in suggestion.proposals]}


def from_json(data: dict[str, Any]) -> Suggestion:
    return Suggestion(**{**data, "proposals": tuple(Proposal(**one) for one in data["proposals"])})


def _tells(met: int, leads: int) -> bool:
    return LEAST_LEADS <= met <= leads - LEAST_LEADS


def _scale(spec: ModelSpec, weights: Sequence[float], odds: Sequence[float], won: Sequence[bool]) -> float:
    """Points for each unit of log-odds."""
    largest = max((abs(weight) for weight in weights), default=0.0)
    if not largest:
        return 0.0
    known = Tally(kinds=2)
    for value, is_won in zip(odds, won, strict=True):
        known.add(whole(value * FINE), int(is_won))
    best = best_threshold(known.rows())
    cut = best.threshold / FINE if best else 0.0
    now = max((abs(rule.points) for rule in spec.rules), default=0)
    wanted = spec.threshold / cut if cut > 0 and spec.threshold > 0 else now / largest
    most = min(MOST_SIZE * max(abs(spec.threshold), now, LEAST_SIZE), POINTS_LIMIT)
    return min(max(wanted, LEAST_SIZE / largest), most / largest)


def _proposal(
    rule: RuleSpec, times: Sequence[float], won: Sequence[bool], fit: Any, place: int | None, scale: float
) -> Proposal:
    met = sum(1 for value in times if value)
    met_won = sum(1 for value, is_won in zip(times, won, strict=True) if value and is_won)
    weight = fit.weights[place] if place is not None else 0.0
    off = CERTAINTY * fit.errors[place] if place is not None else 0.0
    proposed = whole(weight * scale)
    low, high = whole((weight - off) * scale), whole((weight + off) * scale)
    if place is None:
        reason = _no_evidence(met, len(times))
    elif not fit.kept[place]:
        reason = f"The outcomes speak against its sign: {whole(fit.against[place] * scale):+d} would fit them"
    elif not proposed:
        reason = "It makes no difference that is worth a point"
    elif low <= 0 <= high:
        reason = "It may be chance"
    else:
        reason = ""
    return Proposal(
        rule_id=rule.id,
        name=rule.name,
        now=rule.points,
        proposed=proposed,
        low=low,
        high=high,
        met=met,
        met_won=met_won,
        others=len(times) - met,
        others_won=sum(won) - met_won,
        weight=weight,
        reason=reason,
    )


def _no_evidence(met: int, leads: int) -> str:
    if not met:
        return "None of these leads met it, so they say nothing about it"
    if met == leads:
        return "All of these leads met it, so they say nothing about it"
    few, verb = (met, "met") if met < leads - met else (leads - met, "did not meet")
    return f"Only {few} {'lead' if few == 1 else 'leads'} {verb} it: too few to say anything"
