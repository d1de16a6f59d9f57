"""Forms, their fields and pages, what was posted to them, and files that were imported."""

from forms_intake.models.ads import (
    AdLead,
    AdLeadState,
    AdQuestion,
    AdSource,
    AdSync,
    Connector,
    ConnectorState,
    Strategy,
    SyncHow,
)
from forms_intake.models.anywhere import RefusedOrigin
from forms_intake.models.captures import DroppedName, FormCapture
from forms_intake.models.forms import (
    AfterClosed,
    Ask,
    Captcha,
    Creates,
    Display,
    FedBy,
    FieldType,
    FormField,
    FormState,
    FormVersion,
    IntakeForm,
    Prefill,
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
from forms_intake.models.mailboxes import Effect, Mailbox, MailMessage, MailRule, MailState, Security
from forms_intake.models.pages import LandingPage
from forms_intake.models.spam import DisposableDomain, Does, SpamRule
from forms_intake.models.submissions import Submission, SubmissionKey, SubmissionState
from forms_intake.models.visits import FormDay

__all__ = [
    "AdLead",
    "AdLeadState",
    "AdQuestion",
    "AdSource",
    "AdSync",
    "AfterClosed",
    "Ask",
    "Captcha",
    "Connector",
    "ConnectorState",
    "Creates",
    "Deed",
    "Display",
    "DisposableDomain",
    "Does",
    "DroppedName",
    "Effect",
    "FedBy",
    "FieldType",
    "FormCapture",
    "FormDay",
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
    "MailMessage",
    "MailRule",
    "MailState",
    "Mailbox",
    "Prefill",
    "RefusedOrigin",
    "Retention",
    "SavedMapping",
    "Security",
    "SpamRule",
    "Strategy",
    "Submission",
    "SubmissionEvent",
    "SubmissionKey",
    "SubmissionRun",
    "SubmissionState",
    "SyncHow",
    "Update",
    "new_public_id",
]
