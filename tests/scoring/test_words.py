"""Every rule is one English sentence."""

from __future__ import annotations

from typing import Any

import pytest

from leads.conditions import lead_vocabulary
from scoring.models import Rule
from scoring.words import in_words, rule_in_words

pytestmark = pytest.mark.django_db
NORWAY = {"field": "contact.country", "op": "is", "value": "Norway"}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"points": 15, "condition": NORWAY}, "+15 points when contact's country is Norway"),
        ({"points": -1, "interaction_type": "call"}, "−1 point each time the contact had a call"),
        (
            {
                "points": 8,
                "interaction_type": "page_visited",
                "subject_contains": "pricing",
                "window_days": 7,
                "cap": 24,
            },
            "+8 points each time the contact visited a page “pricing” in the last 7 days, 24 points at most",
        ),
        (
            {"points": 20, "interaction_type": "meeting", "counting": "at_least", "at_least": 2, "scope": "campaign"},
            "+20 points once the contact had a meeting at least 2 times, in the lead's campaign",
        ),
        (
            {"points": -10, "interaction_type": "email_opened", "counting": "none", "window_days": 1},
            "−10 points as long as the contact never opened an e-mail in the last day",
        ),
        (
            {"points": 9, "interaction_type": "email_bounced", "decay": "half_life", "half_life_days": 14},
            "+9 points each time the contact had an e-mail bounce, of which half is left every 14 days",
        ),
        (
            {"points": 5, "interaction_type": "call", "decay": "linear", "window_days": 30, "condition": NORWAY},
            "+5 points each time the contact had a call in the last 30 days, fading evenly to nothing by then, "
            "when contact's country is Norway",
        ),
    ],
)
def test_a_rule_is_read_as_a_sentence(rule: dict[str, Any], sentence: str) -> None:
    assert rule_in_words(Rule(**rule), lead_vocabulary(scoring=True)) == sentence


def test_a_condition_that_makes_no_sense_any_more_is_told_by_position() -> None:
    words = in_words({"field": "contact.county", "op": "is", "value": 1}, lead_vocabulary(scoring=True), nothing="All")

    assert words.startswith("This cannot be used. At field:")
