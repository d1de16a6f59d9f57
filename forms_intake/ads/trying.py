"""What a strategy would make of an answer: the very steps of processing, taken back afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from contacts.models import Contact, User
from forms_intake.ads.setting_up import write_strategy
from forms_intake.models import Connector, Submission, SubmissionState
from forms_intake.processing.work import process_alone
from leads.models import Lead


@dataclass
class Tried:
    """What would become of it. A contact or lead that is None would be new, if `makes_contact` or `makes_lead`."""

    problem: str = ""
    decision: dict[str, Any] = field(default_factory=dict)
    contact: Contact | None = None
    lead: Lead | None = None
    makes_contact: bool = False
    makes_lead: bool = False


def last_answer(connector: Connector) -> Submission | None:
    """The answer that came last, whatever became of it."""
    return Submission.objects.filter(form=connector.form_id).exclude(payload={}).order_by("-pk").first()


def try_strategy(connector: Connector, submission: Submission, values: dict[str, Any], *, user: User) -> Tried:
    """Process the answer as if it came now, under a strategy (as write_strategy takes it) that is not saved.

    Raises InvalidValues.
    """
    with transaction.atomic():
        form = connector.form
        write_strategy(form, **values)
        form.save()
        trial = Submission.objects.get(pk=submission.pk)
        trial.lead_id = trial.contact_id = trial.interaction_id = None
        trial.decision, trial.state = None, SubmissionState.PENDING
        trial.save()
        process_alone(trial)
        trial.refresh_from_db()
        transaction.set_rollback(True)
    connector.form.refresh_from_db()
    # What is there now that all of it is taken back was known before.
    contact = Contact.objects.filter(pk=trial.contact_id or 0)
    lead = Lead.objects.filter(pk=trial.lead_id or 0)
    decision: dict[str, Any] = trial.decision or {}
    return Tried(
        problem=trial.error,
        decision=decision,
        contact=contact.visible_to(user).first(),
        lead=lead.visible_to(user).first(),
        makes_contact=bool(trial.contact_id) and not contact.exists(),
        makes_lead=bool(trial.lead_id) and not lead.exists(),
    )
