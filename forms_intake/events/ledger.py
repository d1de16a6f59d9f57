"""What is written of changes at an event: registrations, places, history, letters and interactions, set by set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.letters import post_letters
from contacts.models import Interaction, InteractionKey, User
from contacts.services.interactions import take_back
from forms_intake.events.tickets import LETTER
from forms_intake.models import Event, EventRegistration, RegistrationStep, SessionPlace
from leadcrm.lib.rows import insert

SOURCE = "event"
WRITTEN = (
    *("lead", "submission", "state", "queued_at", "invited_until", "cancelled_at", "cancelled_by", "cancelled_how"),
    *("walk_in", "checked_in_at", "checked_in_by", "sequence"),
)


@dataclass(frozen=True)
class Touch:
    """An interaction to be written down, once for each `key`."""

    registration: EventRegistration
    type: str
    at: datetime
    key: str
    more: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """Collects what changes, and writes it in a constant number of statements. `by`: who works here and does it."""

    def __init__(self, *, by: User | None) -> None:
        self.by, self.now = by, timezone.now()
        self.events: dict[int, Event] = {}
        self.read: dict[int, EventRegistration] = {}
        """By id, each once, so that what one step changes the next one sees."""
        self.fresh: list[EventRegistration] = []
        self.changed: dict[int, EventRegistration] = {}
        self.places: dict[int, dict[int, SessionPlace]] = {}
        self.changed_places: dict[int, SessionPlace] = {}
        self.steps: list[tuple[EventRegistration, str]] = []
        self.letters: dict[int, tuple[EventRegistration, str]] = {}
        self.touches: list[Touch] = []
        self.untouched: list[tuple[EventRegistration, str, Collection[str]]] = []

    def of(self, registration: EventRegistration) -> Event:
        """The event of a registration, as it is held."""
        return self.events[registration.event_id]

    def places_of(self, registration: EventRegistration) -> dict[int, SessionPlace]:
        """A registration's places by session, whether it is stored yet or not."""
        key = registration.pk if registration.pk is not None else -id(registration)
        return self.places.setdefault(key, {})

    def change_place(self, place: SessionPlace) -> None:
        """A place that is stored differs now."""
        if place.pk is not None:
            self.changed_places[place.pk] = place

    def change(self, registration: EventRegistration) -> None:
        """A registration that is stored differs now."""
        if registration.pk is not None:
            self.changed[registration.pk] = registration

    def step(self, registration: EventRegistration, what: str) -> None:
        self.steps.append((registration, what))

    def write_to(self, registration: EventRegistration, letter: str) -> None:
        """Mail the person, once for all that changes here: the last word counts."""
        self.letters[id(registration)] = (registration, letter)

    def touch(
        self, registration: EventRegistration, type: str, *, key: str, at: datetime | None = None, more: Any = None
    ) -> None:
        """Write down that they did something, once for each key; `more` is told with it."""
        self.touches.append(Touch(registration, type, at or self.now, key, more or {}))

    def untouch(self, registration: EventRegistration, type: str, *, keys: Collection[str]) -> None:
        """Take back what was written down of this type at the event, also of a registration that was merged into this
        one: they never did it. `keys`, which name the registration, can be used anew.
        """
        self.untouched.append((registration, type, keys))

    def write(self) -> None:
        """Write down who stands where, so that the database can say who is next, those who came only now among them."""
        wished = [self.places.pop(-id(one), {}) for one in self.fresh]
        EventRegistration.objects.bulk_create(self.fresh)
        for registration, places in zip(self.fresh, wished, strict=True):
            self.places[registration.pk], self.read[registration.pk] = places, registration
        if self.changed:
            EventRegistration.objects.bulk_update(list(self.changed.values()), WRITTEN)
        new_places: list[SessionPlace] = []
        for registration_id, places in self.places.items():
            for place in places.values():
                if place.pk is None:
                    place.registration_id = registration_id
                    new_places.append(place)
        if new_places:
            SessionPlace.objects.bulk_create(new_places)
        if self.changed_places:
            SessionPlace.objects.bulk_update(
                list(self.changed_places.values()),
                ["state", "queued_at", "left_with_event", "checked_in_at", "checked_in_by"],
            )
        self.fresh, self.changed, self.changed_places = [], {}, {}

    def close(self) -> None:
        """Write everything down, within the transaction that opened the book."""
        self.write()
        if self.steps:
            RegistrationStep.objects.bulk_create(
                RegistrationStep(registration=one, what=what[:150], by=self.by) for one, what in self.steps
            )
        post_letters(
            LETTER, [{"registration": str(one.public_id), "what": what} for one, what in self.letters.values()]
        )
        self._take_back_touches()
        self._write_touches()

    def _take_back_touches(self) -> None:
        if not self.untouched:
            return
        theirs = [
            Q(contact=one.contact_id, type=type, marketing_context=self.of(one).marketing_context_id)
            for one, type, _ in self.untouched
        ]
        wrong = Interaction.objects.filter(reduce(or_, theirs), source=SOURCE).values_list("pk", "payload")
        named = {pk: str(payload.get("registration", "")) for pk, payload in wrong}
        keys = [
            key.replace(str(one.public_id), name)
            for one, _, more in self.untouched
            for key in more
            for name in {str(one.public_id), *named.values()}
        ]
        take_back(named, dedupe_keys=keys)

    def _write_touches(self) -> None:
        if not self.touches:
            return
        known = set(
            InteractionKey.objects.filter(key__in=[one.key for one in self.touches]).values_list("key", flat=True)
        )
        fresh = list({one.key: one for one in self.touches if one.key not in known}.values())
        made = insert(self._interaction(one) for one in fresh)
        insert(InteractionKey(key=one.key, interaction_id=row.pk) for one, row in zip(fresh, made, strict=True))
        if made:
            facts_changed()

    def _interaction(self, touch: Touch) -> Interaction:
        event = self.of(touch.registration)
        context = event.marketing_context
        told = {"event": event.slug, "registration": str(touch.registration.public_id), **touch.more}
        if self.by is not None:
            told |= {"by": str(self.by), "by_id": self.by.pk}
        return Interaction(
            contact_id=touch.registration.contact_id,
            type=touch.type,
            subject=event.name,
            occurred_at=touch.at,
            source=SOURCE,
            marketing_context_id=context.pk,
            campaign_id=context.campaign_id,
            product_id=context.product_id,
            payload=told,
        )
