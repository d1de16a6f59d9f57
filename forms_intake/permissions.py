"""Who may do what with forms, pages and what came through them, by role alone."""

from __future__ import annotations

from contacts.permissions import is_marketer
from forms_intake.models import (
    AdLead,
    AdQuestion,
    AdSource,
    AdSync,
    CaptureForm,
    CaptureOccasion,
    Connector,
    DisposableDomain,
    DroppedName,
    Event,
    EventRegistration,
    EventSession,
    FormCapture,
    FormDay,
    FormField,
    FormVersion,
    ImportChunk,
    ImportReject,
    ImportRun,
    IntakeForm,
    LandingPage,
    Mailbox,
    MailMessage,
    MailRule,
    PageForm,
    PageImage,
    PageSlug,
    PageTest,
    PageVersion,
    PageVisits,
    RefusedOrigin,
    RegistrationStep,
    Retention,
    SavedMapping,
    SessionPlace,
    SpamRule,
    Submission,
    SubmissionEvent,
    SubmissionKey,
)
from forms_intake.models.tracking import (
    Hit,
    Identification,
    MailTouch,
    PageRule,
    RawHit,
    Visit,
    Visitor,
    VisitorIdentity,
    Website,
)
from leadcrm.lib.permissions import allow

allow(is_marketer, IntakeForm, FormField, LandingPage)
allow(is_marketer, Submission, Retention, to=("view", "change"))
allow(is_marketer, SubmissionEvent, to=("view",))
allow(is_marketer, AdLead, AdQuestion, AdSource, AdSync, Connector, to=("view",))
allow(is_marketer, Mailbox, MailMessage, MailRule, to=("view",))
allow(is_marketer, PageForm, PageImage, PageSlug, PageTest, PageVersion, PageVisits, to=("view",))
allow(is_marketer, FormVersion, ImportRun, ImportChunk, ImportReject, SavedMapping, SubmissionKey, to=("view",))
allow(is_marketer, FormDay, FormCapture, DroppedName, RefusedOrigin, SpamRule, DisposableDomain, to=("view",))
allow(
    is_marketer,
    CaptureForm,
    CaptureOccasion,
    Event,
    EventSession,
    EventRegistration,
    SessionPlace,
    RegistrationStep,
    to=("view",),
)
allow(is_marketer, Website, PageRule)
allow(is_marketer, RawHit, Visitor, VisitorIdentity, Identification, Visit, Hit, MailTouch, to=("view",))
