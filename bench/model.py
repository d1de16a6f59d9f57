"""The scoring model that is live in the benchmarks: twelve rules, eight of them about behaviour, every scope in use."""

from __future__ import annotations

from typing import Any

from contacts.models import InteractionType as Type
from scoring.models import Counting, Grade, Rule, Scope, ScoringModel

NAME = "Demand"
THRESHOLD = 60
GRADES = {"Cold": 0, "Warm": 20, "Hot": 40, "Burning": 60}
EVERYBODY = "Has an e-mail address"
"""A rule that every lead meets: changing its points changes every score."""
CALL_POINTS = 7

BEHAVIOURS: list[dict[str, Any]] = [
    {"name": "Page visited", "interaction_type": Type.PAGE_VISITED, "points": 5, "cap": 30, "window_days": 90},
    {
        "name": "Looked at prices",
        "interaction_type": Type.PAGE_VISITED,
        "subject_contains": "pricing",
        "counting": Counting.AT_LEAST,
        "points": 20,
        "window_days": 60,
    },
    {"name": "Form submitted", "interaction_type": Type.FORM_SUBMITTED, "points": 15, "scope": Scope.CONTEXT},
    {
        "name": "Clicked in two mails of the campaign",
        "interaction_type": Type.EMAIL_CLICKED,
        "counting": Counting.AT_LEAST,
        "at_least": 2,
        "points": 20,
        "scope": Scope.CAMPAIGN,
    },
    {
        "name": "No mail opened in three months",
        "interaction_type": Type.EMAIL_OPENED,
        "counting": Counting.NONE,
        "points": -10,
        "window_days": 90,
    },
    {"name": "Downloads about the product", "interaction_type": Type.DOWNLOADED, "points": 10, "scope": Scope.PRODUCT},
    {"name": "Had a call", "interaction_type": Type.CALL, "points": CALL_POINTS},
    {
        "name": "Came to an event since",
        "interaction_type": Type.EVENT_CHECKED_IN,
        "points": 25,
        "cap": 50,
        "scope": Scope.SINCE_CREATED,
    },
]
ATTRIBUTES: list[dict[str, Any]] = [
    {"name": EVERYBODY, "points": 1, "condition": {"field": "contact.email", "op": "is_filled"}},
    {
        "name": "Decides",
        "points": 15,
        "condition": {"field": "contact.role", "op": "is_one_of", "value": ["decision_maker", "champion"]},
    },
    {
        "name": "Large company in our market",
        "points": 20,
        "condition": {
            "all": [
                {"field": "account.employees", "op": "greater_or_equal", "value": 500},
                {"field": "contact.country", "op": "is_one_of", "value": ["DE", "GB", "FR"]},
            ]
        },
    },
    {
        "name": "Student",
        "points": -20,
        "condition": {"field": "contact.job_title", "op": "contains", "value": "student"},
    },
]


def make_model() -> ScoringModel:
    """The model as a draft."""
    model = ScoringModel.objects.create(name=NAME, threshold=THRESHOLD)
    Grade.objects.bulk_create(Grade(model=model, name=name, from_score=start) for name, start in GRADES.items())
    rules = enumerate([*ATTRIBUTES, *BEHAVIOURS])
    Rule.objects.bulk_create(Rule(model=model, position=position, **rule) for position, rule in rules)
    return model
