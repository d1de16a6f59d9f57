"""How full events are, who came, and how registrations came in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from forms_intake.models import HOLDING, Event, EventRegistration, RegistrationState, SessionPlace
from leadcrm.lib.charts import every_day

MOST_DAYS = 60


@dataclass
class Numbers:
    """How many of an event are registered, invited, waiting, cancelled, found it full, and how many of those registered
    came; `sessions`: for each who has a place, who waits, who came.
    """

    registered: int = 0
    invited: int = 0
    waiting: int = 0
    cancelled: int = 0
    full: int = 0
    came: int = 0
    expected: int = 0
    sessions: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Places that are taken, those held for who is invited among them."""
        return self.registered + self.invited

    @property
    def show_rate(self) -> int:
        """Of a hundred who were registered, so many came."""
        return round(100 * self.came / self.expected) if self.expected else 0


def numbers_of(event_ids: Collection[int]) -> dict[int, Numbers]:
    """The numbers of some events, by id. Two queries."""
    found = {pk: Numbers() for pk in event_ids}
    rows = EventRegistration.objects.filter(event__in=found).values_list("event", "state").order_by()
    is_there = Q(state=RegistrationState.REGISTERED, checked_in_at__isnull=False)
    for event_id, state, number, came in rows.annotate(number=Count("pk"), came=Count("pk", filter=is_there)):
        numbers = found[event_id]
        setattr(numbers, str(state), number)
        numbers.came += came
        if state == RegistrationState.REGISTERED:
            numbers.expected = number
    places = SessionPlace.objects.filter(session__event__in=found).values_list("session__event", "session").order_by()
    for event_id, session_id, seated, waiting, came in places.annotate(
        seated=Count("pk", filter=Q(state=RegistrationState.REGISTERED)),
        waiting=Count("pk", filter=Q(state=RegistrationState.WAITING)),
        came=Count("pk", filter=is_there),
    ):
        found[event_id].sessions[session_id] = (seated, waiting, came)
    return found


def registrations_by_day(event: Event) -> list[tuple[date, int]]:
    """How many registered on each day, from the first one, or the last sixty days, until today or the event's."""
    until = min(timezone.localdate(), timezone.localdate(event.ends_at))
    rows = EventRegistration.objects.filter(
        event=event, registered_at__gte=timezone.now() - timedelta(days=400)
    ).annotate(day=TruncDate("registered_at"))
    counts = dict(rows.values_list("day").annotate(number=Count("pk")).order_by("day"))
    counts = {day: number for day, number in counts.items() if day <= until}
    if not counts:
        return []
    days = min((until - min(counts)).days + 1, MOST_DAYS)
    return every_day(counts, days=max(days, 7), until=until)


def places_left(event: Event) -> int | None:
    """How many places are free, None for as many as come, less than none never. One query."""
    if event.capacity is None:
        return None
    taken = EventRegistration.objects.filter(event=event, state__in=HOLDING).count()
    return max(0, event.capacity - taken)
