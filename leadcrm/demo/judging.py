"""The demo's two scoring models: what people do, and who they are."""

from __future__ import annotations

from typing import Any

from contacts.free_mail import FREE_MAIL
from leadcrm.demo.cast import PRIVATE_MAIL

DEMAND: dict[str, Any] = {
    "name": "Demand",
    "description": "What people do: asking, reading, coming back. From 60 points on sales should talk to them.",
    "threshold": 60,
    "grades": [
        {"name": "D", "from_score": -200},
        {"name": "C", "from_score": 15},
        {"name": "B", "from_score": 35},
        {"name": "A", "from_score": 60},
    ],
    "rules": [
        {
            "name": "Asked for a demo",
            "points": 60,
            "interaction_type": "form_submitted",
            "subject_contains": "demo",
            "counting": "at_least",
            "window_days": 45,
            "scope": "context",
        },
        {
            "name": "Asked for prices",
            "points": 35,
            "interaction_type": "form_submitted",
            "subject_contains": "prices",
            "counting": "at_least",
            "window_days": 45,
            "scope": "product",
        },
        {
            "name": "Read the pricing page",
            "points": 6,
            "interaction_type": "page_visited",
            "subject_contains": "/pricing",
            "window_days": 30,
            "cap": 24,
        },
        {
            "name": "Looked at products",
            "points": 2,
            "interaction_type": "page_visited",
            "subject_contains": "/products/",
            "window_days": 30,
            "cap": 12,
        },
        {
            "name": "Five pages in two weeks",
            "points": 8,
            "interaction_type": "page_visited",
            "counting": "at_least",
            "at_least": 5,
            "window_days": 14,
        },
        {"name": "Opened mails", "points": 1, "interaction_type": "email_opened", "window_days": 30, "cap": 5},
        {"name": "Clicked in mails", "points": 4, "interaction_type": "email_clicked", "window_days": 30, "cap": 16},
        {
            "name": "Downloaded",
            "points": 7,
            "interaction_type": "downloaded",
            "window_days": 60,
            "decay": "linear",
            "cap": 14,
        },
        {
            "name": "Came to an event",
            "points": 15,
            "interaction_type": "event_checked_in",
            "counting": "at_least",
            "window_days": 90,
        },
        {
            "name": "Registered for this campaign's event",
            "points": 5,
            "interaction_type": "event_registered",
            "counting": "at_least",
            "scope": "campaign",
        },
        {
            "name": "No visit for three weeks",
            "points": -12,
            "condition": {"field": "created_at", "op": "not_in_last_days", "value": 21},
            "interaction_type": "page_visited",
            "counting": "none",
            "window_days": 21,
        },
        {"name": "Unsubscribed", "points": -40, "interaction_type": "email_unsubscribed", "counting": "at_least"},
        {
            "name": "Writes from a company",
            "points": 8,
            "condition": {
                "all": [
                    {"field": "contact.email", "op": "is_filled"},
                    {"field": "contact.email_domain", "op": "is_none_of", "value": [*sorted(FREE_MAIL), PRIVATE_MAIL]},
                ]
            },
        },
        {
            "name": "Wants to decide this quarter",
            "points": 10,
            "condition": {"field": "custom.timeframe", "op": "is", "value": "This quarter"},
        },
    ],
}

FIT: dict[str, Any] = {
    "name": "Fit",
    "description": "Who they are. Only a profile in which everything fits makes somebody sales ready by itself.",
    "threshold": 90,
    "grades": [
        {"name": "Poor", "from_score": -100},
        {"name": "Fair", "from_score": 25},
        {"name": "Good", "from_score": 50},
        {"name": "Ideal", "from_score": 75},
    ],
    "rules": [
        {
            "name": "Decides",
            "points": 30,
            "condition": {"field": "contact.role", "op": "is_one_of", "value": ["decision_maker", "champion"]},
        },
        {
            "name": "Moves things for a living",
            "points": 25,
            "condition": {
                "field": "account.industry",
                "op": "is_one_of",
                "value": ["Transport", "Cold storage", "Pharma"],
            },
        },
        {
            "name": "A hundred people or more",
            "points": 15,
            "condition": {"field": "account.employees", "op": "greater_or_equal", "value": 100},
        },
        {
            "name": "Fifty vehicles or more",
            "points": 20,
            "condition": {"field": "custom.fleet_size", "op": "greater_or_equal", "value": 50},
        },
        {
            "name": "Is a student",
            "points": -40,
            "condition": {"field": "contact.job_title", "op": "is", "value": "Student"},
        },
    ],
}
