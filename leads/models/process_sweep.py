"""That the leads of a process that was changed are still to be looked at again."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from leads.models.process import Process


class ProcessSweep(models.Model):
    """One change of a process whose leads are too many to be queued at once: a worker goes through them by id.

    `stages`: those in which a gate or a switch may have held leads; none: all that scores may still move.
    """

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="+")
    stages = models.JSONField(default=list, db_default=[])
    next_id = models.BigIntegerField(default=0, db_default=0)
    asked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.process}, from lead {self.next_id}"
