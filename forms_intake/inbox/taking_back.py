"""Spam that got through: what it alone made goes with it, for thirty days, and comes back when it was none.

Only what nothing else speaks of: a contact or lead that it made, and that has no other interaction, lead or submission.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from contacts.models import Contact, Interaction, User
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.models import Submission, SubmissionState
from leadcrm.lib.errors import DomainError
from leads.models import Lead
from leads.services.deleting import delete_leads, restore_lead

KNOWN_BEFORE = "It was processed for somebody who was known before: what it wrote stays, and so does it."
MORE_SINCE = "It was processed, and more has come of it since: delete the contact or the lead itself."
NOTHING_MADE = "It was processed and made nothing; it can be deleted."


def take_back(done: Sequence[Submission], *, by: User | None) -> dict[int, str]:
    """Delete what each of these processed submissions alone made; why not, by id, for those of which it cannot be said.

    Within the transaction that marks them. A constant number of queries and one deletion of each kind.
    """
    reasons = {one.pk: reason for one in done if (reason := _not_made_by(one))}
    made = [one for one in done if one.pk not in reasons]
    # Locked before it is looked at: whoever processes more of theirs in this moment comes before or after.
    people = Contact.objects.filter(pk__in={one.contact_id for one in made if one.contact_id}).order_by("pk")
    list(people.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    reasons |= dict.fromkeys(_more_since(made), MORE_SINCE)
    made = [one for one in made if one.pk not in reasons]
    delete_contacts(sorted({one.contact_id for one in made if one.contact_id}), by=by)
    delete_leads(sorted({one.lead_id for one in made if one.lead_id and not one.contact_id}), by=by)
    return reasons


def bring_back(submission: Submission, *, by: User | None) -> str:
    """Restore what was taken back with a submission; why it cannot be, or ""."""
    try:
        with transaction.atomic():
            if submission.contact_id:
                if Contact.objects.filter(pk=submission.contact_id, deleted_at__isnull=False).exists():
                    restore_contact(submission.contact_id, by=by)
            elif submission.lead_id and Lead.objects.filter(pk=submission.lead_id, deleted_at__isnull=False).exists():
                restore_lead(submission.lead_id, by=by)
    except DomainError as problem:
        return problem.message
    return ""


def _not_made_by(one: Submission) -> str:
    decision = one.decision or {}
    if one.contact_id:
        return "" if decision.get("contact", {}).get("new") else KNOWN_BEFORE
    if one.lead_id:
        return "" if decision.get("lead", {}).get("new") else KNOWN_BEFORE
    return NOTHING_MADE


def _more_since(made: Sequence[Submission]) -> set[int]:
    """Those whose contact or lead something else speaks of."""
    contacts = {one.contact_id: one.pk for one in made if one.contact_id}
    leads = {one.lead_id: one.pk for one in made if one.lead_id}
    ours = [one.pk for one in made]
    others = Interaction.objects.filter(contact__in=contacts).exclude(pk__in=[one.interaction_id for one in made])
    more = {contacts[pk] for pk in others.values_list("contact", flat=True)}
    others = Lead.objects.alive().filter(contact__in=contacts).exclude(pk__in=leads)
    more |= {contacts[pk] for pk in others.values_list("contact", flat=True)}
    posts = Submission.objects.filter(state=SubmissionState.DONE).exclude(pk__in=ours)
    more |= {contacts[pk] for pk in posts.filter(contact__in=contacts).values_list("contact", flat=True)}
    more |= {leads[pk] for pk in posts.filter(lead__in=leads).values_list("lead", flat=True)}
    return more
