"""Events, their sessions, who is registered for them, and who came."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils import timezone

from contacts.models import Contact, MarketingContext
from forms_intake.models.forms import IntakeForm
from forms_intake.models.submissions import Submission
from leads.models import Lead


class EventState(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class Waitlist(models.TextChoices):
    """What becomes of who registers when there is no place."""

    AUTO = "auto", "A waiting list; whoever is first moves up by themselves"
    INVITE = "invite", "A waiting list; whoever is first is invited, and answers within a time"
    NONE = "none", "No waiting list: they are told that it is full"


class Event(models.Model):
    """Something people come to, at /e/<slug>/, with a registration form that is a form like any other.

    It owns a marketing context; leads and interactions of it point there. `time_zone` is "" for the workspace's. Who
    decides about places holds this row locked. `sequence` counts what calendars must be told of anew.
    """

    name = models.CharField(max_length=150)
    slug = models.SlugField("address", max_length=80, unique=True, help_text="Its page is /e/…/.")
    state = models.CharField(max_length=10, choices=EventState, default=EventState.DRAFT)
    words = models.TextField(
        "what it is about", blank=True, default="", help_text="Plain text; an empty line begins a new paragraph."
    )
    place = models.CharField(
        max_length=300,
        blank=True,
        default="",
        help_text="Where people come to. Empty: online only, at the online address.",
    )
    online_url = models.URLField(
        "online address", blank=True, default="", help_text="Told to who is registered, and to nobody else."
    )
    starts_at = models.DateTimeField("begins")
    ends_at = models.DateTimeField("ends")
    time_zone = models.CharField(max_length=50, blank=True, default="", help_text="Empty: the workspace's.")
    capacity = models.PositiveIntegerField("places", null=True, blank=True, help_text="Empty: as many as come.")
    waitlist = models.CharField("when it is full", max_length=10, choices=Waitlist, default=Waitlist.AUTO)
    invite_hours = models.PositiveSmallIntegerField(
        "hours to answer", default=24, help_text="So long an invitation from the waiting list holds its place."
    )
    organiser_email = models.EmailField(
        "questions go to", blank=True, default="", help_text="Stands in confirmations and calendars."
    )
    cancelled_words = models.TextField(
        "why it is cancelled", blank=True, default="", help_text="What people read then; empty: that it is cancelled."
    )
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    form = models.OneToOneField(IntakeForm, null=True, blank=True, on_delete=models.SET_NULL, related_name="event")
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-starts_at"]
        indexes = [models.Index(F("starts_at").desc(), F("id").desc(), name="events_by_date")]
        constraints = [
            models.UniqueConstraint(Upper("name"), name="one_event_a_name"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone its times are said in."""
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()


class EventSession(models.Model):
    """A part of an event that people choose on the registration form, where it is called by its name."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    name = models.CharField(max_length=150)
    room = models.CharField(max_length=150, blank=True, default="")
    starts_at = models.DateTimeField("begins")
    ends_at = models.DateTimeField("ends")
    capacity = models.PositiveIntegerField("places", null=True, blank=True, help_text="Empty: as many as come.")

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="one_session_a_name"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.name


class RegistrationState(models.TextChoices):
    REGISTERED = "registered", "Registered"
    WAITING = "waiting", "On the waiting list"
    INVITED = "invited", "Invited from the waiting list"
    """A place is held for them until `invited_until`."""
    FULL = "full", "No place left"
    CANCELLED = "cancelled", "Cancelled"


HOLDING = (RegistrationState.REGISTERED, RegistrationState.INVITED)
"""What takes a place."""
ACTIVE = (*HOLDING, RegistrationState.WAITING)


class EventRegistration(models.Model):
    """One contact at one event: registered, waiting, cancelled; and whether they came.

    `queued_at` is when they came to the line: first come, first served. `sequence` counts what their calendar was
    told beside the event's own. A walk-in was registered by hand.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=RegistrationState)
    queued_at = models.DateTimeField()
    registered_at = models.DateTimeField(default=timezone.now)
    invited_until = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    cancelled_how = models.CharField(max_length=100, blank=True, default="")
    walk_in = models.BooleanField(default=False)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        indexes = [
            models.Index(F("event"), F("registered_at").desc(), F("id").desc(), name="registrations_by_date"),
            models.Index(F("event"), F("state"), F("queued_at"), F("id"), name="registrations_in_line"),
            models.Index(F("invited_until"), condition=Q(state="invited"), name="registrations_invited"),
        ]
        constraints = [models.UniqueConstraint(fields=["event", "contact"], name="one_registration_a_contact")]

    def __str__(self) -> str:
        return f"{self.contact}, {self.event}"


class SessionPlace(models.Model):
    """One registration's place, or wish for one, in a session; a wish counts once the person is registered."""

    registration = models.ForeignKey(EventRegistration, on_delete=models.CASCADE, related_name="places")
    session = models.ForeignKey(EventSession, on_delete=models.CASCADE, related_name="places")
    state = models.CharField(
        max_length=10,
        choices=[
            (state.value, state.label)
            for state in (RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.CANCELLED)
        ],
    )
    queued_at = models.DateTimeField()
    left_with_event = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Given up only because the whole registration was; who comes back has it again.",
    )
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "session"], name="one_place_a_session")]

    def __str__(self) -> str:
        return f"{self.session}: {self.get_state_display().lower()}"


class RegistrationStep(models.Model):
    """What happened to a registration, when, through whom; nobody: the person or the clock. Added, never changed."""

    registration = models.ForeignKey(EventRegistration, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=150)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.what
