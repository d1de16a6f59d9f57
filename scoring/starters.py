"""What a new model may begin as: small whole models to edit, in the form of a definition (see ModelVersion)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Starter:
    """`definition` lacks the name only: that is for the person to give."""

    key: str
    label: str
    words: str
    definition: dict[str, Any]


def _visits(name: str, points: int, about: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "points": points, "interaction_type": "page_visited", "subject_contains": about, **more}


HOT = [{"name": "Cold", "from_score": -20}, {"name": "Warm", "from_score": 30}, {"name": "Hot", "from_score": 60}]

STARTERS = [
    Starter("nothing", "Nothing", "No rules, no grades.", {}),
    Starter(
        "demand",
        "Demand",
        "Forms, pricing pages, mails and events of the last weeks; points fade, silence costs.",
        {
            "description": "What the contact did lately that speaks of interest.",
            "threshold": 60,
            "grades": HOT,
            "rules": [
                {"name": "Submitted a form", "points": 40, "interaction_type": "form_submitted", "cap": 60},
                _visits("Pricing pages", 10, "pricing", window_days=14, cap=30),
                _visits("Any page", 2, window_days=30, decay="linear", cap=20),
                {
                    "name": "Clicks in mails",
                    "points": 5,
                    "interaction_type": "email_clicked",
                    "window_days": 30,
                    "cap": 15,
                },
                {"name": "Came to an event", "points": 25, "interaction_type": "event_checked_in", "window_days": 180},
                _visits("Silent for a month", -15, counting="none", window_days=30),
            ],
        },
    ),
    Starter(
        "fit",
        "Fit",
        "Who the contact is and where they work, whatever they do.",
        {
            "description": "How well the contact and the account fit what we sell.",
            "threshold": 50,
            "grades": [
                {"name": "C", "from_score": 0},
                {"name": "B", "from_score": 25},
                {"name": "A", "from_score": 50},
            ],
            "rules": [
                {
                    "name": "Decides",
                    "points": 30,
                    "condition": {
                        "any": [
                            {"field": "contact.job_title", "op": "contains", "value": word}
                            for word in ("head", "director", "chief", "manager")
                        ]
                    },
                },
                {
                    "name": "Can be called",
                    "points": 10,
                    "condition": {"field": "contact.phone", "op": "is_filled"},
                },
                {
                    "name": "More than 100 employees",
                    "points": 20,
                    "condition": {"field": "account.employees", "op": "greater", "value": 100},
                },
            ],
        },
    ),
    Starter(
        "account",
        "Interest of an account",
        "Leads without a contact: what all contacts of the account did.",
        {
            "description": "Interest of a whole account, for leads that have no contact.",
            "target": "account",
            "threshold": 80,
            "grades": HOT,
            "rules": [
                {"name": "Forms of anybody", "points": 40, "interaction_type": "form_submitted", "cap": 80},
                _visits("Visits of anybody", 3, window_days=30, cap=30),
                {"name": "Meetings", "points": 20, "interaction_type": "meeting", "window_days": 90, "cap": 40},
            ],
        },
    ),
]
BY_KEY = {starter.key: starter for starter in STARTERS}
