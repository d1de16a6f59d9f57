"""Forms of others whose posts we hear: which of their names means which field of ours."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from forms_intake.models.forms import IntakeForm


class FormCapture(models.Model):
    """A form on somebody else's page, found there by a CSS selector. `names` says which field of ours each of their
    names means: {"their name": "our key"}.
    """

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="captures")
    name = models.CharField(max_length=100, help_text="Where it stands, such as Contact page of the shop.")
    selector = models.CharField(
        max_length=200, help_text="By which it is found there, such as #contact or form.enquiry."
    )
    names = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["form", "selector"], name="one_capture_a_selector")]

    def __str__(self) -> str:
        return self.name


class DroppedName(models.Model):
    """A name that a captured form has and nothing of ours stands for: what was said there stayed on that page."""

    capture = models.ForeignKey(FormCapture, on_delete=models.CASCADE, related_name="dropped", db_index=False)
    name = models.CharField(max_length=100)
    ignored = models.BooleanField(default=False, db_default=False)
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["capture", "name"], name="one_dropped_name_a_capture")]

    def __str__(self) -> str:
        return self.name
