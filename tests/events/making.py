"""Events in tests, and people who register for them as visitors do."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from contacts.models import OutboxEvent
from forms_intake.events.editing import make_event, open_registration
from forms_intake.events.offering import keep_session
from forms_intake.models import Event, EventRegistration, EventSession, IntakeForm, Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_user
from tests.forms_intake.posting import a_submission, processed

_number = count(1)


def an_event(name: str = "", *, live: bool = True, by: Any = None, **more: Any) -> Event:
    """An event in a week, two hours long, live with its form."""
    number = next(_number)
    begin: datetime = more.pop("starts_at", None) or timezone.now().replace(microsecond=0) + timedelta(days=7)
    event = Event(
        name=name or f"Open day {number}",
        slug=more.pop("slug", f"open-day-{number}"),
        starts_at=begin,
        ends_at=more.pop("ends_at", begin + timedelta(hours=2)),
        place=more.pop("place", "Kontorhaus, Hamburg"),
    )
    campaign_id, product_id = more.pop("campaign_id", None), more.pop("product_id", None)
    for key, value in more.items():
        setattr(event, key, value)
    make_event(event, campaign_id=campaign_id, product_id=product_id, by=by)
    if live:
        event = open_registration(event.pk, by=by or a_user("marketer"))
    forget_specs()
    return event


def form_of(event: Event) -> IntakeForm:
    """Its registration form."""
    assert event.form is not None
    return event.form


def a_session(event: Event, name: str = "Workshop", **more: Any) -> EventSession:
    """The first one is as long as the event; each further one begins when the last one ends, unless it says when."""
    last = event.sessions.order_by("ends_at").last()
    begin = more.pop("starts_at", last.ends_at if last else event.starts_at)
    end = more.pop("ends_at", begin + (event.ends_at - event.starts_at))
    session = EventSession(event=event, name=name, starts_at=begin, ends_at=end, **more)
    keep_session(session, by=None)  # type: ignore[arg-type]
    forget_specs()
    return session


def posts(event: Event, who: str = "nina", **more: Any) -> Submission:
    """A raw post to the event's form."""
    said = {"email": f"{who}@nordwind.example", "first_name": who.title(), "last_name": "Lind"}
    return a_submission(form_of(event), **said, **more)


def registers(event: Event, who: str = "nina", **more: Any) -> EventRegistration:
    """Somebody registers, and the post is processed."""
    submission, *_ = processed(posts(event, who, **more))
    assert submission.state == "done", submission.error
    return EventRegistration.objects.get(event=event, contact=submission.contact)


def letters() -> list[str]:
    """What letters about registrations wait, in order."""
    rows = OutboxEvent.objects.filter(kind="mail", payload__letter="event", delivered_at=None).order_by("pk")
    return [row.payload["what"] for row in rows]
