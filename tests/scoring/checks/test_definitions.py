"""Each check by its code, on definitions alone: what is wrong, where, and in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contacts.models import InteractionType
from leads.conditions import Vocabulary
from leads.conditions.fields import LEAD_FIELDS, account_fields, account_of_lead, contact_fields
from leads.conditions.related import BEHAVIOURS, named
from scoring.checks import findings_in
from scoring.definition import GradeSpec, GroupSpec, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Decay, Scope

WORDS = Vocabulary(
    "lead", named((*LEAD_FIELDS, *contact_fields("contact__"), *account_fields(account_of_lead))), BEHAVIOURS
)
VISIT = RuleSpec(1, "Visits", 10, {}, InteractionType.PAGE_VISITED, "", Counting.EACH, 1, None, Scope.ANY, 60)
NORWAY = {"field": "contact.country", "op": "is", "value": "Norway"}
FROM_NORWAY = replace(VISIT, id=2, name="Norway", points=30, interaction_type="", condition=NORWAY, cap=None)
MANY_EMPLOYEES = {"field": "account.employees", "op": "greater", "value": 100}


def a_spec(*rules: RuleSpec, threshold: int = 50, **more: Any) -> ModelSpec:
    return ModelSpec(1, 1, "M", "contact", {}, 0, threshold, (), rules or (VISIT, FROM_NORWAY), **more)


def visits(**more: Any) -> ModelSpec:
    """A model of which the first rule is another."""
    return a_spec(replace(VISIT, **more), FROM_NORWAY, threshold=5)


def grades(*begin: int) -> tuple[GradeSpec, ...]:
    return tuple(GradeSpec(name, score) for name, score in zip("ABC", begin, strict=False))


def both(of: dict[str, Any]) -> dict[str, Any]:
    return {"all": [of, {"not": of}]}


FADES = {"decay": Decay.HALF_LIFE, "half_life_days": 60, "window_days": 30}
WEB = GroupSpec("Web", Category.ENGAGEMENT, 5)
WRONG: list[tuple[str, ModelSpec, str, str]] = [
    ("no_rules", replace(a_spec(), rules=()), "rules", "There are none"),
    ("too_many_rules", a_spec(*[replace(VISIT, window_days=1 + n) for n in range(201)]), "rules", "There are 201"),
    ("threshold_too_large", a_spec(threshold=10**9), "threshold", "500000000"),
    ("threshold_out_of_reach", a_spec(threshold=200), "threshold", "ever reach 200: the rules give 90 points at most."),
    ("threshold_at_zero", a_spec(threshold=-90), "threshold", "less than"),
    ("threshold_at_rest", visits(counting=Counting.NONE), "threshold", "has 10 points, and 5 is enough"),
    ("grade_too_large", replace(a_spec(), grades=grades(-(10**9))), "grades.0", "from -500000000 to 500000000"),
    ("grades_overlap", replace(a_spec(), grades=grades(30, 30, 0)), "grades.2", "It begins at 30, and so does B."),
    ("grades_gap", replace(a_spec(), grades=grades(30, 10)), "grades.0", "Scores from 0 to 9 have no grade."),
    ("grade_out_of_reach", replace(a_spec(), grades=grades(91, 0)), "grades.1", "reach 91: the rules give 90 points"),
    ("grade_never_given", replace(a_spec(), grades=grades(30, -5, -9)), "grades.0", "from −5 on it is B."),
    (
        "matrix_half",
        replace(a_spec(), fit_grades=grades(9, 0)),
        "engagement_grades",
        "There are none, but grades of fit",
    ),
    ("rule_no_points", visits(points=0), "rules.0", "at least one point"),
    ("rule_points_too_large", visits(points=10_001), "rules.0", "it has 10001"),
    ("rule_count_too_large", visits(at_least=0), "rules.0", "it says 0"),
    ("rule_window_too_large", visits(window_days=4000), "rules.0", "it has 4000"),
    ("rule_meets_all", visits(interaction_type=""), "rules.0", "so every lead would meet it"),
    ("fading_of_nothing", visits(counting=Counting.NONE, decay=Decay.LINEAR), "rules.0", "Only what happened can fade"),
    ("fading_without_window", visits(decay=Decay.LINEAR), "rules.0", "it needs a window"),
    ("fading_half_life", visits(decay=Decay.HALF_LIFE, half_life_days=0), "rules.0", "and it has none"),
    ("fading_beyond_window", visits(**FADES), "rules.0", "60 days is longer than its window of 30"),
    ("day_cap_of_once", visits(counting=Counting.AT_LEAST, day_cap=20), "rules.0", "gives its points once"),
    ("day_cap_below_points", visits(day_cap=5), "rules.0", "+10 at a time, but at most 5 a day"),
    ("cap_below_points", visits(cap=9), "rules.0", "+10 at a time, but at most 9 in all"),
    (
        "group_cap_below_points",
        replace(visits(group="Web"), groups=(WEB,)),
        "groups.0",
        "5 points at most, and “Visits”",
    ),
    (
        "rule_twice",
        a_spec(VISIT, replace(VISIT, id=3, points=5)),
        "rules.1",
        "the same as “Visits”; together they give +15",
    ),
    ("rule_never", a_spec(VISIT, replace(FROM_NORWAY, condition=both(NORWAY))), "rules.1", "contradicts itself"),
    ("rule_never", replace(a_spec(), audience={"not": NORWAY}, threshold=9), "rules.1", "No lead of the audience"),
    ("audience_never", replace(a_spec(), audience=both(NORWAY)), "audience", "no lead can meet it"),
    (
        "consent_without_contact",
        replace(a_spec(VISIT), target="account", minimum_consent=3),
        "minimum_consent",
        "consent",
    ),
    ("condition_without_contact", replace(a_spec(), target="account"), "rules.1", "has no contact to ask this of"),
]


@pytest.mark.parametrize(("code", "spec", "position", "words"), WRONG, ids=[code for code, *_ in WRONG])
def test_what_is_wrong_is_told_at_its_place_with_its_figures(
    code: str, spec: ModelSpec, position: str, words: str
) -> None:
    found = next(one for one in findings_in(spec, WORDS) if one.code == code)

    assert found.place.position == position
    assert words in found.sentence
    assert found.mend and found.sentence.endswith(".")


@pytest.mark.parametrize(
    "spec",
    [
        a_spec(),
        a_spec(threshold=90),
        replace(a_spec(), grades=grades(60, 30, 0), fit_grades=grades(30, 0), engagement_grades=grades(9, 0)),
        a_spec(VISIT, replace(VISIT, id=2, scope=Scope.CAMPAIGN), replace(VISIT, id=3, window_days=7)),
        a_spec(replace(VISIT, cap=None), threshold=999_999),
        a_spec(replace(VISIT, counting=Counting.NONE, points=-10), FROM_NORWAY, threshold=30),
        replace(a_spec(VISIT, replace(FROM_NORWAY, condition=MANY_EMPLOYEES)), target="account"),
    ],
)
def test_nothing_is_said_of_a_model_that_is_well(spec: ModelSpec) -> None:
    assert findings_in(spec, WORDS) == []


def test_errors_come_before_warnings_and_what_can_never_hold_gives_nothing_to_the_sum() -> None:
    never = replace(FROM_NORWAY, condition=both(NORWAY))
    found = findings_in(a_spec(replace(VISIT, points=0), never, threshold=61), WORDS)

    assert [(one.code, one.severity) for one in found] == [
        ("rule_no_points", "error"),
        ("threshold_out_of_reach", "warning"),
        ("rule_never", "warning"),
    ]
    assert str(found[0]) == "Visits: A rule gives or takes at least one point. Give it points, or remove it."


def test_a_cap_that_is_missing_leaves_scores_open_below_and_that_is_said() -> None:
    spec = replace(a_spec(replace(VISIT, points=-5, cap=None), FROM_NORWAY, threshold=20), grades=grades(0))

    [found] = findings_in(spec, WORDS)

    assert (found.code, found.mend) == ("grades_gap", "Give the rules that take points a cap")
