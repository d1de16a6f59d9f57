"""Campaigns, products, and the marketing contexts that tie them to the form, page or import behind a lead."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper


class Product(models.Model):
    """Something we sell, in which a lead is interested."""

    name = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=50, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """A marketing effort with a beginning and an end, such as "Autumn route planning"."""

    name = models.CharField(max_length=200, unique=True)
    code = models.CharField(max_length=50, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


PARTS = ("medium", "advertisement", "job", "event")
"""Through what people came to a form, page and so on: each a column, and a kind of context, of the same name."""


class MarketingContext(models.Model):
    """Where a lead came from and what it is about.

    Each form, page, import and so on owns one; leads and interactions point to it, and so to what is above them: the
    medium, advertisement, job and event through which people came, which are contexts too. One of these kinds is its
    own: asking for an event finds what came through a form of it, and what came from the event itself.

    Of those that people keep and choose by name, one of a kind has a name. What is not `active` is archived: no longer
    offered, while what came through it stays.
    """

    class Kind(models.TextChoices):
        FORM = "form", "Form"
        PAGE = "page", "Landing page"
        EVENT = "event", "Event"
        JOURNEY = "journey", "Journey"
        IMPORT = "import", "Import"
        MEDIUM = "medium", "Medium"
        ADVERTISEMENT = "advertisement", "Advertisement"
        JOB = "job", "Job"
        SOURCE_CODE = "source_code", "Source code"
        WEBSITE = "website", "Website"
        MANUAL = "manual", "By hand"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="contexts")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="contexts")
    medium = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    advertisement = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    event = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source_code = models.CharField(max_length=50, blank=True)
    active = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "kind",
                Upper("name"),
                condition=Q(kind__in=("event", "journey", "medium", "advertisement", "job", "source_code")),
                name="one_context_a_kind_and_name",
                violation_error_message="There is one of this kind and name already.",
            ),
            models.UniqueConstraint(
                fields=["kind", "name"], condition=Q(kind="manual", name="By hand"), name="one_context_by_hand"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display().lower()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A medium is its own medium, an event its own event, a source code has its name as its code."""
        if self.kind == self.Kind.SOURCE_CODE and not self.source_code:
            self.source_code = self.name[:50]
        super().save(*args, **kwargs)
        if self.kind in PARTS and getattr(self, f"{self.kind}_id") != self.pk:
            setattr(self, f"{self.kind}_id", self.pk)
            type(self).objects.filter(pk=self.pk).update(**{f"{self.kind}_id": self.pk})
