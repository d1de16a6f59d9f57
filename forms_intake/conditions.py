"""What forms add to the condition language: the submissions of a contact."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import F, OuterRef

from forms_intake.models import IntakeForm, LandingPage, Submission, SubmissionState
from leads.conditions.fields import RowChoices, fixed
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Field, Offer, Relation, Vocabulary

_FIELDS = (
    Field("form", "form", FieldType.REFERENCE, F("form_id"), "Submission", RowChoices(IntakeForm)),
    Field("page", "landing page", FieldType.REFERENCE, F("page_id"), "Submission", RowChoices(LandingPage)),
    Field("state", "state", FieldType.CHOICE, F("state"), "Submission", fixed(SubmissionState.choices)),
    Field("received_at", "date", FieldType.DATETIME, F("received_at"), "Submission"),
)
SUBMISSION = Vocabulary("submission", MappingProxyType({field.name: field for field in _FIELDS}))


def offered(subject: str) -> Offer:
    """The submissions a lead's contact, or a contact, has sent."""
    contact = {"lead": "contact_id", "contact": "pk"}[subject]
    return Offer(
        relations=(
            Relation(
                "submissions",
                "submission of the contact",
                "submissions of the contact",
                lambda: Submission.objects.filter(contact_id=OuterRef(contact)),
                SUBMISSION,
            ),
        )
    )
