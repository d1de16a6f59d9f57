"""Whom a condition meets, as the editor asks while somebody writes it: the first answer, and the exact one.

Each condition is asked of the whole application in this process, as a marketer. `ours` is the p95 of all first answers.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

from bench import seed
from bench.report import Report, percentile, short
from bench.server import Server, vacuum
from contacts.models import Campaign, CustomField, CustomFieldType, Entity, Role, User

DEFAULT = {"leads": 50_000, "rounds": 10}
FULL = {"leads": 1_000_000, "rounds": 10}
GOAL_MS = 300

CUSTOM = """
UPDATE contacts_contact SET custom = jsonb_build_object('budget', id %% 1000, 'plan', 'plan ' || id %% 7)
WHERE id %% 2 = 0
"""
"""Every other contact has two custom fields, of which none is marked searchable."""


def field_is(name: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": name, "op": op} | ({} if value is None else {"value": value})


def conditions() -> dict[str, dict[str, Any]]:
    """By name: from what an index answers to what has to look at every interaction of everybody."""
    norm = field_is("contact.country", "is", "DE")
    calls = {"did": "call", "within_days": 30}
    campaign = Campaign.objects.order_by("pk")[0].pk
    nested = {"any": [{"all": [norm, {"not": calls}]}, {"all": [field_is("rating", "is", "hot"), calls]}]}
    return {
        "everybody": {},
        "by index": field_is("contact.email", "is", "u77@d78.example"),
        "common": field_is("rating", "is_one_of", ["hot", "warm"]),
        "rare": {"all": [field_is("contact.city", "is", "City 1234"), field_is("rating", "is", "hot")]},
        "nobody": field_is("topic", "is", "Nothing of the kind"),
        "text contains": field_is("contact.job_title", "contains", "ngin"),
        "text in no one": {"all": [field_is("topic", "contains", "zzz"), field_is("contact.city", "contains", "zzz")]},
        "custom number": field_is("contact.custom.budget", "greater", 900),
        "custom text": field_is("contact.custom.plan", "contains", "plan 3"),
        "behaviour": {"did": "page_visited", "at_least": 2, "within_days": 90, "subject_contains": "pricing"},
        "behaviour of a campaign": {"did": "form_submitted", "where": field_is("campaign", "is", campaign)},
        "none of": {"not": {"any": [{"did": "email_clicked"}, {"did": "call"}, norm]}},
        "related": {"related": "account.contacts", "at_least": 3, "where": {"all": [norm, calls]}},
        "related to the related": {
            "related": "account.contacts",
            "where": {"related": "leads", "where": field_is("rating", "is", "hot")},
        },
        "campaigns": {"related": "campaigns", "none": True, "where": field_is("campaign", "is", campaign)},
        "nested": {"all": [nested, {"not": nested}]},
        "huge": {"any": [{"all": [field_is("topic", "contains", f"c {n}"), calls]} for n in range(60)]},
    }


@dataclass
class Asked:
    """A condition, and what asking for it took. `sure_ms`: until its number was exact, none where it never was."""

    name: str
    tree: dict[str, Any]
    first_ms: list[float] = field(default_factory=list)
    said: str = ""
    sure_ms: float | None = None
    number: int | None = None

    def figures(self) -> dict[str, Any]:
        figures = {"p95_ms": percentile(self.first_ms, 0.95), "p50_ms": percentile(self.first_ms, 0.5)}
        exact = {"exact_ms": self.sure_ms, "number": self.number}
        return {name: short(value) for name, value in figures.items()} | {"said": self.said} | exact


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The p95 in milliseconds of the first answers, and until each was exact."""
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    prepare()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_user("bench-editor", role=Role.MARKETER))
    asked = [Asked(name, tree) for name, tree in conditions().items()]
    for one in asked:
        ask(client, one.tree)
        exact(client, one)
    runs = [one_round(client, asked) for _ in range(rounds)]
    connection.close()
    server.drop(server.run)
    return report(asked, runs, leads)


def prepare() -> None:
    """Custom fields, with a value for every other contact."""
    for key, type in (("budget", CustomFieldType.NUMBER), ("plan", CustomFieldType.TEXT)):
        CustomField.objects.create(entity=Entity.CONTACT, key=key, label=key.capitalize(), type=type)
    with connection.cursor() as cursor:
        cursor.execute(CUSTOM, [])
    vacuum("contacts_contact", "contacts_interaction", "leads_lead")


def one_round(client: Client, asked: list[Asked]) -> dict[str, float]:
    took = []
    for one in asked:
        milliseconds, answer = ask(client, one.tree)
        one.first_ms.append(milliseconds)
        one.said = answer["count"]["words"]
        took.append(milliseconds)
    return {"p95_ms": percentile(took, 0.95), "worst_ms": max(took), "mean_ms": sum(took) / len(took)}


def ask(client: Client, tree: dict[str, Any], **more: Any) -> tuple[float, dict[str, Any]]:
    """Milliseconds, and the answer."""
    start = time.perf_counter()
    body = json.dumps({"tree": tree, "editor": "bench", **more})
    response = client.post("/leads/conditions/lead/preview/", body, content_type="application/json")
    took = (time.perf_counter() - start) * 1000
    answer = response.json()
    if "count" not in answer:
        raise RuntimeError(f"{tree} was answered by {answer}")
    return took, answer


def exact(client: Client, one: Asked) -> None:
    """Ask on until the number is exact, or was given up."""
    took, answer = ask(client, one.tree)
    if not answer["count"]["exact"]:
        more, answer = ask(client, one.tree, refine=True)
        took += more
    if answer["count"]["exact"]:
        one.sure_ms, one.number = round(took), answer["count"]["number"]


def report(asked: list[Asked], runs: list[dict[str, float]], leads: int) -> Report:
    every = [milliseconds for one in asked for milliseconds in one.first_ms]
    p95 = percentile(every, 0.95)
    slowest = max(asked, key=lambda one: percentile(one.first_ms, 0.95))
    return Report(
        name="editor",
        ours=p95,
        limit=GOAL_MS,
        ratio=p95 / GOAL_MS,
        goal=GOAL_MS,
        goal_is="ours below",
        ok=p95 < GOAL_MS and all(one.said != "not counted yet" for one in asked),
        n=len(every),
        unit="ms",
        runs=runs,
        more={
            "leads": leads,
            "worst_ms": max(every),
            "slowest": slowest.name,
            "never_exact": [one.name for one in asked if one.sure_ms is None],
            "conditions": {one.name: one.figures() for one in asked},
        },
    )
