"""When people work, how much they can take, and who stands in for them."""

from __future__ import annotations

from typing import TypeAlias

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

Week: TypeAlias = list[list[list[int]]]
"""Seven days from Monday, each a list of spans: [from, to] in minutes since midnight by the clock on the wall."""

DAY_MINUTES = 24 * 60
OFFICE: Week = [[[9 * 60, 17 * 60]] for _ in range(5)] + [[], []]


def usual_week() -> Week:
    """Monday to Friday, nine to five."""
    return [[list(span) for span in day] for day in OFFICE]


def check_week(week: object) -> None:
    """Raise ValidationError unless `week` is a Week whose spans are in order and do not overlap."""
    if not isinstance(week, list) or len(week) != 7:
        raise ValidationError("A week has seven days.")
    for day in week:
        at = 0
        for span in day if isinstance(day, list) else [[]]:
            whole = isinstance(span, list) and len(span) == 2 and all(type(one) is int for one in span)
            if not whole or not at <= span[0] < span[1] <= DAY_MINUTES:
                raise ValidationError("Hours begin before they end, in order, within one day.")
            at = span[1]


class WorkSettings(models.Model):
    """One person's working hours and capacity; the row without a person is the workspace's, for who has no hours.

    `hours` None: as the workspace works. `capacity`: how many open leads rules may leave with them at most.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="work_settings"
    )
    timezone = models.CharField(
        max_length=60, blank=True, help_text="Such as Europe/Berlin. Left empty: the workspace's."
    )
    hours = models.JSONField(null=True, blank=True, default=usual_week, validators=[check_week])
    capacity = models.PositiveIntegerField("most open leads", null=True, blank=True, help_text="Left empty: no limit.")
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who stands in when an absence names nobody, and when this person leaves.",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = "working hours"
        verbose_name_plural = "working hours"
        constraints = [
            models.UniqueConstraint(fields=["user"], nulls_distinct=False, name="one_workspace_week"),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(hours__isnull=False), name="workspace_has_hours"
            ),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("user")), name="nobody_stands_in_for_themselves"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else "The workspace"


class Absence(models.Model):
    """Days on which a person does not work, both included, in their time zone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("first_day", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("user")), name="absence_has_another_substitute"
            ),
        ]
        indexes = [models.Index(fields=["last_day"], name="absences_by_end")]

    def __str__(self) -> str:
        return f"{self.user}, {self.first_day} to {self.last_day}"
