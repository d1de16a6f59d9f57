"""Registrations are personal data: told to whom they are about, and erased with them; their places become free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contacts.privacy.holding import Person, Section, row_of
from forms_intake.events.book import Book
from forms_intake.models import ACTIVE, EventRegistration, RegistrationState

COLUMNS = ("event", "state", "registered_at", "cancelled_at", "cancelled_how", "checked_in_at", "walk_in")


class Registrations:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        rows = EventRegistration.objects.filter(contact__in=person.contact_ids).select_related("event").order_by("pk")
        told = []
        for one in rows:
            places = one.places.exclude(state=RegistrationState.CANCELLED).select_related("session")
            sessions = [place.session.name for place in places]
            told.append(row_of(one, *COLUMNS) | ({"Sessions": ", ".join(sessions)} if sessions else {}))
        yield Section("Events they registered for", told)

    def erase(self, person: Person) -> Mapping[str, int]:
        theirs = EventRegistration.objects.filter(contact__in=person.contact_ids)
        event_ids = set(theirs.values_list("event_id", flat=True))
        if not event_ids:
            return {}
        book = Book(event_ids)
        found = book.registrations_of(event_ids, person.contact_ids)
        for one in found:
            if one.state in ACTIVE:
                book.leave(one, how="erased")
        book.fill()
        book.close()
        EventRegistration.objects.filter(pk__in=[one.pk for one in found]).delete()
        return {"registrations for events deleted": len(found)}


REGISTRATIONS = Registrations()
