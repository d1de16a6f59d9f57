"""Pages of ours that show a form."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from contacts.models import MarketingContext
from forms_intake.models.forms import IntakeForm


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
