"""Forms, their fields and pages, what was posted to them, and files that were imported."""

from forms_intake.models.forms import (
    AfterClosed,
    Ask,
    Creates,
    Display,
    FieldType,
    FormField,
    FormState,
    FormVersion,
    IntakeForm,
    Update,
    new_public_id,
)
from forms_intake.models.imports import (
    ImportChunk,
    ImportReject,
    ImportRun,
    ImportSeen,
    ImportState,
    SavedMapping,
)
from forms_intake.models.inbox import Deed, Retention, SubmissionEvent, SubmissionRun
from forms_intake.models.pages import LandingPage
from forms_intake.models.submissions import Submission, SubmissionKey, SubmissionState

__all__ = [
    "AfterClosed",
    "Ask",
    "Creates",
    "Deed",
    "Display",
    "FieldType",
    "FormField",
    "FormState",
    "FormVersion",
    "ImportChunk",
    "ImportReject",
    "ImportRun",
    "ImportSeen",
    "ImportState",
    "IntakeForm",
    "LandingPage",
    "Retention",
    "SavedMapping",
    "Submission",
    "SubmissionEvent",
    "SubmissionKey",
    "SubmissionRun",
    "SubmissionState",
    "Update",
    "new_public_id",
]
