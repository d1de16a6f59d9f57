"""What a form offers and what it fills does not take is told before anybody meets it."""

from __future__ import annotations

from typing import Any

import pytest

from forms_intake.building.checks import findings_of
from forms_intake.models import FieldType, FormField
from tests.build import a_custom_field, a_form

pytestmark = pytest.mark.django_db


def told(fills: str, type: str, choices: list[str] | None = None, **more: Any) -> tuple[bool, str]:
    """Whether something of a field that is called Answer stops the form, and all that is said of it."""
    form = a_form()
    form.fields.exclude(fills="").filter(fills=fills).delete()
    FormField.objects.create(
        form=form, key="answer", label="Answer", type=type, fills=fills, choices=choices or [], position=9, **more
    )
    found = [one for one in findings_of(form) if one.field == "Answer"]
    return any(one.stops for one in found), " ".join(one.words for one in found)


@pytest.mark.parametrize(
    ("fills", "type", "choices", "named"),
    [
        ("contact.role", FieldType.CHOICE, ["User", "CEO", "CTO"], "CEO, CTO"),
        ("contact.role", FieldType.MULTI_CHOICE, ["Influencer", "CEO"], "CEO"),
        ("account.employees", FieldType.CHOICE, ["1–10", "11–50", "50"], "1–10, 11–50"),
        ("account.domain", FieldType.CHOICE, ["ours", "x.example"], "ours"),
        ("contact.email", FieldType.CHOICE, ["Sales", "a@b.example"], "Sales"),
        ("contact.city", FieldType.CHOICE, ["Rome", "R" * 101], "R" * 101),
        ("lead.custom.size", FieldType.CHOICE, ["10", "many"], "many"),
        ("contact.role", FieldType.YES_NO, [], "Yes"),
        ("account.employees", FieldType.CONSENT, [], "Yes"),
        ("account.employees", FieldType.DATE, [], "a date"),
    ],
)
def test_an_answer_that_nobody_could_mend_keeps_a_form_from_going_live(
    fills: str, type: str, choices: list[str], named: str
) -> None:
    a_custom_field("size", "lead", "number", label="Size")

    stops, words = told(fills, type, choices)

    assert stops and f"offers {named}: whoever" in words  # what is taken is not named


@pytest.mark.parametrize(
    ("fills", "type", "choices"),
    [
        ("contact.role", FieldType.CHOICE, ["User", "decision_maker"]),
        ("account.employees", FieldType.CHOICE, ["10", "50"]),
        ("contact.city", FieldType.CHOICE, ["Rome", "Oslo"]),
        ("contact.city", FieldType.MULTI_CHOICE, ["Rome", "Oslo"]),
        ("", FieldType.CHOICE, ["CEO", "CTO"]),
        ("account.domain", FieldType.URL, []),
        ("account.employees", FieldType.WHOLE, []),
    ],
)
def test_of_what_fits_nothing_is_said(fills: str, type: str, choices: list[str]) -> None:
    assert told(fills, type, choices) == (False, "")


@pytest.mark.parametrize(
    ("fills", "type"),
    [("contact.role", FieldType.TEXT), ("account.domain", FieldType.PHONE), ("account.employees", FieldType.NUMBER)],
)
def test_what_visitors_can_mend_is_a_warning(fills: str, type: str) -> None:
    stops, words = told(fills, type)

    assert not stops and "answers that do not fit are refused" in words
