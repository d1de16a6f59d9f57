"""What was posted to the demo's forms lately: processed, with the decision; some that failed, and a little spam."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from contacts.models import Interaction, InteractionKey, InteractionType
from forms_intake.models import Deed, Submission, SubmissionEvent, SubmissionState
from leadcrm.demo.cast import Person
from leadcrm.demo.catalogue import PAGES, Catalogue, Page
from leadcrm.demo.pages import OTHER_DAYS, TEST_DAYS, TESTED, letter_of
from leads.models import Lead

ORIGIN = {"ip": "192.0.2.10", "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
NO_NAME = "Nothing in it says who this is: it has neither an e-mail address nor an external id."


def make_posts(random: Random, now: datetime, people: list[Person], leads: list[Lead], catalogue: Catalogue) -> None:
    """The submissions behind the contacts and leads of the last month; of the page under test, since it began."""
    by_contact = {lead.contact_id: lead for lead in reversed(leads)}
    recent = [
        person
        for person in people
        if person.since > now - timedelta(days=TEST_DAYS if person.page.slug == TESTED else OTHER_DAYS)
    ]
    touched = Interaction.objects.filter(
        contact__in=[person.contact.pk for person in recent], type=InteractionType.FORM_SUBMITTED
    ).order_by("-occurred_at")
    first_posts = {touch.contact_id: touch for touch in touched}
    posts = []
    for number, person in enumerate(recent):
        lead = by_contact.get(person.contact.pk) if person.page.makes_lead else None
        post = _done(random, person, lead, first_posts[person.contact.pk], catalogue)
        if person.page.slug == TESTED:
            post.variant = letter_of(number)
        posts.append(post)
    for number in range(9):
        posts.append(_undone(random, now, number, catalogue))
    posts.append(_unconfirmed(random, now, catalogue))
    posts.append(_deleted(random, now, catalogue))
    made = Submission.objects.bulk_create(sorted(posts, key=lambda post: post.received_at))
    InteractionKey.objects.bulk_create(
        InteractionKey(key=f"submission:{post.pk}", interaction_id=post.interaction_id)
        for post in made
        if post.interaction_id
    )
    SubmissionEvent.objects.bulk_create(
        SubmissionEvent(submission=post, deed=Deed.FAILED, reason=NO_NAME, at=post.received_at + wait)
        for post in made
        if post.state == SubmissionState.FAILED
        for wait in (timedelta(seconds=1), timedelta(minutes=20))
    )


def _base(random: Random, page: Page, catalogue: Catalogue, at: datetime, payload: dict[str, Any]) -> Submission:
    return Submission(
        public_id=UUID(int=random.getrandbits(128), version=4),
        form=catalogue.forms[page.slug],
        page=catalogue.pages[page.slug],
        payload=payload,
        origin=ORIGIN,
        received_at=at,
        attempts=1,
    )


def _done(random: Random, person: Person, lead: Lead | None, touch: Interaction, catalogue: Catalogue) -> Submission:
    contact = person.contact
    payload = {"first_name": contact.first_name, "last_name": contact.last_name, "email": contact.email}
    if person.page.makes_lead:
        company = contact.account.name if contact.account else ""
        more = {"company": company, "job_title": contact.job_title, "phone": contact.phone}
        payload |= {key: value for key, value in more.items() if value}
        payload |= {key: str(value) for key, value in person.extra.items()}
    if contact.consent_level:
        payload["consent"] = "on"
    post = _base(random, person.page, catalogue, person.since, payload)
    post.state, post.processed_at = SubmissionState.DONE, person.since + timedelta(milliseconds=350)
    post.contact, post.lead, post.interaction = contact, lead, touch
    post.email = contact.email
    post.decision = {
        "contact": _winner("By e-mail", f"email: {contact.email}", contact.pk, "Nobody was known by this.")
    }
    if contact.account and "company" in payload:
        reason = "Known by exactly this name. A known company is linked, never changed by a post."
        post.decision["account"] = _winner("", f"name: {contact.account.name}", contact.account.pk, reason, new=False)
    if lead:
        key = f"contact+marketing_context: {contact.pk}:{lead.marketing_context_id}"
        post.decision["lead"] = _winner(
            "By contact and marketing context", key, lead.pk, "No lead had the same interest."
        )
    return post


def _winner(strategy: str, key: str, winner: int, reason: str, *, new: bool = True) -> dict[str, Any]:
    said = {"strategy": strategy} if strategy else {}
    return said | {"key": key, "candidates": [], "winner": winner, "reason": reason, "new": new}


def _unconfirmed(random: Random, now: datetime, catalogue: Catalogue) -> Submission:
    """One whose person has not yet clicked in the mail."""
    payload = {"first_name": "Edda", "last_name": "Holm", "email": "edda.holm@fjordfracht.example"}
    post = _base(random, PAGES[0], catalogue, now - timedelta(minutes=52), payload)
    post.state, post.attempts = SubmissionState.UNCONFIRMED, 0
    return post


def _deleted(random: Random, now: datetime, catalogue: Catalogue) -> Submission:
    """One that somebody threw away: it can be restored."""
    post = _base(random, PAGES[0], catalogue, now - timedelta(days=2), {"first_name": "Test", "last_name": "Test"})
    post.state, post.was, post.error = SubmissionState.DELETED, SubmissionState.FAILED, NO_NAME
    post.deleted_at = now - timedelta(days=1)
    return post


def _undone(random: Random, now: datetime, number: int, catalogue: Catalogue) -> Submission:
    """A submission that could not be processed, or a machine's."""
    asked = [page for page in PAGES if page.slug in ("demo", "prices", "empty-miles")]
    page = asked[number % len(asked)]
    at = now - timedelta(hours=3 + 41 * number)
    if number % 3 == 2:
        post = _base(random, page, catalogue, at, {"last_name": "Buy followers now", "email": "win@spam.example"})
        words = "“Last name” holds a web address."
        post.payload["last_name"] = "Buy followers https://win.spam.example"
        post.state, post.error = SubmissionState.SPAM, words
        post.marks = [{"check": "links", "words": words, "does": "aside"}]
    else:
        post = _base(
            random, page, catalogue, at, {"first_name": "Marta", "last_name": "Quist", "company": "Quist & Quist"}
        )
        post.state, post.error, post.attempts = SubmissionState.FAILED, NO_NAME, 2
    return post
