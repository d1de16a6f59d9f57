"""Quick capture: the occasions on which people are met, and the form that what is typed goes through."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from contacts.models import MarketingContext
from forms_intake.models.events import Event
from forms_intake.models.forms import IntakeForm


class CaptureForm(models.Model):
    """Which form quick capture posts to: there is one, made when it is first needed; its questions may be changed."""

    form = models.OneToOneField(IntakeForm, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "form of quick capture"

    def __str__(self) -> str:
        return str(self.form)


class CaptureOccasion(models.Model):
    """Where people were met: at an event, for a campaign, about a product, at a source such as "Stand B4".

    Its context is what leads and interactions point to: the event's own where nothing else is said.
    """

    class Did(models.TextChoices):
        MEETING = "meeting", "We meet people"
        CALL = "call", "We talk on the telephone"

    class LeadsTo(models.TextChoices):
        CATCHER = "catcher", "Whoever writes them down"
        RULES = "rules", "Whom the assignment rules say"

    name = models.CharField(max_length=200)
    did = models.CharField("how", max_length=10, choices=Did, default=Did.MEETING)
    leads_to = models.CharField("leads belong to", max_length=10, choices=LeadsTo, default=LeadsTo.CATCHER)
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    marketing_context = models.ForeignKey(MarketingContext, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-used_at"]
        constraints = [
            models.UniqueConstraint(fields=["marketing_context", "did", "leads_to"], name="one_occasion_a_context")
        ]

    def __str__(self) -> str:
        return self.name
