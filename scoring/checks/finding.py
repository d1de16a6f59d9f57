"""One thing that a check has to say about a scoring model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scoring.definition import GradeSpec, GroupSpec, RuleSpec
from scoring.models import Axis


class Severity(StrEnum):
    """An error keeps a model from going live; a warning is told, and does not."""

    ERROR = "error"
    WARNING = "warning"


class Part(StrEnum):
    """What of a model a finding is about, in the order in which they are told."""

    AUDIENCE = "audience"
    CONSENT = "consent"
    THRESHOLD = "threshold"
    GRADE = "grade"
    HALF_GRADE = "half_grade"
    GROUP = "group"
    RULES = "rules"
    RULE = "rule"


ORDER = list(Part)


@dataclass(frozen=True)
class Place:
    """Where a finding is: a part of the model, and what it is called. `position` is where it stands in the definition
    ("rules.3"), `rule_id` the rule's (0 for all else).
    """

    part: Part
    name: str
    position: str
    rule_id: int = 0


AUDIENCE = Place(Part.AUDIENCE, "Audience", "audience")
CONSENT = Place(Part.CONSENT, "Minimum consent", "minimum_consent")
THRESHOLD = Place(Part.THRESHOLD, "Threshold", "threshold")
RULES = Place(Part.RULES, "Rules", "rules")
GRADES = {Axis.SCORE: "grades", Axis.FIT: "fit_grades", Axis.ENGAGEMENT: "engagement_grades"}


def at_rule(index: int, rule: RuleSpec) -> Place:
    return Place(Part.RULE, rule.name, f"rules.{index}", rule.id)


def at_group(index: int, group: GroupSpec) -> Place:
    return Place(Part.GROUP, f"Group {group.name}", f"groups.{index}")


def at_grade(axis: Axis, index: int, grade: GradeSpec) -> Place:
    """`index` counts from the lowest grade."""
    of = "" if axis == Axis.SCORE else f" of {axis.value}"
    part = Part.GRADE if axis == Axis.SCORE else Part.HALF_GRADE
    return Place(part, f"Grade {grade.name}{of}", f"{GRADES[axis]}.{index}")


@dataclass(frozen=True)
class Finding:
    """`code` is stable. `sentence` says what is so, with the figures, `mend` what to do about it (a few words, for a
    link). `path` is the position in a condition, `field` what a form of the rule would show it at.
    """

    code: str
    severity: Severity
    place: Place
    sentence: str
    mend: str
    path: str = ""
    field: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def where(self) -> str:
        return self.place.name

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Errors first, then part by part, in the order of the definition."""
        index = self.place.position.rpartition(".")[2]
        return not self.is_error, ORDER.index(self.place.part), int(index) if index.isdecimal() else 0

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence} {self.mend}."


def error(code: str, place: Place, sentence: str, mend: str, *, path: str = "", field: str = "") -> Finding:
    return Finding(code, Severity.ERROR, place, sentence, mend, path, field)


def warning(code: str, place: Place, sentence: str, mend: str, *, field: str = "") -> Finding:
    return Finding(code, Severity.WARNING, place, sentence, mend, field=field)
