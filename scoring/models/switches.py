"""What scores may do by themselves, in the whole workspace."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from leads.models import Process


class Switches(models.Model):
    """The one row of switches, each on unless somebody turned it off."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    sales_ready = models.BooleanField(
        "automatic sales ready", default=True, help_text="Reaching a threshold makes a lead sales ready."
    )
    qualification = models.BooleanField(
        "automated marketing qualification", default=True, help_text="The first score moves a lead out of Inquiry."
    )
    clean_up = models.BooleanField(
        "automatic clean-up",
        default=True,
        help_text="Stopping a model removes its scores; otherwise they remain as they were then.",
    )

    class Meta:
        verbose_name_plural = "switches"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_switches")]

    def __str__(self) -> str:
        return "Switches of scoring"

    @classmethod
    def now(cls) -> Switches:
        """As they stand."""
        return cls.objects.first() or cls()


class ProcessReadiness(Process):
    """A process, as far as scoring has a say in it."""

    class Meta:
        proxy = True
        verbose_name = "readiness of a process"
        verbose_name_plural = "readiness of processes"
