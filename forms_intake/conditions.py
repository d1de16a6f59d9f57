"""What forms add to the condition language: the submissions of a contact, and which form an interaction was about."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import F, OuterRef, Subquery

from forms_intake.models import IntakeForm, LandingPage, Submission, SubmissionState
from leads.conditions.fields import RowChoices, fixed
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Field, Offer, Relation, Vocabulary

_FIELDS = (
    Field("form", "form", FieldType.REFERENCE, F("form_id"), "Submission", RowChoices(IntakeForm)),
    Field("page", "landing page", FieldType.REFERENCE, F("page_id"), "Submission", RowChoices(LandingPage, ("title",))),
    Field("state", "state", FieldType.CHOICE, F("state"), "Submission", fixed(SubmissionState.choices)),
    Field("received_at", "date", FieldType.DATETIME, F("received_at"), "Submission"),
)
_OF_INTERACTION = Subquery(Submission.objects.filter(interaction_id=OuterRef("pk")).values("form_id")[:1])
_FORM = Field("form", "form", FieldType.REFERENCE, _OF_INTERACTION, "Interaction", RowChoices(IntakeForm))
SUBMISSION = Vocabulary("submission", MappingProxyType({field.name: field for field in _FIELDS}))


def offered(subject: str) -> Offer:
    """The submissions a lead's contact, or a contact, has sent, and the form behind an interaction."""
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
        ),
        interaction=(_FORM,),
    )
