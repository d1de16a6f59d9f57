"""Field history: who changed which field of a record, from what to what. Triggers write it (leadcrm/lib/audit.py)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class FieldChange(models.Model):
    """One field of one record changed. Rows are added, never changed; they go when their record goes for good.

    `subject` is contact, account, lead... and `field` a column of it ("owner_id"), or "custom.<key>". `before` and
    `after` are the column's values as JSON, None for nothing. No `actor`: nobody who was signed in did it. `cause` is
    what it was done by, such as "page:<request id>" (contacts/acting.py).
    """

    subject = models.CharField(max_length=15)
    subject_id = models.BigIntegerField()
    field = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    changed_at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        # Whose name cannot be checked in the moment of a change must not stop the change.
        db_constraint=False,
    )
    cause = models.CharField(max_length=100, blank=True)

    class Meta:
        indexes = [
            models.Index(
                F("subject"), F("subject_id"), F("changed_at").desc(), F("id").desc(), name="field_changes_of_record"
            ),
            # Who came to an account later, and when: what they did before is not the account's.
            models.Index(
                fields=["after", "subject_id", "changed_at"],
                condition=Q(subject="contact", field="account_id"),
                name="contacts_joining_accounts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.subject} {self.subject_id}"
