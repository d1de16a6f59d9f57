"""Generated conditions and rows, drawn from the same few values so that they often meet.

Hypothesis supplies the Random (`st.randoms(use_true_random=True)`): a tree with rows to match takes more choices than
it allows one example, and what does not fit it drops, so that drawing them one by one leaves only small cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from contacts.models import ConsentLevel, ContactRole, CustomFieldType, InteractionType, MarketingContext
from forms_intake.models import SubmissionState
from leads.conditions import Vocabulary
from leads.conditions.days import PERIODS
from leads.conditions.operators import FieldType, Takes
from leads.conditions.vocabulary import Field
from leads.models import Priority, Rating, Status
from leads.stages import Stage

NOW = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)
"""In Berlin half past eleven in the evening of the day that had 23 hours."""

TEXTS = ["no", "NO", "Norway", "a%b", "a_b", "axb", "\\", "\\%", "é", "É", "ß", "SS", " ", "'", '"', "a@no", "n"]
NUMBERS = [-1, 0, 1, 2.5, 10, 0.1, 40, 1e15, -0.0, 120]
DAYS = [
    "2024-02-29",
    "2026-02-28",
    "2026-03-31",
    "2026-04-01",
    "2026-06-30",
    "1980-03-29",
    "2026-03-27",
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-04-02",
    "2025-10-26",
    "1999-12-31",
]
CHOICES = ["a", "b", "A"]
ODD = [
    5,
    "5",
    "2026-99-99",
    "2026-02-30",
    "2026-03-29\n",
    True,
    False,
    None,
    [],
    {},
    ["a", 1],
    {"a": 1},
    1e308,
    "",
    "a",
]
BEHAVIOURS = [InteractionType.CALL.value, InteractionType.PAGE_VISITED.value]
KINDS = [MarketingContext.Kind.FORM, MarketingContext.Kind.PAGE]
CUSTOM = {f"c_{kind.value}": kind for kind in CustomFieldType}
Ids = Mapping[str, list[int]]


def several(random: Random, one: Callable[[], Any], least: int, most: int) -> list[Any]:
    return [one() for _ in range(random.randint(least, most))]


def scalar(random: Random, field: Field, ids: Ids) -> Any:
    """A valid value for a field."""
    if field.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
        assert field.choices is not None
        return random.choice(field.choices.offered())[0]
    if field.type is FieldType.REFERENCE:
        if field.name in ids:
            return random.choice(ids[field.name])
        assert field.choices is not None
        return random.choice(field.choices.offered())[0]
    if field.type is FieldType.YES_NO:
        return random.random() < 0.5
    pools: dict[FieldType, list[Any]] = {FieldType.TEXT: TEXTS, FieldType.NUMBER: NUMBERS}
    return random.choice(pools.get(field.type, DAYS))


def comparison(random: Random, vocabulary: Vocabulary, ids: Ids) -> dict[str, Any]:
    """A valid comparison; every type of field is as likely as the others."""
    kinds = sorted({field.type for field in vocabulary.fields.values()})
    kind = random.choice(kinds if len(kinds) < 8 else [*kinds, FieldType.TEXT, FieldType.TEXT])
    field = random.choice([field for field in vocabulary.fields.values() if field.type is kind])
    operator = random.choice(list(field.operators.values()))

    def one() -> Any:
        return scalar(random, field, ids)

    value: Any = {
        Takes.NOTHING: lambda: None,
        Takes.ONE: one,
        Takes.SEVERAL: lambda: several(random, one, 1, 3),
        Takes.TWO: lambda: sorted([one(), one()]),
        Takes.DAYS: lambda: random.randint(1, 6),
        Takes.YEAR_DAYS: lambda: random.choice([1, 2, 6, 40, 365, 366]),
        Takes.PERIOD: lambda: random.choice(PERIODS),
    }[operator.takes]()
    return {"field": field.name, "op": operator.name, "value": value}


def a_count(random: Random) -> dict[str, Any]:
    """How many: what it may say of it, or nothing."""
    least = random.randint(1, 4)
    return random.choice(
        [
            {},
            {"none": True},
            {"at_least": least},
            {"at_most": least},
            {"exactly": least},
            {"at_least": least, "at_most": least + random.randint(0, 2)},
        ]
    )


def behaviour(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"did": random.choice(BEHAVIOURS), **a_count(random)}
    if random.random() < 0.5:
        tree["within_days"] = random.randint(2, 6)
    if random.random() < 0.3:
        tree["subject_contains"] = random.choice(TEXTS)
    if random.random() < 0.3 and "none" not in tree and tree.keys() & {"at_least", "exactly"}:
        tree["not_in_last_days"] = 1
    if vocabulary.interaction and random.random() < 0.4:
        tree["where"] = a_tree(random, vocabulary.interaction, ids, max(depth - 1, 0))
    return tree


def related(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int) -> dict[str, Any]:
    relation = random.choice(list(vocabulary.relations.values()))
    tree: dict[str, Any] = {"related": relation.name, **a_count(random)}
    if random.random() < 0.85:
        tree["where"] = a_tree(random, relation.vocabulary, ids, max(depth - 1, 0))
    return tree


def a_tree(random: Random, vocabulary: Vocabulary, ids: Ids, depth: int = 3) -> dict[str, Any]:
    """A valid tree of up to `depth` levels of groups."""
    if depth == 0 or random.random() < 0.4:
        chance = random.random()
        if chance < 0.2 and vocabulary.behaviours:
            return behaviour(random, vocabulary, ids, depth)
        if chance > 0.7 and vocabulary.relations:
            return related(random, vocabulary, ids, depth)
        return comparison(random, vocabulary, ids)
    kind = random.choice(["all", "any", "not"])
    if kind == "not":
        return {"not": a_tree(random, vocabulary, ids, depth - 1)}
    return {kind: several(random, lambda: a_tree(random, vocabulary, ids, depth - 1), 1, 3)}


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


STRANGE: list[Any] = [
    None, True, 0, -1, 2.5, 10**30, float("nan"), float("inf"), "", "\0", "a\ud800", "topic", "is", [], {},
    "2026-03-29",
    "'; drop table leads_lead; --", "%s", "%(a)s", "x" * 600, [[]], ["a"], {"field": "topic"}, {"all": []}, "score",
]  # fmt: skip
WORDS = [
    "all",
    "any",
    "not",
    "field",
    "op",
    "value",
    "did",
    "none",
    "at_least",
    "at_most",
    "exactly",
    "version",
    "within_days",
    "\ud800",
    "",
]


def junk(random: Random, depth: int = 3) -> Any:
    """Anything JSON can hold, and a little more."""
    if depth == 0 or random.random() < 0.4:
        return random.choice(STRANGE)
    if random.random() < 0.4:
        return several(random, lambda: junk(random, depth - 1), 0, 3)
    return {random.choice(WORDS): junk(random, depth - 1) for _ in range(random.randint(0, 4))}


def spoilt(random: Random, tree: dict[str, Any]) -> Any:
    """A valid tree with one place in it replaced by junk, or with a key too many."""
    place: Any = {"root": tree}
    key: Any = "root"
    while isinstance(place[key], dict | list) and place[key] and random.random() < 0.7:
        place = place[key]
        key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
    if isinstance(place[key], dict) and random.random() < 0.5:
        place[key][random.choice(WORDS)] = junk(random)
        return tree
    if key == "root":
        return junk(random)
    place[key] = junk(random)
    return tree
