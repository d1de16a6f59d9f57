"""How often forms were seen, and sent, by day."""

from __future__ import annotations

from django.db import models

from forms_intake.models.forms import IntakeForm


class FormDay(models.Model):
    """What a form saw on one day: visits by people, and submissions that were processed.

    Nobody is named in it. A day of a form is several rows, `shard` by `shard`, so that visitors who come at the same
    moment do not wait for each other; read their sum.
    """

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    shard = models.PositiveSmallIntegerField()
    visits = models.PositiveIntegerField(default=0, db_default=0)
    submissions = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["form", "day", "shard"], name="one_form_day_a_shard")]

    def __str__(self) -> str:
        return f"{self.form}, {self.day}"
