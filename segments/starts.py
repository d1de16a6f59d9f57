"""Where a marketer may begin: segments that many need, with the few values that differ filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from segments.models import Subject

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Prompt:
    """A value to be asked for. `kind` is "number" (1 to `most`) or "text"; `given` is what stands there first."""

    name: str
    label: str
    kind: str
    given: int | str
    most: int = 3_650


@dataclass(frozen=True)
class Start:
    """A segment to begin with: what it is for, what it asks, and the condition those answers make."""

    key: str
    name: str
    words: str
    subject: Subject
    prompts: tuple[Prompt, ...]
    condition: Callable[[Values], dict[str, Any]]


DAYS = Prompt("days", "In how many days", "number", 30)
TIMES = Prompt("times", "How often at least", "number", 3, most=100)

STARTS = (
    Start(
        "engaged",
        "Engaged lately",
        "Contacts who visited pages about something several times in the last days.",
        Subject.CONTACT,
        (Prompt("about", "What the page's address contains", "text", "pricing"), TIMES, DAYS),
        lambda given: {
            "did": "page_visited",
            "at_least": given["times"],
            "within_days": given["days"],
            "subject_contains": given["about"],
        },
    ),
    Start(
        "quiet",
        "Gone quiet",
        "Contacts who once submitted a form but have not visited us for a while.",
        Subject.CONTACT,
        (DAYS,),
        lambda given: {
            "all": [
                {"did": "form_submitted"},
                {"did": "page_visited", "none": True, "within_days": given["days"]},
                {"did": "form_submitted", "none": True, "within_days": given["days"]},
            ]
        },
    ),
    Start(
        "country",
        "From one country, may be written to",
        "Contacts from a country who consented to marketing.",
        Subject.CONTACT,
        (Prompt("country", "Country, as your contacts have it", "text", "DE"),),
        lambda given: {
            "all": [
                {"field": "contact.country", "op": "is", "value": given["country"]},
                {"field": "contact.consent_level", "op": "greater_or_equal", "value": 4},
            ]
        },
    ),
    Start(
        "decision",
        "Decision makers without an open lead",
        "Contacts who decide, and nobody talks to them now.",
        Subject.CONTACT,
        (),
        lambda given: {
            "all": [
                {"field": "contact.role", "op": "is", "value": "decision_maker"},
                {"related": "leads", "none": True, "where": {"field": "status", "op": "is", "value": "open"}},
            ]
        },
    ),
    Start(
        "new_leads",
        "New leads",
        "Open leads that came in during the last days.",
        Subject.LEAD,
        (DAYS,),
        lambda given: {
            "all": [
                {"field": "status", "op": "is", "value": "open"},
                {"field": "created_at", "op": "in_last_days", "value": given["days"]},
            ]
        },
    ),
    Start(
        "nearly",
        "Nearly sales ready",
        "Open leads with a good score that are not sales ready yet.",
        Subject.LEAD,
        (Prompt("score", "A score from", "number", 40, most=10_000),),
        lambda given: {
            "all": [
                {"field": "status", "op": "is", "value": "open"},
                {"field": "sales_ready", "op": "is", "value": False},
                {"field": "score", "op": "greater_or_equal", "value": given["score"]},
            ]
        },
    ),
)


def start_named(key: str) -> Start | None:
    return next((start for start in STARTS if start.key == key), None)
