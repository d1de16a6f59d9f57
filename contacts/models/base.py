"""What accounts, contacts and leads have in common: an owner, custom values, a version, deletion with restore."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class RecordQuerySet(models.QuerySet):
    """Sets of records. Lists, scores and exports start from `alive`."""

    def alive(self) -> Self:
        """Records that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> Self:
        """Records that were deleted and can still be restored."""
        return self.filter(deleted_at__isnull=False)


class Deletable(models.Model):
    """A thing people may delete by mistake: `deleted_at` hides it; it can be restored for thirty days."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        db_index=False,
    )

    class Meta:
        abstract = True


class Record(Deletable):
    """A thing people keep, edit together and may delete by mistake.

    `version` counts saves: a save that names an older version is told so. `custom` holds values of custom fields
    by key, typed when written (custom_fields.py).
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    external_id = models.CharField(max_length=200, blank=True, help_text="How another system calls this record.")
    custom = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
