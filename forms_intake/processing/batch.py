"""One set of submissions through all the steps, in the order of locks that the package names."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from contacts import match_keys
from forms_intake.consenting import ask_back
from forms_intake.models import Submission
from forms_intake.processing.companies import match_accounts
from forms_intake.processing.intents import intents_of
from forms_intake.processing.interests import match_leads
from forms_intake.processing.keys import find_keys
from forms_intake.processing.people import match_contacts
from forms_intake.processing.record import mark_done, mark_failed, record_interactions


def process(submissions: Sequence[Submission]) -> None:
    """Turn claimed submissions into contacts, leads and interactions within the caller's transaction.

    What a person can mend (a value that does not fit, nothing to match by) fails by itself, with its reason. Any
    other error is raised and concerns the whole set. References are checked here and not at commit, so that an error
    is this set's.
    """
    intents, problems = intents_of(submissions)
    kinds = list(
        dict.fromkeys(
            [
                *match_keys.kinds_in_use(),
                *(match_keys.kind_of(intent.form.contact_strategy.attributes) for intent in intents),
            ]
        )
    )
    problems |= find_keys(intents, kinds)
    intents = [intent for intent in intents if intent.submission.pk not in problems]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if intents:
        match_contacts(intents, kinds, match_accounts)
        match_leads(intents)
        mark_done(intents, record_interactions(intents))
        ask_back(intents)
    mark_failed(problems)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
