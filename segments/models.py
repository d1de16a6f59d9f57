"""Segments as people edit them, their members, and who joined and left when."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Contact, Deletable
from leads.models import Lead


class Subject(models.TextChoices):
    """What the members are."""

    CONTACT = "contact", "Contacts"
    LEAD = "lead", "Leads"


class Kind(models.TextChoices):
    """Where the members come from."""

    DYNAMIC = "dynamic", "Whoever meets conditions"
    COMPOUND = "compound", "Made of other segments"
    STATIC = "static", "A list kept by hand"


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    STOPPED = "stopped", "Stopped"


class How(models.TextChoices):
    """How a step changes what the steps before it gave."""

    UNION = "union", "or"
    INTERSECT = "intersect", "and also"
    EXCEPT = "except", "but not"


class SegmentQuerySet(models.QuerySet):
    def alive(self) -> Self:
        """Segments that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def live(self) -> Self:
        """Segments whose members are kept up to date now."""
        return self.alive().filter(state=State.LIVE)

    def made_of(self, segment_id: int) -> Self:
        """Segments whose members, while they are live, depend on those of this one."""
        return self.filter(uses__contains=[segment_id])


class Segment(Deletable):
    """A named question and, while it is live, the members that answer it.

    What is edited is the draft: `condition` (dynamic only; the condition language; empty: everybody) and `steps`,
    a list of `{"how": union | intersect | except, "segment": id}` that change it in order. `live` is the definition
    that went live, in the same form; its members stay as they are while the draft is edited; `uses` are the ids of the
    segments it asks for, `needs` what must be heard of (needs.py). `error` says why the last refresh failed: members
    are then the last good ones. A deleted segment keeps its members as they were, seen by nobody, until it is restored.
    """

    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    subject = models.CharField(max_length=10, choices=Subject, default=Subject.CONTACT)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DYNAMIC)
    condition = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list, blank=True)
    announce = models.BooleanField(
        "tell other systems", default=False, help_text="Write who joins and leaves to the outbox."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    live = models.JSONField(null=True, editable=False)
    uses = ArrayField(models.BigIntegerField(), default=list, editable=False)
    needs = ArrayField(models.CharField(max_length=20), default=list, editable=False)
    live_since = models.DateTimeField(null=True, editable=False)
    members_count = models.PositiveIntegerField(default=0, editable=False)
    refreshed_at = models.DateTimeField(null=True, editable=False)
    refresh_ms = models.PositiveIntegerField(null=True, editable=False)
    next_refresh_at = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, editable=False)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(deleted_at__isnull=True), name="one_segment_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.state == State.LIVE

    @property
    def is_edited(self) -> bool:
        """Whether the draft of a live segment asks something else than what is live."""
        return self.is_live and self.live != {"condition": self.condition, "steps": self.steps}


class OfMembers(models.Model):
    """A row about one member: a contact or a lead, whichever the segment is of."""

    # Written set by set, from rows that were just read: checking the keys again would double the work. Members whose
    # records are deleted leave at once; rows of records that go for good go with them.
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True

    @property
    def member(self) -> Contact | Lead | None:
        return self.contact or self.lead


class Membership(OfMembers):
    """A member now. Written by refreshing only."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=Q(contact__isnull=False), name="one_membership_a_contact"
            ),
            models.UniqueConstraint(
                fields=["segment", "lead"], condition=Q(lead__isnull=False), name="one_membership_a_lead"
            ),
        ]
        indexes = [
            models.Index(F("contact"), condition=Q(contact__isnull=False), name="memberships_of_contact"),
            models.Index(F("lead"), condition=Q(lead__isnull=False), name="memberships_of_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.segment}"


class Cause(models.TextChoices):
    """Why somebody joined or left."""

    LIVE = "live", "The segment went live"
    FACTS = "facts", "What is known changed"
    TIME = "time", "Time passed"
    BY_HAND = "by_hand", "Added or removed by hand"


class MembershipChange(OfMembers):
    """History: who joined or left a segment, when and why. Other parts may act on these rows."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="changes", db_index=False)
    joined = models.BooleanField()
    cause = models.CharField(max_length=10, choices=Cause)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["segment", "changed_at", "id"], name="changes_of_segment"),
            models.Index(F("contact"), F("changed_at"), condition=Q(contact__isnull=False), name="changes_of_contact"),
            models.Index(F("lead"), F("changed_at"), condition=Q(lead__isnull=False), name="changes_of_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {'joined' if self.joined else 'left'} {self.segment}"


class Pick(OfMembers):
    """Somebody put into a static segment by a person. A deleted record is no member until it is restored."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="picks", db_index=False)
    picked_at = models.DateTimeField(db_default=Now())
    picked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    source = models.CharField(max_length=200, blank=True, help_text="The list, file or page it came from.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "contact"], condition=Q(contact__isnull=False), name="one_pick_a_contact"
            ),
            models.UniqueConstraint(
                fields=["segment", "lead"], condition=Q(lead__isnull=False), name="one_pick_a_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} picked for {self.segment}"
