"""What a processed post to a registration form makes: one registration a contact and event, and one lead at most."""

from __future__ import annotations

from collections.abc import Sequence

from forms_intake.events.book import Book, note_came, note_registered
from forms_intake.events.choosing import chosen_of
from forms_intake.models import (
    ACTIVE,
    Event,
    EventRegistration,
    EventState,
    RegistrationState,
)
from forms_intake.processing.intents import Intent
from forms_intake.targets import SESSIONS
from leadcrm.lib import ratelimit
from leads.models import Lead, Status

BY_EVENT = ("contact", "marketing_context")
LETTERS_A_DAY = 5
"""To one registration: who posts it again and again with other sessions cannot fill a mailbox."""
STANDS = {RegistrationState.WAITING: "waiting", RegistrationState.INVITED: "invited"}
STEPS = {
    RegistrationState.REGISTERED: "Registered",
    RegistrationState.WAITING: "Joined the waiting list",
    RegistrationState.FULL: "Found no place left",
}
LETTERS = {
    RegistrationState.REGISTERED: "registered",
    RegistrationState.WAITING: "waiting",
    RegistrationState.FULL: "full",
}


class Arrivals:
    """The posts of a set that register somebody. Made once contacts are known, before leads are matched: it holds the
    events from then on.
    """

    def __init__(self, intents: Sequence[Intent]) -> None:
        self.intents = [one for one in intents if one.event_id and one.contact_id]
        self.book = Book({one.event_id for one in self.intents if one.event_id}) if self.intents else None
        self.known: dict[tuple[int, int], EventRegistration] = {}
        self.leads: dict[int, Lead] = {}
        self.followers: list[tuple[Intent, Intent]] = []
        if self.book is not None:
            people = {one.contact_id for one in self.intents}
            found = self.book.registrations_of(self.book.events, people)
            self.known = {(one.event_id, one.contact_id): one for one in found}
            self.leads = Lead.objects.alive().in_bulk([one.lead_id for one in found if one.lead_id])

    def asking_for_leads(self, intents: Sequence[Intent]) -> list[Intent]:
        """Those of `intents` for which a lead is to be found or made: of each contact and event one, and none where
        there is one that matching would not find, because it is closed or the form matches in another way.
        """
        ours, asking, first = set(map(id, self.intents)), [], dict[tuple[int, int], Intent]()
        for intent in intents:
            if id(intent) not in ours:
                asking.append(intent)
                continue
            key = _key(intent)
            lead = self._lead_of(key)
            if key in first:
                self.followers.append((intent, first[key]))
            elif lead is not None and not (lead.status == Status.OPEN and _is_usual(intent)):
                intent.lead_id = lead.pk
                intent.decision["lead"] = _told(intent, lead.pk, "They have a lead of this event already.")
                first[key] = intent
            else:
                first[key] = intent
                asking.append(intent)
        return asking

    def _lead_of(self, key: tuple[int, int]) -> Lead | None:
        registration = self.known.get(key)
        return self.leads.get(registration.lead_id) if registration and registration.lead_id else None

    def register(self) -> None:
        """Give everybody their place, in the order in which they came, and write it down."""
        book = self.book
        if book is None:
            return
        for intent, other in self.followers:
            intent.lead_id = other.lead_id
            if other.lead_id:
                intent.decision["lead"] = _told(intent, other.lead_id, "They have a lead of this event already.")
        for intent in sorted(self.intents, key=lambda one: (one.agreed_at, one.submission.pk)):
            event = book.events.get(intent.event_id or 0)
            if event is not None:
                self._register(book, event, intent)
        book.fill()
        book.close()

    def _register(self, book: Book, event: Event, intent: Intent) -> None:
        submission, walks_in = intent.submission, bool(intent.submission.origin.get("walk_in"))
        if event.state == EventState.CANCELLED:
            intent.decision["event"] = {"event": event.pk, "reason": "The event is cancelled; nobody was registered."}
            return
        if intent.agreed_at >= event.ends_at and not walks_in:  # a click in an old mail
            intent.decision["event"] = {"event": event.pk, "reason": "The event was over; nobody was registered."}
            return
        wanted = _sessions_asked(book, event, intent)
        registration = self.known.get(_key(intent))
        if registration is not None and registration.state in ACTIVE:
            self._again(book, registration, intent, wanted)
            return
        if registration is None:
            registration = EventRegistration(event=event, contact_id=intent.contact_id)
            self.known[_key(intent)] = registration
        is_back = registration.state == RegistrationState.CANCELLED
        was_full = registration.state == RegistrationState.FULL
        registration.queued_at, registration.submission = intent.agreed_at, submission
        registration.lead_id = intent.lead_id or registration.lead_id
        registration.walk_in = walks_in
        came = walks_in and bool(submission.origin.get("came"))
        book.arrive_anew(registration, over=walks_in)
        book.step(registration, "Registered by hand" if walks_in else STEPS[RegistrationState(registration.state)])
        if wanted is not None:
            book.wish(registration, wanted, at=intent.agreed_at)
        elif is_back:
            book.wish_again(registration, at=intent.agreed_at)
        is_still_full = was_full and registration.state == RegistrationState.FULL
        if not came and (not is_still_full or _may_mail(registration)):
            book.write_to(registration, LETTERS[RegistrationState(registration.state)])
        if registration.state != RegistrationState.FULL:
            note_registered(book, registration, key=f"registered:{submission.pk}", at=intent.agreed_at)
        if walks_in:
            _stands_at_the_door(book, registration, intent)
        intent.decision["event"] = {
            "event": event.pk,
            "registration": str(registration.public_id),
            "reason": f"{STEPS[RegistrationState(registration.state)]}{_left_out(book, registration)}.",
        }

    def _again(self, book: Book, registration: EventRegistration, intent: Intent, wanted: list[int] | None) -> None:
        """One who is registered already. Their sessions are as they said last, and their invitation is accepted, where
        it is known that they said it: whoever types somebody's address would take their places away, or take one for
        them. For all others there is the ticket.
        """
        said = "They are registered already"
        registration.submission = intent.submission
        registration.lead_id = registration.lead_id or intent.lead_id
        if intent.submission.origin.get("walk_in"):
            self._walks_in(book, registration, intent)
            said = "They were registered already"
        elif registration.state == RegistrationState.INVITED and not _is_theirs(intent):
            book.step(registration, "Invitation stands: a post does not accept it")
            said = "They are invited; that stands, since anybody can type an address: the link in their mail accepts it"
            if id(registration) not in book.letters and _may_mail(registration):
                book.write_to(registration, "invited")
        elif registration.state == RegistrationState.INVITED:
            book.accept(registration)
            book.step(registration, "Accepted the invitation")
            book.write_to(registration, "registered")
            said = "They accepted their invitation"
        chosen = chosen_of(book.places_of(registration).values())
        if wanted is not None and chosen and not _is_theirs(intent):
            if chosen != set(wanted):
                book.step(registration, "Sessions kept: a post named others")
                said += "; their sessions stay, since anybody can type an address: their ticket changes them"
                if id(registration) not in book.letters and _may_mail(registration):
                    book.write_to(registration, STANDS.get(RegistrationState(registration.state), "registered"))
        elif wanted is not None and book.wish(registration, wanted, at=intent.agreed_at):
            book.step(registration, "Chose other sessions")
            registration.sequence += 1
            if id(registration) not in book.letters and _may_mail(registration):
                book.write_to(registration, "changed")
            said += "; they chose other sessions"
            book.fill()  # who waits comes before who posts next
        book.change(registration)
        intent.decision["event"] = {
            "event": registration.event_id,
            "registration": str(registration.public_id),
            "reason": f"{said}{_left_out(book, registration)}.",
        }

    def _walks_in(self, book: Book, registration: EventRegistration, intent: Intent) -> None:
        """Who is registered by hand and had registered: a place, whatever capacity says; and they came, if so."""
        if registration.state != RegistrationState.REGISTERED:
            book.accept(registration)
            book.step(registration, "Given a place")
        if _stands_at_the_door(book, registration, intent):
            book.step(registration, "Checked in")


def _stands_at_the_door(book: Book, registration: EventRegistration, intent: Intent) -> bool:
    """Who is registered by hand at the door of a session has that session too; and they came, if so. Whether they had
    not come before.
    """
    at, origin = intent.submission.received_at, intent.submission.origin
    session = book.sessions.get(origin.get("session") or 0)
    if session is not None and session.event_id != registration.event_id:
        session = None
    places = book.places_of(registration)
    if not origin.get("came"):
        if session is not None:
            book.wish(registration, chosen_of(places.values()) | {session.pk}, at=intent.agreed_at)
        return False
    known = registration if session is None else places.get(session.pk)
    if known is not None and known.checked_in_at is not None:
        return False
    if registration.checked_in_at is None:
        registration.checked_in_at, registration.checked_in_by_id = at, origin.get("by")
    if session is not None:
        book.came_to(registration, session.pk, at=at, by_id=origin.get("by"))
    note_came(book, registration, session=session, at=at)
    return True


def _left_out(book: Book, registration: EventRegistration) -> str:
    """What was left out of the sessions they asked for, in words that follow the reason."""
    return "".join(f". {words}" for words in book.left_out.pop(id(registration), []))


def _key(intent: Intent) -> tuple[int, int]:
    return intent.event_id or 0, intent.contact_id


def _is_usual(intent: Intent) -> bool:
    """Whether matching finds the open lead of a contact and event by itself."""
    return not intent.form.always_new_lead and intent.form.lead_strategy.attributes == BY_EVENT


def _told(intent: Intent, lead_id: int, reason: str) -> dict[str, object]:
    return {
        "strategy": intent.form.lead_strategy.name,
        "key": "",
        "candidates": [lead_id],
        "winner": lead_id,
        "reason": reason,
        "new": False,
    }


def _sessions_asked(book: Book, event: Event, intent: Intent) -> list[int] | None:
    """The sessions that were chosen, by id; None where nobody was asked. What is offered no more is left out.

    Whoever writes somebody down at the door or from a card is asked for no sessions: what names none leaves them be.
    """
    asking = next((one for one in intent.form.fields if one.target == SESSIONS), None)
    if asking is None or (asking.key not in intent.submission.payload and _is_written_down(intent)):
        return None
    said = intent.submission.payload.get(asking.key) or []
    names = {said} if isinstance(said, str) else set(said)
    return [one.pk for one in book.sessions_of(event.pk) if one.name in names]


def _is_written_down(intent: Intent) -> bool:
    return intent.is_captured or bool(intent.submission.origin.get("walk_in"))


def _is_theirs(intent: Intent) -> bool:
    """Whether the person clicked in a mail, or it was brought by who works here or by a system with a token of ours."""
    origin = intent.submission.origin
    return _is_written_down(intent) or intent.confirmed_at is not None or bool(origin.get("api"))


def _may_mail(registration: EventRegistration) -> bool:
    return ratelimit.allow(f"event-mail:{registration.pk}", limit=LETTERS_A_DAY, seconds=24 * 3600).allowed
