"""What time brings to events: invitations that run out, and what is over."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from forms_intake.events.book import Book
from forms_intake.events.editing import close_form, held
from forms_intake.models import Event, EventRegistration, EventState, RegistrationState

OVER_WORDS = gettext_noop("This event is over.")
MOST = 100
"""Events that are over, closed at once."""


def sweep() -> int:
    """What time brings: invitations that ran out go to who is next, and what is over takes no more registrations.

    How many events were looked after.
    """
    now = timezone.now()
    lapsed = EventRegistration.objects.filter(state=RegistrationState.INVITED, invited_until__lte=now)
    found = set(lapsed.values_list("event_id", flat=True))
    for event_id in sorted(found):
        _let_lapse(event_id)
    over = Event.objects.filter(state=EventState.LIVE, ends_at__lte=now).order_by("pk")
    ended = list(over.values_list("pk", flat=True)[:MOST])
    for event_id in ended:
        with transaction.atomic():
            event = held(event_id)
            if event.state == EventState.LIVE and event.is_over:
                event.state = EventState.CLOSED
                event.save(update_fields=["state"])
                close_form(event, OVER_WORDS)
    return len(found) + len(ended)


@transaction.atomic
def _let_lapse(event_id: int) -> None:
    book = Book([event_id])
    late = EventRegistration.objects.filter(
        event=event_id, state=RegistrationState.INVITED, invited_until__lte=book.now
    ).values_list("pk", flat=True)
    for registration in book.registrations(list(late)):
        book.leave(registration, how="the invitation ran out")
        book.step(registration, "The invitation ran out")
        book.write_to(registration, "lapsed")
    book.fill()
    book.close()
