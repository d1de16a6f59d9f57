"""Files that were imported: what is asked of each, how far it is, what it made, and what it refused."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import MarketingContext
from segments.models import Segment


class ImportState(models.TextChoices):
    """How far an import is. What is under way is taken further by whichever worker is free."""

    DRAFT = "draft", "Being set up"
    CHECKING = "checking", "Being checked"
    RUNNING = "running", "Under way"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Stopped"
    FAILED = "failed", "Failed"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


UNDER_WAY = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


class ImportRunQuerySet(models.QuerySet):
    def under_way(self) -> Self:
        """Those that a worker is to take further."""
        return self.filter(state__in=UNDER_WAY)


class ImportRun(models.Model):
    """One file of leads: what its columns mean, how far it is imported, with what result, and the context of its leads.

    Runs of one mapping share their context: imported again, the same leads are found again. `position` counts the
    records that are dealt with; it is written in the transaction that deals with them, so whoever takes over from a
    worker that died goes on exactly there. `busy_until`: some worker has it in hand until then.
    """

    name = models.CharField(max_length=200, help_text="The name of the file.")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.DONE, db_default=ImportState.DONE)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    file = models.CharField(max_length=40, blank=True, db_default="", help_text="Its name in our folder; empty: gone.")
    file_kind = models.CharField(max_length=5, blank=True, db_default="")
    size = models.BigIntegerField(default=0, db_default=0)
    header = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    sample = models.JSONField(default=list, db_default=[], blank=True, help_text="Its first rows.")
    sheets = ArrayField(models.TextField(), default=list, db_default=[], blank=True)
    sheet = models.CharField(max_length=200, blank=True, db_default="")
    marketing_context = models.ForeignKey(
        MarketingContext, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    mapping = models.JSONField()
    segment = models.ForeignKey(
        Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    about = models.PositiveIntegerField(default=0, db_default=0, help_text="How many rows it seems to have.")
    position = models.PositiveIntegerField(default=0, db_default=0)
    checked = models.JSONField(null=True, blank=True, help_text="What a dry run has found.")
    rows = models.PositiveIntegerField(default=0)
    leads_created = models.PositiveIntegerField(default=0)
    leads_updated = models.PositiveIntegerField(default=0)
    contacts_created = models.PositiveIntegerField(default=0)
    contacts_matched = models.PositiveIntegerField(default=0)
    accounts_created = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    undone = models.JSONField(null=True, blank=True, help_text="What undoing it took back, and what stayed.")
    problem = models.CharField(max_length=300, blank=True, db_default="")
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)
    busy_by = models.CharField(max_length=32, blank=True, db_default="", editable=False)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("id"), condition=Q(state__in=["checking", "running", "undoing"]), name="imports_under_way")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def whole(self) -> int:
        """Of how many rows: those the file seems to have or, while it is undone, those that were dealt with."""
        return max(self.rows, self.position) if self.state == ImportState.UNDOING else self.about

    @property
    def repeats(self) -> int:
        """Rows about a person whom a row above was about already: every other one has a figure of its own."""
        return self.rows - self.contacts_created - self.contacts_matched - self.errors

    @property
    def would_repeat(self) -> int:
        """The same of what a dry run has found."""
        found = self.checked or {}
        others = ("contacts_created", "contacts_matched", "refused")
        return int(found.get("rows", 0)) - sum(int(found.get(name, 0)) for name in others)

    @property
    def percent(self) -> int:
        """How much of it is done; the number of rows is an estimate until the last one is read."""
        done = self.whole - self.position if self.state == ImportState.UNDOING else self.position
        return min(99, 100 * done // self.whole) if self.whole else 0


class ImportChunk(models.Model):
    """What some rows of an import became: the records they made, and those they may have changed, by id.

    Written with them in one transaction; undoing reads it. `consented`: contact and the consent level before.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    contacts = ArrayField(models.BigIntegerField(), default=list)
    accounts = ArrayField(models.BigIntegerField(), default=list)
    leads = ArrayField(models.BigIntegerField(), default=list)
    interactions = ArrayField(models.BigIntegerField(), default=list)
    known_contacts = ArrayField(models.BigIntegerField(), default=list)
    known_accounts = ArrayField(models.BigIntegerField(), default=list)
    known_leads = ArrayField(models.BigIntegerField(), default=list)
    consented = models.JSONField(default=dict)
    listed_at = models.DateTimeField(null=True, help_text="When they were put into the list.")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["run", "position"], name="chunks_of_import")]

    def __str__(self) -> str:
        return f"{self.rows} rows from {self.position}"


class ImportReject(models.Model):
    """A row that was not imported, or (`dry`) would not be: its line, the column, the reason, and its cells."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejects", db_index=False)
    line = models.PositiveIntegerField()
    column = models.TextField(blank=True)
    reason = models.TextField()
    cells = ArrayField(models.TextField(), default=list)
    dry = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["run", "dry", "id"], name="rejects_of_import")]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


class ImportSeen(models.Model):
    """Somebody or something that a dry run would have made by now: the digest of a key. Gone when it is over."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_sight_a_key")]

    def __str__(self) -> str:
        return str(self.key)


class SavedMapping(models.Model):
    """What the columns of a kind of file mean, kept under a name for the next one."""

    name = models.CharField(max_length=100, unique=True)
    mapping = models.JSONField()
    header = ArrayField(models.TextField(), default=list, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
