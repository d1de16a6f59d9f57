"""Forms and their fields."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from contacts.models import ConsentLevel, ContactMatchingStrategy, MarketingContext, Purpose
from leads.models import LeadMatchingStrategy


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
    double_opt_in = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A post makes nothing before the person has followed a link in a mail and clicked.",
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
    purpose = models.ForeignKey(
        Purpose,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="For consent fields: visitors see its words as they are then instead of the label.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["form", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["form", "key"], name="one_form_field_a_key")]

    def __str__(self) -> str:
        return self.label
