"""Forms, their fields and pages, what was posted to them, and files that were imported."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import ConsentLevel, Contact, ContactMatchingStrategy, Interaction, MarketingContext
from leads.models import Lead, LeadMatchingStrategy


def new_public_id() -> str:
    """A name for a form that cannot be guessed: 12 characters, 72 bits."""
    return secrets.token_urlsafe(9)


class FormState(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    CLOSED = "closed", "Closed"


class Update(models.TextChoices):
    """What a post may do to what we already know."""

    FILL = "fill", "Fill what is empty"
    OVERWRITE = "overwrite", "Overwrite"
    NEVER = "never", "Leave as it is"


class Creates(models.TextChoices):
    """What a post makes or updates."""

    BOTH = "both", "Contact and lead"
    CONTACT = "contact", "Only a contact"


class AfterClosed(models.TextChoices):
    """What a new submission does when the matching lead is closed."""

    NEW = "new", "Open a new, related lead"
    REOPEN = "reopen", "Reopen it"
    IGNORE = "ignore", "Add the interaction only"


class IntakeForm(models.Model):
    """A form that landing pages post to, at /f/<public id>/."""

    name = models.CharField(max_length=100, unique=True)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    state = models.CharField(max_length=10, choices=FormState, default=FormState.LIVE)
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=200, blank=True, help_text="The topic of the leads it makes; empty: its name.")
    creates = models.CharField(max_length=10, choices=Creates, default=Creates.BOTH)
    contact_strategy = models.ForeignKey(
        ContactMatchingStrategy,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the default.",
    )
    lead_strategy = models.ForeignKey(
        LeadMatchingStrategy,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the default.",
    )
    after_closed = models.CharField(max_length=10, choices=AfterClosed, default=AfterClosed.NEW)
    thank_you = models.TextField(default="Thank you. We will be in touch.")
    redirect_url = models.URLField(blank=True, help_text="Where to send people afterwards instead.")
    lead_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who owns the leads it makes; empty: nobody yet.",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = "form"

    def __str__(self) -> str:
        return self.name


class FieldType(models.TextChoices):
    TEXT = "text", "Text"
    LONG_TEXT = "long_text", "Long text"
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"
    MULTI_CHOICE = "multi_choice", "Several choices"
    YES_NO = "yes_no", "Yes or no"
    CONSENT = "consent", "Consent"
    HIDDEN = "hidden", "Hidden"


class FormField(models.Model):
    """One field of a form. `fills` says which attribute it fills, such as contact.email or lead.custom.budget."""

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=50, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")])
    label = models.CharField(max_length=300)
    type = models.CharField(max_length=15, choices=FieldType, default=FieldType.TEXT)
    fills = models.CharField(max_length=100, blank=True, help_text="Empty: kept on the submission only.")
    required = models.BooleanField(default=False)
    update = models.CharField(max_length=10, choices=Update, default=Update.FILL)
    choices = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    placeholder = models.CharField(max_length=200, blank=True)
    default = models.CharField(max_length=200, blank=True)
    max_length = models.PositiveIntegerField(default=1000)
    consent_level = models.PositiveSmallIntegerField(
        choices=ConsentLevel, null=True, blank=True, help_text="For consent fields: what ticking it agrees to."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["form", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["form", "key"], name="one_form_field_a_key")]

    def __str__(self) -> str:
        return self.label


class LandingPage(models.Model):
    """A hosted page with a form, at /p/<slug>/."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=150)
    body = models.TextField(blank=True, help_text="Plain text; an empty line begins a new paragraph.")
    button = models.CharField(max_length=50, default="Send")
    form = models.ForeignKey(IntakeForm, on_delete=models.PROTECT, related_name="pages")
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    published = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class SubmissionState(models.TextChoices):
    PENDING = "pending", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SPAM = "spam", "Spam"


class Submission(models.Model):
    """One post to a form, stored raw before anything is done with it.

    `payload` holds the accepted keys as posted, `dropped` the names of unknown ones. `decision` keeps how the
    contact and the lead were matched: strategy, candidates, winner, reason. `public_id` is what the poster is told.
    """

    public_id = models.UUIDField(unique=True)
    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="submissions", db_index=False)
    page = models.ForeignKey(
        LandingPage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    payload = models.JSONField()
    dropped = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    origin = models.JSONField(default=dict, blank=True, help_text="Address, user agent, referrer, campaign tags.")
    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    decision = models.JSONField(null=True, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(F("id"), condition=Q(state="pending"), name="submissions_waiting"),
            models.Index(F("id").desc(), condition=Q(state="failed"), name="submissions_failed"),
            models.Index(F("form"), F("id").desc(), name="submissions_of_form"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class SubmissionKey(models.Model):
    """That this very post was received: form, payload and, where there was one, token, hashed.

    With a token a repeat counts as one for as long as the key is kept; without, until `expires_at` (five minutes).
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    public_id = models.UUIDField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.public_id)


class ImportRun(models.Model):
    """One file of leads that was imported: how many rows, with what result, and the context its leads point to.

    Runs of one mapping share their context: imported again, the same leads are found again.
    """

    name = models.CharField(max_length=200)
    marketing_context = models.ForeignKey(MarketingContext, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField()
    rows = models.PositiveIntegerField(default=0)
    leads_created = models.PositiveIntegerField(default=0)
    leads_updated = models.PositiveIntegerField(default=0)
    contacts_created = models.PositiveIntegerField(default=0)
    contacts_matched = models.PositiveIntegerField(default=0)
    accounts_created = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
