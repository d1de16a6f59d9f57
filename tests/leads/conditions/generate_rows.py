"""Generated descriptions of the rows that conditions are asked of; tests/leads/conditions/rows.py makes them stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from contacts.models import ConsentLevel, ContactRole, CustomFieldType
from forms_intake.models import SubmissionState
from leads.models import Priority, Rating, Status
from leads.stages import Stage
from tests.leads.conditions.values import BEHAVIOURS, CHOICES, CUSTOM, DAYS, NOW, NUMBERS, ODD, TEXTS, Ids, several


def a_moment(random: Random) -> datetime:
    """Around midnight in Berlin, on the days around `NOW`."""
    seconds = random.choice([0, -1, 1, 3600, 3599, -3600, -3601, 40000])
    return NOW.replace(hour=22, minute=0) + timedelta(days=random.randint(-8, 8), seconds=seconds)


def custom(random: Random) -> dict[str, Any]:
    """What a record's `custom` may hold: mostly right, sometimes odd, sometimes absent."""
    right: dict[CustomFieldType, Callable[[], Any]] = {
        CustomFieldType.TEXT: lambda: random.choice(TEXTS),
        CustomFieldType.NUMBER: lambda: random.choice(NUMBERS),
        CustomFieldType.DATE: lambda: random.choice(DAYS),
        CustomFieldType.CHOICE: lambda: random.choice(CHOICES),
        CustomFieldType.MULTI_CHOICE: lambda: random.sample(CHOICES, random.randint(0, 3)),
        CustomFieldType.YES_NO: lambda: random.random() < 0.5,
    }
    return {
        key: right[kind]() if random.random() < 0.7 else random.choice(ODD)
        for key, kind in CUSTOM.items()
        if random.random() < 0.85
    }


def account(random: Random) -> dict[str, Any]:
    return {
        "country": random.choice([*TEXTS, ""]),
        "name": random.choice(TEXTS),
        "industry": random.choice([*TEXTS, ""]),
        "employees": random.choice([None, 0, 10, 120]),
        "deleted_at": random.choice([None, None, NOW]),
        "custom": custom(random),
    }


def contact(random: Random) -> dict[str, Any]:
    return {
        "first_name": random.choice([*TEXTS, ""]),
        "country": random.choice([*TEXTS, ""]),
        "email": random.choice(["", "x@no", "x@NO", "no"]),
        "role": random.choice(["", *ContactRole.values]),
        "consent_level": random.choice(ConsentLevel.values),
        "marketing_only": random.random() < 0.5,
        "created_at": a_moment(random),
        "deleted_at": random.choice([None, None, None, NOW]),
        "custom": custom(random),
    }


def lead(random: Random, ids: Ids) -> dict[str, Any]:
    return {
        "topic": random.choice([*TEXTS, ""]),
        "description": random.choice([*TEXTS, ""]),
        "rating": random.choice(["", *Rating.values]),
        "status": random.choice(Status.values),
        "stage": random.choice(Stage.values),
        "sales_ready": random.random() < 0.5,
        "score": random.choice([None, 0, 1, 10, 40]),
        "scored_at": random.choice([None, a_moment(random)]),
        "created_at": a_moment(random),
        "custom": custom(random),
        "deleted_at": random.choice([None, None, None, NOW]),
        "product_id": random.choice([None, *ids["product"]]),
        "campaign_id": random.choice([None, *ids["campaign"]]),
        "owner_id": random.choice([None, *ids["owner"]]),
        "team_id": random.choice([None, *ids["team"]]),
        "territory_id": random.choice([None, *ids["territory"]]),
        "priority": random.choice(Priority.values),
        "respond_by": random.choice([None, a_moment(random)]),
        "marketing_context_id": random.choice([None, *ids["marketing_context"]]),
    }


def interaction(random: Random, ids: Ids) -> dict[str, Any]:
    return {
        "type": random.choice(BEHAVIOURS),
        "occurred_at": random.choice([NOW, a_moment(random), a_moment(random)]),
        "subject": random.choice([*TEXTS, ""]),
        "campaign_id": random.choice([None, *ids["campaign"]]),
        "product_id": random.choice([None, *ids["product"]]),
        "marketing_context_id": random.choice([None, *ids["marketing_context"]]),
        "payload": random.choice([{}, {"outcome": "reached"}, {"outcome": "voicemail"}, {"outcome": 3}]),
    }


def consent(random: Random) -> dict[str, Any]:
    return {
        "level": random.choice(ConsentLevel.values),
        "given": random.random() < 0.5,
        "source": random.choice(TEXTS),
        "recorded_at": a_moment(random),
    }


def submission(random: Random, ids: Ids) -> dict[str, Any]:
    return {
        "form_id": random.choice(ids["form"]),
        "page_id": random.choice([None, *ids["page"]]),
        "state": random.choice(SubmissionState.values),
        "received_at": a_moment(random),
    }


def membership(random: Random, ids: Ids, subject: str) -> dict[str, Any]:
    return {"segment_id": random.choice(ids[f"segments of {subject}s"]), "joined_at": a_moment(random)}


def some_rows(random: Random, ids: Ids) -> list[dict[str, Any]]:
    """Descriptions of a few leads for `rows.standing`; some share their contact, some contacts their account."""
    return several(
        random,
        lambda: {
            "lead": lead(random, ids),
            "same_contact": random.random() < 0.3,
            "contact": contact(random) if random.random() < 0.75 else None,
            "own_account": account(random) if random.random() < 0.4 else None,
            "same_account": random.random() < 0.5,
            "contacts_account": account(random) if random.random() < 0.7 else None,
            "interactions": several(random, lambda: interaction(random, ids), 0, 6),
            "consents": several(random, lambda: consent(random), 0, 2),
            "submissions": several(random, lambda: submission(random, ids), 0, 2),
            "contact_in": several(random, lambda: membership(random, ids, "contact"), 0, 1),
            "lead_in": several(random, lambda: membership(random, ids, "lead"), 0, 1),
        },
        3,
        6,
    )
