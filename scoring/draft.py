"""A draft as its page shows it: each rule as a sentence, what is wrong, and how it differs from what is live."""

from __future__ import annotations

from dataclasses import dataclass

from leads.conditions import lead_vocabulary
from scoring.changes import Difference, differences
from scoring.checks import Finding, findings_of, reach_in
from scoring.definition import draft_spec, freeze, spec_of
from scoring.editing import fingerprint
from scoring.models import Axis, Grade, RescoreRun, Rule, ScoringModel, State
from scoring.reach import Range
from scoring.words import in_words, rule_in_words


@dataclass(frozen=True)
class Line:
    """A rule in its place, counted from 0, with what checks found in it."""

    rule: Rule
    place: int
    words: str
    findings: list[Finding]


@dataclass(frozen=True)
class Draft:
    """All a page says of a draft. `differences` is empty when nothing is live, `reach` is what scores there can be."""

    model: ScoringModel
    lines: list[Line]
    findings: list[Finding]
    reach: Range
    audience: str
    differences: list[Difference]
    seen: str

    @property
    def is_live(self) -> bool:
        return self.model.state == State.LIVE

    @property
    def has_errors(self) -> bool:
        """Whether something keeps it from going live."""
        return any(finding.is_error for finding in self.findings)

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


def draft_of(model: ScoringModel) -> Draft:
    """As many queries however many rules there are, but for the names of records that conditions refer to."""
    vocabulary = lead_vocabulary(scoring=True)
    rules = list(model.rules.all())
    found, spec = findings_of(model, vocabulary), draft_spec(model)
    lines = [
        Line(rule, place, rule_in_words(rule, vocabulary), [one for one in found if one.place.rule_id == rule.pk])
        for place, rule in enumerate(rules)
    ]
    live = spec_of(model.version) if model.version and model.state == State.LIVE else None
    return Draft(
        model=model,
        lines=lines,
        findings=found,
        reach=reach_in(spec, vocabulary),
        audience=in_words(model.audience, vocabulary, nothing="every open lead"),
        differences=differences(live, spec, vocabulary) if live else [],
        seen=fingerprint(freeze(model)),
    )


def run_of(model: ScoringModel) -> RescoreRun | None:
    """The unfinished run that scores every lead because of this model, if there is one."""
    return RescoreRun.objects.under_way().filter(model=model).order_by("-id").first()
