"""One set of submissions through all the steps, in the order of locks that the package names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from contacts import match_keys
from contacts.free_mail import read_free_mail
from forms_intake.consenting import ask_back
from forms_intake.events.arriving import Arrivals
from forms_intake.models import Creates, Submission
from forms_intake.processing.companies import match_accounts
from forms_intake.processing.intents import Intent, intents_of
from forms_intake.processing.interests import match_leads
from forms_intake.processing.keys import find_keys
from forms_intake.processing.modes import match_only_leads, without_update
from forms_intake.processing.people import match_contacts
from forms_intake.processing.record import mark_done, mark_failed, record_interactions, tell_followers
from forms_intake.processing.suggesting import suggest
from forms_intake.tracking.receiving import TRACK
from forms_intake.tracking.stitching import name_visitors


def process(submissions: Sequence[Submission]) -> None:
    """Turn claimed submissions into contacts, leads and interactions within the caller's transaction.

    What a person can mend (a value that does not fit, nothing to match by) fails by itself, with its reason. Any
    other error is raised and concerns the whole set. References are checked here and not at commit, so that an error
    is this set's.
    """
    read_free_mail()
    intents, problems = intents_of(submissions)
    kinds = list(
        dict.fromkeys(
            [
                *match_keys.kinds_in_use(),
                *(match_keys.kind_of(intent.form.contact_strategy.attributes) for intent in intents),
            ]
        )
    )
    kept_only = without_update(intents)
    only_leads = [intent for intent in intents if intent.form.creates == Creates.LEAD]
    known = [intent for intent in intents if intent.form.creates not in (Creates.NOTHING, Creates.LEAD)]
    problems |= find_keys(known, kinds)
    known = [intent for intent in known if intent.submission.pk not in problems]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if known:
        match_contacts(known, kinds, match_accounts)
        arrivals = Arrivals(known)
        match_leads(arrivals.asking_for_leads(known))
        arrivals.register()
        suggest(known)
    match_only_leads(only_leads, kinds)
    if done := [*known, *only_leads, *kept_only]:
        mark_done(done, record_interactions([intent for intent in done if intent.contact_id]))
        ask_back(known)
        name_visitors(_browsers(done), ring=TRACK)
        tell_followers(done)
    mark_failed(problems)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _browsers(intents: Iterable[Intent]) -> list[tuple[str, int, datetime, int]]:
    """Whose browsers sent these, as far as their websites follow visits: visitor, contact, when, submission."""
    return [
        (
            str(intent.submission.origin["visitor"]),
            intent.contact_id,
            intent.submission.received_at,
            intent.submission.pk,
        )
        for intent in intents
        if intent.contact_id and intent.submission.origin.get("visitor")
    ]
