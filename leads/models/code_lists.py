"""The lists that people choose from and marketers keep: reasons of a status, sources, reasons of recycling.

Entries are renamed, ordered and archived, never deleted: old leads keep what was chosen.
"""

from __future__ import annotations

from django.db import models

from leads.models.choices import Status

NEW, CONTACTED, QUALIFIED, NO_LONGER_INTERESTED = 1, 2, 3, 6
"""The shipped reasons that leads get by themselves, by id: people may rename them, and not archive them."""
BY_THEMSELVES = frozenset({NEW, CONTACTED, QUALIFIED, NO_LONGER_INTERESTED})


class CodeListQuerySet(models.QuerySet):
    def offered(self) -> CodeListQuerySet:
        """What may be chosen now."""
        return self.filter(archived=False)


class CodeList(models.Model):
    """One entry of a list, in the order of `position`. An archived one stays on old leads and is not offered."""

    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    archived = models.BooleanField(default=False)

    objects = CodeListQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class StatusReason(CodeList):
    """Why a lead has its status: New, Contacted; Qualified; Lost, Cannot contact..."""

    status = models.CharField(max_length=15, choices=Status)
    note_required = models.BooleanField(default=False, help_text="Whoever closes a lead so must also write a note.")

    class Meta(CodeList.Meta):
        constraints = [models.UniqueConstraint(fields=["status", "name"], name="one_reason_a_status_and_name")]


class LeadSource(CodeList):
    """What kind of thing brought a lead: Web, Trade show, Partner..."""

    name = models.CharField(max_length=100, unique=True)


class RecycleReason(CodeList):
    """Why a lead went back to marketing."""

    name = models.CharField(max_length=100, unique=True)
    note_required = models.BooleanField(default=False, help_text="Whoever returns a lead so must also write a note.")
