"""One submission told: where it came from, and what happened to it since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from forms_intake.confirming import ASKED_AT, CONFIRMED_AT, HELD_BACK, SET_ASIDE, UNMAILED_AT, UNSENT_AT
from forms_intake.feeding import FED
from forms_intake.models import Deed, Submission
from forms_intake.posts import LANGUAGE
from forms_intake.processing.intents import POSTED_AT, RETYPED

EDITS = {
    "corrected": "corrected where it was written",
    "changed_since": "left: somebody changed it since",
    "nowhere": "kept here only",
    "closed": "left: the lead is closed",
    "linked": "left: the company was known before",
}


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime
    words: str
    by: str = ""
    reason: str = ""
    changes: list[tuple[str, str, str, str]] = field(default_factory=list)
    url: str = ""
    tone: str = ""


def history_of(submission: Submission) -> list[Happening]:
    """What happened to it, the first at the top."""
    origin = submission.origin
    told = [Happening(submission.received_at, _received(submission))]
    if CONFIRMED_AT in origin:
        told.append(
            Happening(datetime.fromisoformat(origin[CONFIRMED_AT]), "Confirmed by the person, by a click in a mail")
        )
    for key, words in ((UNMAILED_AT, HELD_BACK), (UNSENT_AT, SET_ASIDE)):
        if key in origin:
            told.append(Happening(datetime.fromisoformat(origin[key]), words, tone="bad"))
    for one in submission.events.select_related("by").order_by("pk"):
        changes = [
            (change["label"], change["before"], change["after"], EDITS.get(change.get("did", ""), ""))
            for change in one.changes
        ]
        tone = "bad" if one.deed == Deed.FAILED else ""
        told.append(Happening(one.at, one.get_deed_display(), str(one.by or ""), one.reason, changes, tone=tone))
    if submission.processed_at:
        tries = f", at the {_ordinal(submission.attempts)} try" if submission.attempts > 1 else ""
        told.append(Happening(submission.processed_at, f"Processed{tries}", tone="good"))
    if submission.emptied_at:
        told.append(Happening(submission.emptied_at, "What was posted was removed: it had been kept long enough"))
    for run in submission.runs.order_by("pk"):
        told.append(Happening(run.received_at, "Run as new", url=reverse("forms_intake:submission", args=[run.pk])))
    return sorted(told, key=lambda one: one.at)


ORIGIN = {
    "ip": "Address",
    "user_agent": "Browser",
    "referrer": "Came from page",
    "seconds": "Filled in within",
    LANGUAGE: "Shown in",
    "utm_source": "Campaign source",
    "utm_medium": "Campaign medium",
    "utm_campaign": "Campaign name",
    "utm_term": "Search term",
    "utm_content": "Which advertisement",
    "gclid": "Google click",
    "fbclid": "Facebook click",
    "msclkid": "Microsoft click",
    CONFIRMED_AT: "Confirmed",
    "confirmed_ip": "Confirmed from",
    ASKED_AT: "Letter sent again",
    UNMAILED_AT: "Letter held back",
    UNSENT_AT: "Letter not sent",
    RETYPED: "Address typed by us",
    POSTED_AT: "First posted",
    "by_name": "Written down by",
    "consent_how": "Consent given",
    "source": "By way of",
}
"""How a page calls what it is told of where a post came from; other keys are their own words."""
MOMENTS = frozenset({CONFIRMED_AT, ASKED_AT, UNMAILED_AT, UNSENT_AT, POSTED_AT})
UNSAID = frozenset({"by", FED})
"""For processing alone: what it says stands elsewhere on the page."""


def origin_of(submission: Submission) -> list[tuple[str, str]]:
    """Where a submission came from, as pairs of a label and what there is to say."""
    said = []
    for key, value in submission.origin.items():
        if key in UNSAID or value in ("", None) or isinstance(value, dict | list):
            continue
        said.append((ORIGIN.get(key, key.replace("_", " ").capitalize()), _words(key, value)))
    return said


def _words(key: str, value: object) -> str:
    if key == "seconds":
        return f"{value} second{'' if value == 1 else 's'}"
    if key in MOMENTS:
        return date_format(timezone.localtime(datetime.fromisoformat(str(value))), "j F Y, H:i")
    return str(value)


def _received(submission: Submission) -> str:
    if posted := submission.origin.get(POSTED_AT):
        day = timezone.localtime(datetime.fromisoformat(posted))
        return f"A new run of what was posted on {day:%d.%m.%Y at %H:%M}"
    return "Received"


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
