"""Groups of rules with a cap of their own, and grades for each half of the score: rows of a form."""

from __future__ import annotations

from typing import Any

from django import forms

from leadcrm.lib.seen_form import SeenForm
from scoring.models import Axis, Category, ScoringModel

SPARE = 2
MOST = 30
HALVES = {Axis.FIT: "fit", Axis.ENGAGEMENT: "engagement"}


class GroupsForm(SeenForm):
    """Existing groups keep their row, so that one can be renamed; an emptied name removes it."""

    def __init__(self, data: Any = None, *, model: ScoringModel) -> None:
        super().__init__(data)
        self.groups = self._rows("group")
        groups = list(model.groups.all())
        for number in range(max(len(groups), self.groups) + SPARE):
            self._add_group(number)
        self.groups = max(len(groups), self.groups) + SPARE
        for number, group in enumerate(groups):
            self.initial[f"group_{number}"] = group.name
            self.initial[f"category_{number}"] = group.category
            self.initial[f"most_{number}"] = group.cap
        self.grades: dict[Axis, int] = {}
        for axis, word in HALVES.items():
            known = [grade for grade in model.grades.all() if grade.axis == axis]
            self.grades[axis] = max(len(known), self._rows(word)) + SPARE
            for number in range(self.grades[axis]):
                self._add_grade(word, number)
            for number, grade in enumerate(known):
                self.initial[f"{word}_{number}"] = grade.name
                self.initial[f"{word}_from_{number}"] = grade.from_score
        self.remember()

    def _rows(self, word: str) -> int:
        return max((number + 1 for number in range(MOST) if self.data.get(f"{word}_{number}")), default=0)

    def _add_group(self, number: int) -> None:
        said = f"Group {number + 1}"
        self.fields[f"group_{number}"] = forms.CharField(required=False, max_length=60, label=f"{said}, name")
        self.fields[f"category_{number}"] = forms.ChoiceField(
            required=False, choices=Category.choices, label=f"{said}, half", initial=Category.ENGAGEMENT
        )
        self.initial[f"category_{number}"] = Category.ENGAGEMENT
        self.fields[f"most_{number}"] = forms.IntegerField(
            required=False, min_value=1, max_value=1_000_000, label=f"{said}, points at most"
        )

    def _add_grade(self, word: str, number: int) -> None:
        said = f"Grade {number + 1} of the {word}"
        self.fields[f"{word}_{number}"] = forms.CharField(required=False, max_length=30, label=f"{said}, name")
        self.fields[f"{word}_from_{number}"] = forms.IntegerField(required=False, label=f"{said}, from")

    @property
    def group_rows(self) -> list[tuple[forms.BoundField, ...]]:
        return [
            (self[f"group_{number}"], self[f"category_{number}"], self[f"most_{number}"])
            for number in range(self.groups)
        ]

    @property
    def halves(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """For each half its name, and its grades as rows."""
        return [
            (axis.label, [(self[f"{word}_{n}"], self[f"{word}_from_{n}"]) for n in range(self.grades[axis])])
            for axis, word in HALVES.items()
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        groups: list[tuple[str, str, int | None] | None] = []
        for number in range(self.groups):
            name = found.get(f"group_{number}") or ""
            if name and any(group and group[0] == name for group in groups):
                self.add_error(f"group_{number}", "Two groups have this name.")
            category, most = found.get(f"category_{number}") or Category.ENGAGEMENT, found.get(f"most_{number}")
            groups.append((name, category, most) if name else None)
        grades = {axis: self._grades(found, word, self.grades[axis]) for axis, word in HALVES.items()}
        return {**found, "groups": groups, "grades": grades}

    def _grades(self, found: dict[str, Any], word: str, rows: int) -> list[tuple[str, int]]:
        grades: list[tuple[str, int]] = []
        for number in range(rows):
            name, begins = found.get(f"{word}_{number}") or "", found.get(f"{word}_from_{number}")
            if not name and begins is None:
                continue
            if not name or begins is None:
                self.add_error(f"{word}_{number}", "A grade has a name and a score it begins at.")
            elif any(name == other or begins == score for other, score in grades):
                self.add_error(f"{word}_{number}", "Two grades have this name or begin at this score.")
            else:
                grades.append((name, begins))
        return grades
