"""Mailboxes that are read, the rules for who is unknown, and what was read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Contact, MarketingContext
from forms_intake.models.forms import IntakeForm
from forms_intake.models.submissions import Submission


class Security(models.TextChoices):
    TLS = "tls", "TLS"
    STARTTLS = "starttls", "STARTTLS"


class Mailbox(models.Model):
    """A folder of a mailbox that is read, never written to: nothing there is moved, marked or deleted.

    `sealed` is the password, encrypted. `uid_validity` and `last_uid` say how far it was read; both are written with
    what was made of the messages. `busy_until`: somebody reads it until then. `failing_since`: when it
    first failed since it was last read. `trusted_host`: only what this host says
    in Authentication-Results is believed; without it senders cannot be checked, and the page says so.
    """

    name = models.CharField(max_length=80, unique=True)
    address = models.CharField(max_length=254, help_text="The mailbox's own address.")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    security = models.CharField(max_length=10, choices=Security, default=Security.TLS)
    username = models.CharField(max_length=254)
    sealed = models.BinaryField(null=True, editable=False)
    sealed_at = models.DateTimeField(null=True, editable=False)
    folder = models.CharField(max_length=200, default="INBOX")
    trusted_host = models.CharField(max_length=253, blank=True)
    active = models.BooleanField("on", default=False)
    form = models.OneToOneField(IntakeForm, on_delete=models.PROTECT, related_name="mailbox", editable=False)
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    read_from = models.DateField(null=True, blank=True, help_text="Older messages are left alone.")
    last_read_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    read_at = models.DateTimeField(null=True, editable=False, help_text="When it is read next; empty: at once.")
    busy_until = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


class Effect(models.TextChoices):
    """What becomes of a message of somebody unknown."""

    IGNORE = "ignore", "Nothing: it stands in the log only"
    CONTACT = "contact", "A contact"
    LEAD = "lead", "A contact and a lead"


class MailRule(models.Model):
    """One rule for messages of unknown senders; the first that fits decides. What is left empty fits all.

    Its marketing context holds the campaign and product of what it makes.
    """

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80)
    recipient = models.CharField(
        "to", max_length=254, blank=True, help_text="An address it was sent to, such as sales@example.com."
    )
    domain = models.CharField(
        "sender's domain", max_length=253, blank=True, help_text="Such as example.com; what lies below it fits too."
    )
    subject = models.CharField("subject contains", max_length=100, blank=True)
    words = models.CharField("text contains", max_length=100, blank=True)
    effect = models.CharField(max_length=10, choices=Effect, default=Effect.LEAD)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: assignment rules decide.",
    )
    makes_account = models.BooleanField(
        default=False, help_text="An account by the sender's domain, unless it is a mail provider's."
    )
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["mailbox", "position", "pk"]

    def __str__(self) -> str:
        return self.name


class MailState(models.TextChoices):
    KEPT = "kept", "Kept"
    IGNORED = "ignored", "Left alone"
    SUSPICIOUS = "suspicious", "Suspicious"
    FAILED = "failed", "Failed"


class MailMessage(models.Model):
    """One message that was read, and what became of it and why. Its unique keys keep it from being read twice.

    `said` holds what was read of it (parsing.Parsed) for as long as something may still be made of it: of suspicious
    and failed ones, and of those that no rule fitted.
    """

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="messages", db_index=False)
    uid_validity = models.BigIntegerField()
    uid = models.BigIntegerField()
    key = models.CharField(max_length=64, help_text="A hash of its Message-ID, or of all of it.")
    state = models.CharField(max_length=10, choices=MailState)
    what = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    said = models.JSONField(null=True, blank=True)
    contacts = models.ManyToManyField(Contact, blank=True, related_name="+")
    submission = models.OneToOneField(Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="mail")
    rule = models.ForeignKey(
        MailRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    files_wanted = models.BooleanField(
        default=False, db_default=False, help_text="Its files are still to be attached to the lead that comes of it."
    )
    files_told = models.JSONField(
        default=list, db_default=[], blank=True, help_text="Of each file its name, and why it was not taken."
    )
    read_at = models.DateTimeField(db_default=Now())
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "key"], name="one_mail_message_a_key"),
            models.UniqueConstraint(fields=["mailbox", "uid_validity", "uid"], name="one_mail_message_a_uid"),
        ]
        indexes = [
            models.Index(F("mailbox"), F("id").desc(), name="mails_of_mailbox"),
            models.Index(
                F("mailbox"),
                F("id").desc(),
                condition=Q(state__in=("suspicious", "failed")),
                name="mails_waiting_for_people",
            ),
            models.Index(fields=["mailbox", "id"], condition=Q(files_wanted=True), name="mails_with_files"),
            models.Index(fields=["key"], name="mails_by_key"),
            models.Index(fields=["sender"], condition=~Q(sender=""), name="mails_by_sender"),
            models.Index(fields=["read_at"], name="mails_read_by_age"),
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"
