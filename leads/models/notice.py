"""What people are told of what others, or time, did with their leads and tasks; and how each wants to be told."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now


class NoticeKind(models.TextChoices):
    """What a notice is about; people choose for each kind how they want to hear of it."""

    ASSIGNED = "assigned", "A lead is given to me"
    TAKEN = "taken", "A lead of mine goes to somebody else"
    IN_QUEUE = "in_queue", "A lead is new in a queue of mine"
    READY = "ready", "A lead of mine is sales ready"
    RETURNED = "returned", "Sales returns a lead"
    STATUS = "status", "A lead of mine is closed or opened again"
    LATE = "late", "A first response is late"
    OVERSTAYED = "overstayed", "A lead of mine is too long in its stage"
    TASK_GIVEN = "task_given", "A task is given to me"
    TASK_DUE = "task_due", "A task of mine is due"
    TASK_OVERDUE = "task_overdue", "A task is overdue"
    MENTIONED = "mentioned", "Somebody mentions me"
    COMMENTED = "commented", "Somebody comments on a lead of mine"
    OPPORTUNITY = "opportunity", "An opportunity of mine changes"
    WORKSPACE = "workspace", "The workspace needs attention"
    SUBMITTED = "submitted", "Somebody fills in a form I follow"


class Mail(models.TextChoices):
    """Whether, and when, a notice goes out by e-mail as well."""

    OFF = "off", "No e-mail"
    ONCE = "once", "At once"
    DIGEST = "digest", "In the daily digest"


MAILED_AT_ONCE = frozenset(
    {NoticeKind.ASSIGNED, NoticeKind.RETURNED, NoticeKind.LATE, NoticeKind.MENTIONED, NoticeKind.WORKSPACE}
)
IN_DIGEST = frozenset({NoticeKind.TASK_DUE, NoticeKind.TASK_OVERDUE, NoticeKind.TASK_GIVEN, NoticeKind.OVERSTAYED})


def usual_mail(kind: str) -> Mail:
    """How a kind is mailed to who has chosen nothing."""
    return Mail.ONCE if kind in MAILED_AT_ONCE else Mail.DIGEST if kind in IN_DIGEST else Mail.OFF


class Notice(models.Model):
    """One thing one person is told, however many leads it is about.

    `lead_ids` are the first thousand of the `count` leads (or tasks) it is about, `opportunity_ids` likewise. `key`,
    where there is one, names the cause: nobody is told of the same cause twice. `digested_at`: when the daily digest
    took it up.
    """

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name="recipient"
    )
    kind = models.CharField(max_length=20, choices=NoticeKind)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    words = models.CharField(max_length=300, blank=True)
    lead_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    opportunity_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        db_default=Value([], ArrayField(models.BigIntegerField())),
    )
    count = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=100, blank=True)
    shown = models.BooleanField(default=True, help_text="Whether it stands in the application; else it is mailed only.")
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.OFF)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)
    digested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["to", "kind", "key"], condition=~Q(key=""), name="one_notice_a_cause")
        ]
        indexes = [
            models.Index(F("to"), F("id").desc(), condition=Q(shown=True), name="notices_of_person"),
            models.Index(fields=["to"], condition=Q(shown=True, read_at__isnull=True), name="unread_notices"),
            models.Index(fields=["to"], condition=Q(mail="digest", digested_at__isnull=True), name="notices_to_digest"),
            models.Index(fields=["created_at"], name="notices_by_age"),
            GinIndex(fields=["lead_ids"], name="notices_of_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.count})"


class NoticeChoice(models.Model):
    """How one person wants to hear of one kind; without a row as `usual_mail` says, and in the application."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=NoticeKind)
    in_app = models.BooleanField("in the application", default=True)
    mail = models.CharField("by e-mail", max_length=10, choices=Mail)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"
