"""Forms and their fields."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
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
    """What a post makes or updates. Only leads: nobody becomes a contact; a known one is linked, not changed."""

    BOTH = "both", "Contacts and leads"
    CONTACT = "contact", "Only contacts"
    LEAD = "lead", "Only leads"
    NOTHING = "nothing", "Nothing: posts are kept as submissions"


class AfterClosed(models.TextChoices):
    """What a new submission does when the matching lead is closed."""

    NEW = "new", "Open a new, related lead"
    REOPEN = "reopen", "Reopen it"
    IGNORE = "ignore", "Add the interaction only"


class Ask(models.TextChoices):
    """Whether a field is asked of visitors whom a signed link identifies."""

    ALWAYS = "always", "Of everybody"
    UNKNOWN = "unknown", "Of everybody, unless we know it already"
    KNOWN = "known", "Only of people we know, unless we know it already"


class Captcha(models.TextChoices):
    """What a form asks of a browser, so that robots have it harder."""

    NONE = "", "None"
    PROOF = "proof", "A piece of work that browsers do by themselves"
    SERVICE = "service", "The service that the administrator has set up"


class Prefill(models.TextChoices):
    """From where a field may be filled in before anybody types."""

    NEVER = "", "Nowhere"
    ADDRESS = "address", "The address of the page, such as ?email=..."
    LINK = "link", "What we know, by a signed link"
    BOTH = "both", "Both"


class FedBy(models.TextChoices):
    """What hands a form its answers. Only those that visitors fill in are built, shown and posted to."""

    VISITORS = "", "Visitors"
    ADS = "ads", "A connector of ads"
    MAILBOX = "mailbox", "A mailbox"


class IntakeForm(models.Model):
    """A form that landing pages post to, at /f/<public id>/.

    Its row and its fields are the draft; visitors see `version`, what it said when it last went live. Without a version
    they see the rows as they are.
    """

    name = models.CharField(max_length=100, unique=True)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    state = models.CharField(max_length=10, choices=FormState, default=FormState.LIVE)
    fed_by = models.CharField(
        max_length=10, choices=FedBy, default=FedBy.VISITORS, db_default="", blank=True, editable=False
    )
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=200, blank=True, help_text="The topic of the leads it makes; empty: its name.")
    creates = models.CharField("makes and updates", max_length=10, choices=Creates, default=Creates.BOTH)
    always_new_lead = models.BooleanField(
        "every post makes a new lead",
        default=False,
        db_default=False,
        help_text="Without looking for one that is open.",
    )
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
    after_closed = models.CharField(
        "when the matching lead is closed", max_length=10, choices=AfterClosed, default=AfterClosed.NEW
    )
    language = models.CharField(
        max_length=10,
        default="en",
        db_default="en",
        help_text="What our words around it are in, where it stands alone or on pages of others. "
        "A landing page has a language of its own.",
    )
    intro = models.TextField(
        "words above it",
        blank=True,
        default="",
        db_default="",
        help_text="Plain text; an empty line begins a new paragraph.",
    )
    button = models.CharField(max_length=50, default="Send", db_default="Send")
    thank_you = models.TextField(default="Thank you. We will be in touch.")
    redirect_url = models.URLField(
        "address to go to afterwards", blank=True, help_text="Visitors go there instead of reading that it was sent."
    )
    closed_message = models.TextField(
        "when it is closed",
        blank=True,
        default="",
        db_default="",
        help_text="What visitors read then; empty: that it is closed.",
    )
    notify = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", help_text="Who is told of every post."
    )
    asks_at_most = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="So many of the fields that are not asked of everybody are asked of a known visitor at once; 0: all.",
    )
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
    captcha = models.CharField(max_length=10, choices=Captcha, default=Captcha.NONE, db_default="", blank=True)
    origins = ArrayField(
        models.CharField(max_length=300),
        default=list,
        db_default=[],
        blank=True,
        help_text="Sites whose pages may show it, such as https://www.example.com; changes at once.",
    )
    version = models.ForeignKey(
        "FormVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "form"

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """What a form said from when it went live: `definition` holds `settings` and `fields` (building/definition.py)."""

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["form", "-number"]
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="one_form_version_a_number")]

    def __str__(self) -> str:
        return f"{self.form}, version {self.number}"


class FieldType(models.TextChoices):
    TEXT = "text", "Text"
    LONG_TEXT = "long_text", "Long text"
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    URL = "url", "Web address"
    WHOLE = "whole", "Whole number"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    DATE_TIME = "date_time", "Date and time"
    CHOICE = "choice", "Choice"
    MULTI_CHOICE = "multi_choice", "Several choices"
    YES_NO = "yes_no", "Yes or no"
    CONSENT = "consent", "Consent"
    HIDDEN = "hidden", "Hidden"


class Display(models.TextChoices):
    """How a choice, or a yes or no, is drawn."""

    USUAL = "", "As usual"
    RADIO = "radio", "Radio buttons"
    LIST = "list", "Drop-down list"


class FormField(models.Model):
    """One field of a form. `fills` says which attribute it fills, such as contact.email or lead.custom.budget.

    `show_when`, where there is one, says when it is shown: {"key": of a field above it, "op": "is", "is_not", "filled"
    or "empty", "values": list of texts}. `pattern` is a regular expression of RE2 that the whole value must match.
    """

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=50, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")])
    label = models.CharField(max_length=300)
    help = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="Stands below the field.")
    type = models.CharField(max_length=15, choices=FieldType, default=FieldType.TEXT)
    fills = models.CharField(max_length=100, blank=True, help_text="Empty: kept on the submission only.")
    required = models.BooleanField(default=False)
    message = models.CharField(
        "when it is missing",
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What visitors read then.",
    )
    update = models.CharField("what is known already", max_length=10, choices=Update, default=Update.FILL)
    choices = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    placeholder = models.CharField(max_length=200, blank=True)
    default = models.CharField(max_length=200, blank=True)
    display = models.CharField(max_length=10, choices=Display, default=Display.USUAL, db_default="", blank=True)
    max_length = models.PositiveIntegerField(default=1000)
    pattern = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="A regular expression, such as [0-9]{5}."
    )
    pattern_message = models.CharField("when it does not match", max_length=200, blank=True, default="", db_default="")
    show_when = models.JSONField(null=True, blank=True)
    ask = models.CharField("is asked", max_length=10, choices=Ask, default=Ask.ALWAYS, db_default=Ask.ALWAYS)
    prefill = models.CharField(
        "is filled in from",
        max_length=10,
        choices=Prefill,
        default=Prefill.NEVER,
        db_default="",
        blank=True,
        help_text="Who has a signed link reads what we know, and so does whom the mail is forwarded to.",
    )
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
        constraints = [
            models.UniqueConstraint(fields=["form", "key"], name="one_form_field_a_key"),
            models.UniqueConstraint(fields=["form", "fills"], condition=~Q(fills=""), name="one_form_field_a_column"),
        ]

    def __str__(self) -> str:
        return self.label
