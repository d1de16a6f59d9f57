"""The fields of forms that are fed (feeding.py): what is said of them by who feeds them, as if it were stored."""

from __future__ import annotations

from collections.abc import Iterable

from forms_intake.models import AdQuestion, FedBy, FieldType, FormField, IntakeForm

TYPES = {"contact.email": FieldType.EMAIL, "contact.phone": FieldType.PHONE}


def fields_of_fed(forms: Iterable[IntakeForm]) -> dict[int, list[FormField]]:
    """The fields of those forms that are fed, by form; they are not stored. One query, and none without such a form."""
    forms = list(forms)
    fed = {form.pk for form in forms if form.fed_by == FedBy.ADS}
    found: dict[int, list[FormField]] = {pk: [] for pk in fed}
    found |= {form.pk: _of_mails(form) for form in forms if form.fed_by == FedBy.MAILBOX}
    questions = AdQuestion.objects.filter(connector__form__in=fed).select_related("connector") if fed else ()
    for place, one in enumerate(questions):
        found[one.connector.form_id].append(_field(one, place))
    return found


def _field(question: AdQuestion, place: int) -> FormField:
    usual = TYPES.get(question.fills, FieldType.LONG_TEXT)
    return FormField(
        form_id=question.connector.form_id,
        key=question.key,
        label=question.name,
        type=FieldType.CONSENT if question.is_consent else usual,
        fills="" if question.is_consent else question.fills,
        update=question.update,
        consent_level=question.consent_level if question.is_consent else None,
        max_length=10_000,
        position=place,
    )


OF_MAILS = (
    ("email", "From", FieldType.EMAIL, "contact.email"),
    ("first_name", "First name", FieldType.TEXT, "contact.first_name"),
    ("last_name", "Last name", FieldType.TEXT, "contact.last_name"),
    ("subject", "Subject", FieldType.TEXT, "lead.topic"),
    ("message", "Message", FieldType.LONG_TEXT, "lead.description"),
    ("files", "Attached", FieldType.TEXT, ""),
    ("company", "Company", FieldType.TEXT, "account.name"),
    ("domain", "Domain", FieldType.TEXT, "account.domain"),
)
"""What is said of a stranger by a message of theirs: key, label, type, what it fills."""


def _of_mails(form: IntakeForm) -> list[FormField]:
    return [
        FormField(form_id=form.pk, key=key, label=label, type=type, fills=fills, max_length=10_000, position=place)
        for place, (key, label, type, fills) in enumerate(OF_MAILS)
    ]
