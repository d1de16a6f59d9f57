"""Answers that a field offers and its target does not take: visitors would be refused, and could mend nothing."""

from __future__ import annotations

from dataclasses import replace

from forms_intake.models import FieldType
from forms_intake.spec.shape import FieldSpec
from forms_intake.validation import check_field

ALIKE = {
    FieldType.YES_NO: ("Yes", "yes"),
    FieldType.CONSENT: ("Yes", "yes"),
    FieldType.DATE: ("a date", "2026-03-31"),
    FieldType.DATE_TIME: ("a date and time", "2026-03-31 14:30"),
}
"""Types whose answers are all of one kind: what that is called, and one of them."""
OFFERING = (FieldType.CHOICE, FieldType.MULTI_CHOICE)
MENDABLE: dict[str, tuple[str, ...]] = {
    "contact.email": (FieldType.EMAIL,),
    "account.domain": (FieldType.URL, FieldType.TEXT),
    "account.employees": (FieldType.WHOLE,),
}
"""Types that people type in, and that a target which does not take every text asks for: whoever is refused sees why."""


def refused_by(spec: FieldSpec) -> tuple[list[str], str]:
    """Which of the answers that a field offers are refused, and what a visitor then reads of the first.

    The door itself is asked, so that no target, custom field or limit can be forgotten here.
    """
    if spec.type in ALIKE:
        name, answer = ALIKE[FieldType(spec.type)]
        offered, spec = {name: answer}, replace(spec, pattern="")
    else:
        offered = {choice: choice for choice in spec.choices} if spec.type in OFFERING else {}
    problems = {name: check_field(spec, [answer])[1] for name, answer in offered.items()}
    refused = [name for name, problem in problems.items() if problem]
    return refused, problems[refused[0]] if refused else ""


def may_be_refused(spec: FieldSpec) -> bool:
    """Whether visitors may give answers that what it fills does not take, beside those that it offers one by one."""
    if spec.target is None or not spec.target.is_strict:
        return False
    if spec.type in (FieldType.HIDDEN, FieldType.CHOICE, *ALIKE):
        return False
    return spec.type not in MENDABLE.get(f"{spec.target.record}.{spec.target.name}", ())
