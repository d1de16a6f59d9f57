"""What a draft changes, said beside what is live: a sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from contacts.models import ConsentLevel
from leadcrm.lib.numbers import whole
from leads.conditions import Vocabulary
from scoring.definition import GradeSpec, GroupSpec, ModelSpec, RuleSpec
from scoring.models import Target
from scoring.words import group_in_words, in_words, rule_in_words


@dataclass(frozen=True)
class Difference:
    """One thing that differs: what, how it is live and how it is in the draft ("" where it is not at all)."""

    what: str
    live: str
    draft: str

    @property
    def kind(self) -> str:
        return "added" if not self.live else "removed" if not self.draft else "changed"


def differences(live: ModelSpec, draft: ModelSpec, vocabulary: Vocabulary) -> list[Difference]:
    """Everything in which `draft` differs from `live`; empty when leads would be scored the same."""
    whole_model = [
        Difference("Name", live.name, draft.name),
        Difference("Whose interactions count", Target(live.target).label, Target(draft.target).label),
        Difference(
            "Audience", *(in_words(one.audience, vocabulary, nothing="every open lead") for one in (live, draft))
        ),
        Difference("Minimum consent", *(ConsentLevel(one.minimum_consent).label for one in (live, draft))),
        Difference("Sales ready from", whole(live.threshold), whole(draft.threshold)),
        Difference("Grades", _grades(live.grades), _grades(draft.grades)),
        Difference("Grades of the fit", _grades(live.fit_grades), _grades(draft.fit_grades)),
        Difference("Grades of the engagement", _grades(live.engagement_grades), _grades(draft.engagement_grades)),
        Difference("Groups of rules", _groups(live.groups), _groups(draft.groups)),
    ]
    return [one for one in whole_model if one.live != one.draft] + _rules(live, draft, vocabulary)


def _grades(grades: tuple[GradeSpec, ...]) -> str:
    return ", ".join(f"{grade.name} from {whole(grade.from_score)}" for grade in reversed(grades)) or "none"


def _groups(groups: tuple[GroupSpec, ...]) -> str:
    return ", ".join(f"{group.name} ({group_in_words(group)})" for group in groups) or "none"


def _rules(live: ModelSpec, draft: ModelSpec, vocabulary: Vocabulary) -> list[Difference]:
    before = {rule.id: rule for rule in live.rules}
    now = {rule.id: rule for rule in draft.rules}

    def said(rule: RuleSpec | None) -> str:
        return f"{rule.name}: {rule_in_words(rule, vocabulary)}" if rule else ""

    ids = [*now, *(known for known in before if known not in now)]
    found = [
        Difference(f"Rule {(now.get(one) or before[one]).name}", said(before.get(one)), said(now.get(one)))
        for one in ids
        if before.get(one) != now.get(one)
    ]
    if not found and live.rules != draft.rules:
        found.append(Difference("Order of the rules", *(_order(one) for one in (live, draft))))
    return found


def _order(spec: ModelSpec) -> str:
    return ", ".join(rule.name for rule in spec.rules)
