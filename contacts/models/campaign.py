"""Campaigns, products, and the marketing contexts that tie them to the form, page or import behind a lead."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


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


class MarketingContext(models.Model):
    """Where a lead came from and what it is about.

    Each form, page, import and so on owns one; leads and interactions point to it, and so to what is above them.
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
        MANUAL = "manual", "By hand"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="contexts")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="contexts")
    source_code = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"], condition=Q(kind="manual", name="By hand"), name="one_context_by_hand"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display().lower()})"
