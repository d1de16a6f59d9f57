"""Which forms ask for which purposes, and what becomes of a purpose that counts only once it was confirmed by mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse

from contacts.consent import asking
from contacts.consent.purposes import Use
from contacts.models import Consent, Contact, How, Purpose, PurposeWording
from contacts.services.consents import standing_of
from forms_intake.confirming import UNMAILED_AT, note
from forms_intake.models import FormField
from forms_intake.processing.agreeing import withdrawn_by
from forms_intake.processing.intents import Intent, shown_in


def uses_of(purposes: Sequence[int]) -> dict[int, list[Use]]:
    """The forms that ask for each of these purposes, by name. One query."""
    found: dict[int, list[Use]] = {}
    fields = FormField.objects.filter(purpose__in=list(purposes)).select_related("form").order_by("form__name", "pk")
    for one in fields:
        use = Use(one.form.name, reverse("forms_intake:builder", args=[one.form_id]))
        if one.purpose_id and use not in found.setdefault(one.purpose_id, []):
            found[one.purpose_id].append(use)
    return found


def ask_back(intents: Sequence[Intent]) -> None:
    """Mail those who ticked what counts only once confirmed; who agrees to it already, or took it back since they
    ticked it, is not asked. Where the limit holds a letter back, the submission says so.
    """
    asking_ones = [(intent, agreed) for intent in intents for agreed in intent.asked if intent.contact_id]
    if not asking_ones:
        return
    people = Contact.objects.in_bulk({intent.contact_id for intent, _ in asking_ones})
    withdrawn = withdrawn_by(people.keys())
    purposes = Purpose.objects.in_bulk({agreed.purpose_id for _, agreed in asking_ones})
    versions = PurposeWording.objects.in_bulk({agreed.version_id for _, agreed in asking_ones if agreed.version_id})
    for intent, agreed in asking_ones:
        contact, purpose = people[intent.contact_id], purposes[agreed.purpose_id]
        if _took_back(purpose, intent, withdrawn[contact.pk]):
            continue
        if contact.email and not standing_of(contact.pk).agrees_to(purpose.pk):
            asked = asking.ask(
                contact=contact,
                purpose=purpose,
                version=versions.get(agreed.version_id),
                how=How.FORM,
                source=intent.form.name,
                page=intent.page_address,
                ip=intent.submission.origin.get("ip") or None,
                language=shown_in(intent.form, intent.submission),
            )
            if asked.mailed is False:
                note(intent.submission, UNMAILED_AT)


def _took_back(purpose: Purpose, intent: Intent, withdrawn: Iterable[Consent]) -> bool:
    """Whether somebody took a purpose back, or all that is like it, since they ticked it: the post may have waited."""
    later = (one for one in withdrawn if one.recorded_at > intent.agreed_at)
    return any(one.purpose_id == purpose.pk or (not one.purpose_id and one.level < purpose.level) for one in later)
