"""A draft as its page shows it: each rule as a sentence, what is wrong, and how it differs from what is live."""

from __future__ import annotations

from dataclasses import dataclass

from leads.conditions import lead_vocabulary
from scoring.changes import Difference, differences
from scoring.definition import ModelSpec, freeze, spec_of
from scoring.editing import fingerprint
from scoring.lifecycle import problems_of
from scoring.models import Axis, Grade, ModelVersion, RescoreRun, Rule, ScoringModel, State
from scoring.words import in_words, rule_in_words


@dataclass(frozen=True)
class Line:
    """A rule in its place, counted from 0. `problems` keep the model from going live."""

    rule: Rule
    place: int
    words: str
    problems: list[str]


@dataclass(frozen=True)
class Check:
    """What keeps the model from going live: where, what, and the id on the page of where it can be mended."""

    where: str
    what: str
    anchor: str


@dataclass(frozen=True)
class Draft:
    """Everything a page says of a draft. `differences` is empty when nothing is live."""

    model: ScoringModel
    lines: list[Line]
    checks: list[Check]
    audience: str
    differences: list[Difference]
    seen: str

    @property
    def is_live(self) -> bool:
        return self.model.state == State.LIVE

    @property
    def grades(self) -> list[Grade]:
        """Of the whole score, the highest first."""
        return [grade for grade in self.model.grades.all() if grade.axis == Axis.SCORE][::-1]

    @property
    def halves(self) -> list[tuple[str, list[Grade]]]:
        """The grades of each half that has some, the highest first."""
        grades = {axis: [one for one in self.model.grades.all() if one.axis == axis] for axis in Axis}
        return [(axis.label, known[::-1]) for axis, known in grades.items() if known and axis != Axis.SCORE]

    @property
    def may_be_deleted(self) -> bool:
        return self.model.version_id is None and self.model.state == State.DRAFT


def draft_spec(model: ScoringModel) -> ModelSpec:
    """The draft as it would score."""
    return spec_of(ModelVersion(pk=model.version_id, model=model, definition=freeze(model)))


def draft_of(model: ScoringModel) -> Draft:
    """Eight queries or fewer, however many rules there are."""
    vocabulary = lead_vocabulary(scoring=True)
    rules = list(model.rules.all())
    found = problems_of(model)
    ids = {rule.name: f"rule-{rule.pk}" for rule in reversed(rules)}
    lines = [
        Line(rule, place, rule_in_words(rule, vocabulary), [what for where, what in found if where == rule.name])
        for place, rule in enumerate(rules)
    ]
    live = spec_of(model.version) if model.version and model.state == State.LIVE else None
    return Draft(
        model=model,
        lines=lines,
        checks=[Check(where, what, ids.get(where, "rules" if where == "Rules" else "around")) for where, what in found],
        audience=in_words(model.audience, vocabulary, nothing="every open lead"),
        differences=differences(live, draft_spec(model), vocabulary) if live else [],
        seen=fingerprint(freeze(model)),
    )


def run_of(model: ScoringModel) -> RescoreRun | None:
    """The unfinished run that scores every lead because of this model, if there is one."""
    return RescoreRun.objects.under_way().filter(model=model).order_by("-id").first()
