"""The demo's segments: their members as they came and went day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from contacts.models import Contact, User
from segments.definition import vocabulary_of
from segments.models import Cause, How, Kind, Segment, Subject
from segments.refresh import attempt
from segments.services.lifecycle import create_segment, go_live
from segments.services.picks import add

DAYS = 30
AT_THE_FAIR = 64

ENGAGED: dict[str, Any] = {
    "did": "page_visited",
    "at_least": 2,
    "within_days": 21,
    "subject_contains": "pric",
}
QUIET: dict[str, Any] = {
    "all": [
        {"did": "form_submitted"},
        {"did": "page_visited", "none": True, "within_days": 30},
        {"did": "form_submitted", "none": True, "within_days": 30},
    ]
}
DECIDE: dict[str, Any] = {"field": "contact.role", "op": "is_one_of", "value": ["decision_maker", "champion"]}
NEARLY: dict[str, Any] = {
    "all": [
        {"field": "status", "op": "is", "value": "open"},
        {"field": "sales_ready", "op": "is", "value": False},
        {"field": "score", "op": "greater_or_equal", "value": 40},
    ]
}


def make_segments(random: Random, now: datetime, by: User) -> None:
    """Segments of every kind. What people did is dated, so those that ask for it are lived through a month."""

    def make(name: str, words: str, condition: dict[str, Any] | None = None, **more: Any) -> Segment:
        made = create_segment(by=by, name=name, description=words, condition=condition or {}, **more)
        return made if made.kind == Kind.STATIC else go_live(made)

    engaged = make("Looked at prices lately", "Whom to write to about an offer.", ENGAGED)
    quiet = make("Gone quiet", "Asked for something once and has not been seen for a month.", QUIET)
    for segment in (engaged, quiet):
        _live_through(segment, now)
    decide = make("Decide or speak for us", "By the part they play when their company buys.", DECIDE)
    make(
        "Worth a call",
        "Looked at prices and has a say, or has gone quiet.",
        kind=Kind.COMPOUND,
        steps=[
            {"how": str(How.UNION), "segment": engaged.pk},
            {"how": str(How.INTERSECT), "segment": decide.pk},
            {"how": str(How.UNION), "segment": quiet.pk},
        ],
    )
    make("Nearly sales ready", "Open leads that lack a little.", NEARLY, subject=Subject.LEAD)
    fair = make("Met at the transport fair", "Badges scanned at our stand.", kind=Kind.STATIC)
    people = list(Contact.objects.alive().order_by("pk").values_list("pk", flat=True))
    add(fair, random.sample(people, min(AT_THE_FAIR, len(people))), by=by, source="badges.csv")


def _live_through(segment: Segment, now: datetime) -> None:
    vocabulary = vocabulary_of(segment.subject)
    for back in range(DAYS, 0, -1):
        day = now - timedelta(days=back)
        attempt(segment, vocabulary, now=day, cause=Cause.LIVE if back == DAYS else Cause.FACTS)
    Segment.objects.filter(pk=segment.pk).update(
        live_since=now - timedelta(days=DAYS), refreshed_at=now - timedelta(days=1)
    )
