"""Fields that marketers add to contacts, accounts and leads."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models


class Entity(models.TextChoices):
    CONTACT = "contact", "Contact"
    ACCOUNT = "account", "Account"
    LEAD = "lead", "Lead"


class CustomFieldType(models.TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    CHOICE = "choice", "Choice"
    MULTI_CHOICE = "multi_choice", "Several choices"
    YES_NO = "yes_no", "Yes or no"


class CustomField(models.Model):
    """One field of one kind of record. Its values live in the record's `custom` under `key`, typed when written."""

    entity = models.CharField(max_length=10, choices=Entity)
    key = models.CharField(
        max_length=50,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "Lower-case letters, digits and _, beginning with a letter.")],
    )
    label = models.CharField(max_length=100)
    type = models.CharField(max_length=15, choices=CustomFieldType)
    choices = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    help_text = models.CharField(max_length=200, blank=True)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    searchable = models.BooleanField(
        default=False,
        help_text="Conditions find records by it with an index, built in the background; costs a little at each save.",
    )
    archived = models.BooleanField(default=False, help_text="No longer offered; values are kept.")

    class Meta:
        ordering = ["entity", "position", "label"]
        constraints = [models.UniqueConstraint(fields=["entity", "key"], name="one_custom_field_a_key")]

    def __str__(self) -> str:
        return f"{self.get_entity_display()}: {self.label}"
