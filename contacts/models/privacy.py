"""What people ask about their own data, what was done about it, and whom we must not take back silently."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class DataRequest(models.Model):
    """Somebody wants to have, or to be rid of, what is known of them.

    `email` and `name` say who while it is open; once they are erased only `digest` is left, a keyed hash by which it
    can still be told, from the address, that it was done. `outcome` counts what was given or erased, by kind.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", "A copy of their data"
        ERASURE = "erasure", "Erasure"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    contact = models.ForeignKey("contacts.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=250, blank=True)
    email = models.CharField("e-mail", max_length=254, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    by_themselves = models.BooleanField(default=False, help_text="They asked on their own page of preferences.")
    received_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(F("due_on"), F("id"), condition=Q(state="open"), name="data_requests_open"),
            models.Index(F("received_at").desc(), F("id").desc(), name="data_requests_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, received {self.received_at:%d.%m.%Y}"


class DataRequestStep(models.Model):
    """One thing that was done about a request, by whom. Rows are added, never changed."""

    request = models.ForeignKey(DataRequest, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=100)
    words = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.what


class Tombstone(models.Model):
    """That somebody with this match key was erased: nothing but a keyed hash, which says nothing to who reads it.

    While it stands nobody with the key comes back but by their own will. `lifted_at` and `lifted_how` say that they
    did; then it stands no longer.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    request = models.ForeignKey(DataRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    erased_at = models.DateTimeField(db_default=Now())
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_how = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"erased {self.erased_at:%d.%m.%Y}" + (", came back" if self.lifted_at else "")
