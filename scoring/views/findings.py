"""What checks found, with the addresses of where each thing stands and where it is edited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from scoring.checks import Finding, Part

ANCHORS = {Part.RULES: "rules", Part.GROUP: "groups", Part.HALF_GRADE: "groups"}
"""The ids on the draft's page; all else stands under "around"."""
EDITORS = {Part.RULES: "scoring:rule_new", Part.GROUP: "scoring:groups", Part.HALF_GRADE: "scoring:groups"}


@dataclass(frozen=True)
class Told:
    """A finding as a page tells it: `place_url` is where it stands on the draft's page, `edit_url` its form."""

    finding: Finding
    place_url: str
    edit_url: str


def told(model_id: int, findings: Iterable[Finding]) -> list[Told]:
    """The findings of a draft, in the same order."""
    draft = reverse("scoring:builder", args=[model_id])
    found = []
    for finding in findings:
        part, rule_id = finding.place.part, finding.place.rule_id
        anchor = f"rule-{rule_id}" if rule_id else ANCHORS.get(part, "around")
        if rule_id:
            edit_url = reverse("scoring:rule", args=[model_id, rule_id])
        else:
            edit_url = reverse(EDITORS.get(part, "scoring:around"), args=[model_id])
        found.append(Told(finding, f"{draft}#{anchor}", edit_url))
    return found
