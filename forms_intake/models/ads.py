"""Connectors that bring the leads of ads: what each is to do, the questions and ads it has seen, what arrived."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import ConsentLevel, MarketingContext, Product
from forms_intake.models.forms import IntakeForm, Update
from forms_intake.models.submissions import Submission


def new_address() -> str:
    """The part of a webhook's address that cannot be guessed: 24 characters, 144 bits."""
    return secrets.token_urlsafe(18)


class ConnectorState(models.TextChoices):
    DRAFT = "draft", "Being set up"
    ON = "on", "On"
    OFF = "off", "Off"


class Strategy(models.TextChoices):
    """What an ad lead becomes. A connector has one; it is written to the connector's form, which processing reads."""

    ALWAYS = "always", "Always a new lead"
    FIELDS = "fields", "Lead fields: the open lead with the same of all that is compared"
    CONTACT = "contact", "Contact: the open lead of the same contact about the same ad"


class FailsTo(models.TextChoices):
    """What of a connector does not work. One of them working says nothing of the other."""

    LIST = "list", "Ask for what was missed"
    FETCH = "fetch", "Fetch leads"


class Connector(models.Model):
    """One account of an advertising network whose leads come in.

    What it is handed goes through `form`, which no visitor sees: raw submissions, matched and credited as all others
    are. `sealed` holds the client secret and the token, encrypted; no page, export or log shows them again.
    `failing_since`: when it first failed since it last worked, and `fails_to` what that was; `last_error` may be about
    a single lead or post besides.
    `pulled_to`: everything handed in before is known, so asking for what was missed begins there, at `pull_at` again.
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80, unique=True)
    address = models.CharField(max_length=30, unique=True, default=new_address, editable=False)
    state = models.CharField(max_length=10, choices=ConnectorState, default=ConnectorState.DRAFT)
    form = models.OneToOneField(IntakeForm, on_delete=models.PROTECT, related_name="connector", editable=False)
    account_id = models.CharField("ad account", max_length=50, blank=True, help_text="The number of the account there.")
    strategy = models.CharField(max_length=10, choices=Strategy, default=Strategy.CONTACT)
    makes_contacts = models.BooleanField(
        default=True, help_text="Off: who is unknown stays a lead without a contact, for somebody to resolve."
    )
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sealed = models.BinaryField(null=True, editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    token_until = models.DateField("token ends on", null=True, blank=True)
    pulled_to = models.DateTimeField(null=True, editable=False)
    pull_at = models.DateTimeField(null=True, editable=False)
    last_lead_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    fails_to = models.CharField(max_length=10, choices=FailsTo, blank=True, db_default="", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AdQuestion(models.Model):
    """A question that came with an answer, known by its exact words, and which attribute its answers fill.

    Answers to a question that fills nothing stay on their submissions; replaying them after it was mapped fills what
    they say. A statement that people tick (`is_consent`) may be worth a level of consent, in the words they saw.
    """

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="questions", db_index=False)
    key = models.CharField(max_length=50)
    name = models.CharField("question", max_length=300)
    fills = models.CharField(max_length=100, blank=True)
    update = models.CharField("what is known already", max_length=10, choices=Update, default=Update.FILL)
    is_consent = models.BooleanField(default=False)
    consent_level = models.PositiveSmallIntegerField(choices=ConsentLevel, null=True, blank=True)
    answers = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    mapped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["connector", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connector", "name"], name="one_ad_question_a_name"),
            models.UniqueConstraint(fields=["connector", "key"], name="one_ad_question_a_key"),
        ]

    def __str__(self) -> str:
        return self.name


class AdSource(models.Model):
    """A form of an ad within a campaign, as the network knows them; it owns a marketing context, an advertisement."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="sources", db_index=False)
    account_id = models.CharField(max_length=50, blank=True)
    account_name = models.CharField(max_length=200, blank=True)
    campaign_id = models.CharField(max_length=50, blank=True)
    campaign_name = models.CharField(max_length=200, blank=True)
    creative_id = models.CharField("ad", max_length=50, blank=True)
    form_id = models.CharField("form", max_length=50, blank=True)
    form_name = models.CharField(max_length=200, blank=True)
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["connector", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "campaign_id", "campaign_name", "creative_id", "form_id", "form_name"],
                name="one_ad_source_a_form_and_ad",
            )
        ]

    def __str__(self) -> str:
        return self.marketing_context.name


class AdLeadState(models.TextChoices):
    WAITING = "waiting", "Being fetched"
    KEPT = "kept", "Kept"
    FAILED = "failed", "Failed"
    TEST = "test", "A test"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AdLead(models.Model):
    """That this lead of an ad is known, by its id there: however often it is told of, it is kept once.

    What the person said is on its submission alone. `twin` is a hash by which a lead that came without its id, in a
    file, is the same as one that came with it.
    """

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="leads", db_index=False)
    external_id = models.CharField("id there", max_length=200)
    twin = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=AdLeadState, default=AdLeadState.WAITING)
    source = models.ForeignKey(AdSource, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads")
    submission = models.OneToOneField(
        Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="ad_lead"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connector", "external_id"], name="one_ad_lead_an_id"),
            models.UniqueConstraint(fields=["connector", "twin"], condition=~Q(twin=""), name="one_ad_lead_a_twin"),
        ]
        indexes = [
            models.Index(F("connector"), F("id").desc(), name="ad_leads_of_connector"),
            models.Index(fields=["retry_at"], condition=Q(state="waiting"), name="ad_leads_waiting"),
            models.Index(F("connector"), F("id").desc(), condition=Q(state="failed"), name="ad_leads_failed"),
        ]

    def __str__(self) -> str:
        return self.external_id


class SyncHow(models.TextChoices):
    WEBHOOK = "webhook", "Webhook"
    FETCH = "fetch", "Fetched"
    PULL = "pull", "Asked for what was missed"
    FILE = "file", "File"
    REPLAY = "replay", "Replayed"
    RESET = "reset", "Reset"


class AdSync(models.Model):
    """One delivery, and what came of it. `reasons`: for those that failed, {"id", "line", "why"}, the first of them."""

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="syncs", db_index=False)
    how = models.CharField(max_length=10, choices=SyncHow)
    what = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_default=Now())
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list, blank=True)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = "ad delivery"
        verbose_name_plural = "ad deliveries"
        indexes = [
            models.Index(F("connector"), F("id").desc(), name="ad_syncs_of_connector"),
            models.Index(fields=["at"], name="ad_syncs_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}, {self.at:%Y-%m-%d %H:%M}"
