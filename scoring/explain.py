"""Why a score is what it is, from what was stored with it. The parts add up to the score by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from contacts.models import InteractionType
from leads.conditions import Vocabulary, lead_vocabulary
from scoring.caps import known_cuts, left_by_rules
from scoring.definition import CutKind, CutSpec, ModelSpec, RuleSpec, spec_of
from scoring.missing import Way, condition_words, falls_short_at, ways_to_ready
from scoring.models import Counting, Decay, LeadScore, ModelVersion, ScoreChange
from scoring.words import SCOPES

HISTORY_DRAWN = 300
"""How many changes of a score are drawn: a chart has no room for more."""


@dataclass(frozen=True)
class Part:
    """One line of an explanation: a rule, what it gave, how often what it counts happened, and that in words.

    Or a cap and what it took (`is_cut`; then `rule_id` is that of its rule, 0 for the cap of a group).
    """

    rule_id: int
    name: str
    points: int
    count: int
    words: str
    is_cut: bool = False


@dataclass(frozen=True)
class ModelExplanation:
    """A score in one model. `parts` add up to it, the largest first, each followed by what its caps took; `others` are
    the rules that gave nothing. `matrix` ("" without one) says `fit` and `engagement`, the halves of the score.

    `ways` are what would bring it nearer to the threshold; `most` is what its rules can ever give this lead, when that
    is below the threshold (None: it can be reached). `history` is (moment, score), oldest first, ending with the
    present score; the latest few hundred changes.
    """

    model_id: int
    name: str
    score: int
    grade: str
    threshold: int
    reached: bool
    computed_at: datetime
    next_change_at: datetime | None
    parts: list[Part]
    others: list[Part]
    ways: list[Way]
    most: int | None = None
    history: list[tuple[datetime, int]] = field(default_factory=list)
    fit: int | None = None
    engagement: int | None = None
    matrix: str = ""
    stopped_at: datetime | None = None

    @property
    def has_halves(self) -> bool:
        """Whether both halves gave anything: else the one is the score."""
        return bool(self.matrix or (self.fit and self.engagement))

    @property
    def lacking(self) -> int:
        """Points from the score to the threshold; 0 or less when it is reached."""
        return self.threshold - self.score


def explain(lead_id: int) -> list[ModelExplanation]:
    """One explanation a model that scores this lead, the one that `Lead.score` comes from first."""
    scores = LeadScore.objects.filter(lead_id=lead_id).select_related("version", "model", "lead")
    history: dict[int, list[tuple[datetime, int]]] = {}
    latest = ScoreChange.objects.filter(lead_id=lead_id).order_by("-changed_at", "-id")[:HISTORY_DRAWN]
    for model_id, changed_at, value in reversed(latest.values_list("model_id", "changed_at", "score")):
        history.setdefault(model_id, []).append((changed_at, value))
    vocabulary = lead_vocabulary(scoring=True)
    explanations = []
    for score in scores:
        spec = spec_of(score.version)
        parts = parts_of(spec, score.points, score.counts, vocabulary, cuts=score.cuts)
        explanations.append(
            ModelExplanation(
                model_id=spec.model_id,
                name=spec.name,
                score=score.score,
                grade=score.grade,
                threshold=spec.threshold,
                reached=score.reached,
                computed_at=score.computed_at,
                next_change_at=_next_change(score),
                parts=[part for part in parts if part.points],
                others=[part for part in parts if not part.points and not part.is_cut],
                ways=ways_to_ready(spec, score.points, score.counts, vocabulary, cuts=score.cuts),
                most=falls_short_at(spec, score.points, score.counts, cuts=score.cuts),
                history=history.get(spec.model_id, []),
                fit=score.fit,
                engagement=score.engagement,
                matrix=score.matrix,
                stopped_at=score.model.stopped_at if score.model.keeps_scores else None,
            )
        )
    return sorted(explanations, key=lambda one: (one.stopped_at is not None, one.threshold - one.score, one.model_id))


def _next_change(score: LeadScore) -> datetime | None:
    """When time alone may change it: what happened to the contact grows old, or the days turn that conditions name."""
    if not score.lead.is_open or score.model.keeps_scores:
        return None
    return min(filter(None, (score.next_change_at, score.model.conditions_change_at)), default=None)


def parts_of(
    spec: ModelSpec,
    points: Sequence[int],
    counts: Sequence[int],
    vocabulary: Vocabulary | None = None,
    *,
    cuts: Sequence[int] = (),
) -> list[Part]:
    """Every rule of `spec` with what it gave, the largest first, each followed by what its caps took, and last what
    those of groups took: the score, line by line. With a vocabulary, conditions in words.
    """
    taken = cut_parts(spec, cuts)
    left = left_by_rules(spec, points, cuts)
    lines: list[Part] = []
    for place in sorted(range(len(spec.rules)), key=lambda place: -abs(left[place])):
        rule, times = spec.rules[place], counts[place]
        lines.append(Part(rule.id, rule.name, points[place], times, words_of(rule, times, vocabulary)))
        lines += [part for cut, part in taken if cut.kind != CutKind.GROUP and cut.place == place]
    return lines + [part for cut, part in taken if cut.kind == CutKind.GROUP]


def cut_parts(spec: ModelSpec, cuts: Sequence[int]) -> list[tuple[CutSpec, Part]]:
    """The caps of `spec`, each with its line of an explanation."""
    found = []
    for cut, took in zip(spec.cuts, known_cuts(spec, cuts), strict=True):
        rule_id = 0 if cut.kind == CutKind.GROUP else spec.rules[cut.place].id
        found.append((cut, Part(rule_id, cut_name(spec, cut), took, 0, "cap", is_cut=True)))
    return found


def cut_name(spec: ModelSpec, cut: CutSpec) -> str:
    """Such as "Visits: at most 20 a day"."""
    whose = spec.groups[cut.place].name if cut.kind == CutKind.GROUP else spec.rules[cut.place].name
    return f"{whose}: at most {cut.limit}{' a day' if cut.kind == CutKind.DAY else ''}"


def reasons_of(spec: ModelSpec, score: LeadScore) -> list[Part]:
    """The rules that gave points, the largest first, each with what its own caps left of them."""
    left = left_by_rules(spec, score.points, score.cuts)
    parts = [
        Part(rule.id, rule.name, given, times, words_of(rule, times))
        for rule, given, times in zip(spec.rules, left, score.counts, strict=True)
        if given
    ]
    return sorted(parts, key=lambda part: -abs(part.points))


def words_of(rule: RuleSpec, times: int, vocabulary: Vocabulary | None = None) -> str:
    """What the rule looked at, in a few words: "visited a page, 3 times (5 needed), last 7 days". With a vocabulary,
    also when that counts.
    """
    if not rule.is_behaviour:
        return (condition_words(rule, vocabulary) if vocabulary else "") or "profile"
    what = InteractionType(rule.interaction_type).label.lower()
    if rule.subject_contains:
        what += f" “{rule.subject_contains}”"
    if rule.counting == Counting.NONE:
        often = "never" if times == 0 else f"{times} times"
    else:
        often = {0: "never", 1: "once", 2: "twice"}.get(times, f"{times} times")
    if rule.counting == Counting.AT_LEAST and rule.at_least > 1:
        often += f" ({rule.at_least} needed)"
    window = f"last {rule.window_days} days" if rule.window_days else ""
    condition = condition_words(rule, vocabulary) if vocabulary and rule.condition else ""
    when = f"when {condition}" if condition else ""
    return ", ".join(word for word in (what, often, window, fading_of(rule), SCOPES[rule.scope], when) if word)


def fading_of(rule: RuleSpec) -> str:
    """How its points fade, in a few words; "" when they do not."""
    if rule.decay == Decay.LINEAR:
        return "fading evenly"
    return f"halved every {rule.half_life_days} days" if rule.decay == Decay.HALF_LIFE else ""


def leading_scores(lead_ids: Sequence[int]) -> dict[int, tuple[LeadScore, ModelSpec]]:
    """For each lead the score that `Lead.score` comes from, and the model that gave it. Two queries for any list."""
    scores = LeadScore.objects.filter(lead__id__any_of=lead_ids).select_related("model")
    specs = {version.pk: spec_of(version) for version in ModelVersion.objects.filter(pk__in=scores.values("version"))}
    leading: dict[int, tuple[LeadScore, ModelSpec]] = {}
    for score in scores.order_by("lead_id", "model__keeps_scores", "model_id"):
        spec = specs[score.version_id]
        known = leading.get(score.lead_id)
        if known and score.model.keeps_scores and not known[0].model.keeps_scores:
            continue
        if known is None or score.score - spec.threshold > known[0].score - known[1].threshold:
            leading[score.lead_id] = (score, spec)
    return leading


def top_reasons(lead_ids: Sequence[int], limit: int = 3) -> dict[int, list[Part]]:
    """For each lead the rules that speak loudest for its `Lead.score`, at most `limit`. Two queries for any list."""
    return {lead_id: reasons_of(spec, score)[:limit] for lead_id, (score, spec) in leading_scores(lead_ids).items()}


def sparklines(lead_ids: Sequence[int], points: int = 12) -> dict[int, list[int]]:
    """For each lead the last values of the score that `Lead.score` comes from, oldest first, at most `points`."""
    leading = leading_scores(lead_ids)
    latest = Window(
        RowNumber(), partition_by=[F("lead_id"), F("model_id")], order_by=[F("changed_at").desc(), F("id").desc()]
    )
    changes = ScoreChange.objects.filter(lead__id__any_of=lead_ids).annotate(place=latest).filter(place__lte=points)
    lines: dict[int, list[int]] = {}
    for change in changes.order_by("lead_id", "changed_at", "id"):
        if change.lead_id in leading and leading[change.lead_id][0].model_id == change.model_id:
            lines.setdefault(change.lead_id, []).append(change.score)
    return lines
