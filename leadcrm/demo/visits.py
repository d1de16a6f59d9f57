"""What the demo's people did: posts, visits, mails, downloads, events, at the hours people keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from contacts.models import InteractionType as Did
from forms_intake.imports.copying import copy_in
from leadcrm.demo.cast import Person, office_moment
from leadcrm.demo.catalogue import Catalogue, Page
from leadcrm.demo.words import MAILS, PATHS

COPY = """
COPY contacts_interaction (contact_id, type, subject, occurred_at, source, marketing_context_id, campaign_id,
    product_id, payload)
FROM STDIN (FORMAT csv, NULL E'\\x01')
"""
SESSIONS = ((0, 1), (1, 3), (3, 7), (6, 14))
"""Fewest and most visits after the first one, by zeal."""
OPENS = (0.12, 0.3, 0.5, 0.7)
EVENTS = {
    "driver-webinar": ("Webinar: the driver shortage", 72),
    "cold-chain-guide": ("Cold chain week, open depot", 95),
}
"""By page: what they can come to, and how many days ago it was."""

Touch = tuple[int, str, str, datetime, str, int | None, int | None, int | None, str]


class Visits:
    """All interactions of all people, in memory until `store`."""

    def __init__(self, random: Random, now: datetime, catalogue: Catalogue) -> None:
        self.random, self.now, self.catalogue = random, now, catalogue
        self.touches: list[Touch] = []
        self.mailings = [
            (now - timedelta(days=days)).replace(hour=8, minute=30, second=0, microsecond=0)
            for days in range(3, 150, 16)
        ]

    def add_all(self, people: list[Person]) -> None:
        for person in people:
            self.touches += [touch for touch in self._of(person) if touch[3] < self.now]

    def store(self) -> None:
        """Write them in the order in which they happened."""
        self.touches.sort(key=lambda touch: touch[3])
        copy_in(COPY, self.touches)

    def _touch(self, person: Person, kind: str, subject: str, at: datetime, page: Page | None = None) -> Touch:
        about: tuple[int | None, int | None, int | None] = (None, None, None)
        if page:
            context = self.catalogue.contexts[page.slug]
            about = (context.pk, context.campaign_id, context.product_id)
        source = {"form": "form", "email": "mail", "event": "event"}.get(kind.split("_")[0], "website")
        return (person.contact.pk, kind, subject, at, source, *about, json.dumps({}))

    def _of(self, person: Person) -> Iterator[Touch]:
        yield from self._post(person, person.page, person.since)
        if person.second and person.second_at:
            yield from self._post(person, person.second, person.second_at)
        if person.fresh:
            for minutes in (14, 12, 9)[: self.random.randint(2, 3)]:
                yield self._touch(person, Did.PAGE_VISITED, "/pricing/", person.since - timedelta(minutes=minutes))
            return
        fewest, most = SESSIONS[person.zeal]
        for _ in range(self.random.randint(fewest, most)):
            yield from self._session(person)
        yield from self._mails(person)
        yield from self._event(person)

    def _post(self, person: Person, page: Page, at: datetime) -> Iterator[Touch]:
        minutes = self.random.randint(2, 9)
        yield self._touch(person, Did.PAGE_VISITED, self.random.choice(PATHS), at - timedelta(minutes=minutes))
        yield self._touch(person, Did.PAGE_VISITED, f"/p/{page.slug}/", at - timedelta(minutes=minutes - 1), page)
        yield self._touch(person, Did.FORM_SUBMITTED, page.form, at, page)
        if page.slug == "cold-chain-guide":
            yield self._touch(person, Did.DOWNLOADED, "Cold-chain guide (PDF)", at + timedelta(seconds=40), page)

    def _session(self, person: Person) -> Iterator[Touch]:
        days = self.random.expovariate(1 / (9 + 9 * person.zeal)) + 0.2
        at = office_moment(self.random, person.since + timedelta(days=days))
        if at <= person.since:
            return
        for _ in range(self.random.randint(1, 2 + person.zeal)):
            keen = self.random.random() < 0.06 + 0.09 * person.zeal
            yield self._touch(person, Did.PAGE_VISITED, "/pricing/" if keen else self.random.choice(PATHS), at)
            at += timedelta(seconds=self.random.randint(15, 260))
        if person.zeal > 1 and self.random.random() < 0.12:
            yield self._touch(person, Did.DOWNLOADED, "Savings sheet (PDF)", at)

    def _mails(self, person: Person) -> Iterator[Touch]:
        if not person.contact.consent_level:
            return
        for number, sent in enumerate(self.mailings):
            if sent <= person.since:
                return
            subject = MAILS[number % len(MAILS)]
            yield self._touch(person, Did.EMAIL_SENT, subject, sent + timedelta(seconds=self.random.randrange(300)))
            if self.random.random() > OPENS[person.zeal]:
                if self.random.random() < 0.012:
                    yield self._touch(person, Did.EMAIL_UNSUBSCRIBED, subject, sent + timedelta(hours=3))
                continue
            opened = office_moment(self.random, sent + timedelta(hours=self.random.expovariate(1 / 9)))
            opened = max(opened, sent + timedelta(minutes=7))
            yield self._touch(person, Did.EMAIL_OPENED, subject, opened)
            if self.random.random() < 0.1 + 0.1 * person.zeal:
                yield self._touch(person, Did.EMAIL_CLICKED, subject, opened + timedelta(seconds=50))
                yield self._touch(person, Did.PAGE_VISITED, "/blog/empty-miles/", opened + timedelta(seconds=52))

    def _event(self, person: Person) -> Iterator[Touch]:
        if person.page.slug not in EVENTS:
            return
        name, days = EVENTS[person.page.slug]
        began = (self.now - timedelta(days=days)).replace(hour=13, minute=0, second=0, microsecond=0)
        if person.since < began and self.random.random() < 0.3 + 0.15 * person.zeal:
            yield self._touch(person, Did.EVENT_REGISTERED, name, person.since + timedelta(minutes=1), person.page)
            if self.random.random() < 0.6:
                yield self._touch(person, Did.EVENT_CHECKED_IN, name, began, person.page)
