"""Interactions: dated facts about a contact. Added, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models.campaign import Campaign, MarketingContext, Product
from contacts.models.contact import Contact


class InteractionType(models.TextChoices):
    """What happened. The second word is how a page says it after "did": "submitted a form"."""

    FORM_SUBMITTED = "form_submitted", "Submitted a form"
    FORM_VISITED = "form_visited", "Saw a form"
    PAGE_VISITED = "page_visited", "Visited a page"
    LINK_CLICKED = "link_clicked", "Clicked a link"
    EMAIL_SENT = "email_sent", "Was sent an e-mail"
    EMAIL_DELIVERED = "email_delivered", "Received an e-mail"
    EMAIL_OPENED = "email_opened", "Opened an e-mail"
    EMAIL_CLICKED = "email_clicked", "Clicked in an e-mail"
    EMAIL_FORWARDED = "email_forwarded", "Forwarded an e-mail"
    EMAIL_BOUNCED = "email_bounced", "E-mail bounced"
    EMAIL_UNSUBSCRIBED = "email_unsubscribed", "Unsubscribed"
    EVENT_REGISTERED = "event_registered", "Registered for an event"
    EVENT_CHECKED_IN = "event_checked_in", "Came to an event"
    EVENT_CANCELLED = "event_cancelled", "Cancelled an event"
    SURVEY_ANSWERED = "survey_answered", "Answered a survey"
    DOWNLOADED = "downloaded", "Downloaded a document"
    CALL = "call", "Had a call"
    MEETING = "meeting", "Had a meeting"
    MESSAGE = "message", "Sent a message"
    NOTE = "note", "Note"


class Interaction(models.Model):
    """One thing a contact did or that was done with them.

    `subject` says what it was about in a few words: the page's path, the mail's subject, the form's name. `campaign`
    and `product` are those of the marketing context when it happened: a fact, not a link to follow later. The
    primary index serves a contact's timeline and the scoring pass, at ten million rows and more.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="interactions", db_index=False)
    type = models.CharField(max_length=30, choices=InteractionType)
    subject = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    source = models.CharField(max_length=30, blank=True, help_text="The part of the system that recorded it.")
    marketing_context = models.ForeignKey(
        MarketingContext, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    payload = models.JSONField(default=dict, blank=True)
    robot = models.BooleanField(
        default=False, db_default=False, help_text="A known robot or link scanner did this; it never counts."
    )

    class Meta:
        indexes = [
            models.Index(
                F("contact"),
                F("occurred_at").desc(),
                F("id").desc(),
                # Everything that scoring reads, so that it need not look at the rows, which lie scattered.
                include=["type", "subject", "campaign", "product", "marketing_context", "robot"],
                name="interaction_timeline",
            ),
            # Who did something of a kind lately, among everybody: segments and counts of conditions ask so.
            models.Index(
                fields=["type", "occurred_at", "contact"], condition=Q(robot=False), name="interaction_lately"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()}: {self.subject}" if self.subject else self.get_type_display()


class InteractionKey(models.Model):
    """That this interaction was delivered before. A table of its own, so that interactions can be split by time."""

    key = models.CharField(max_length=200, primary_key=True)
    interaction_id = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.key
