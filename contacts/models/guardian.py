"""Children among the contacts, and who answers for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from contacts.models.consent_level import ConsentLevel
from contacts.models.contact import Contact


class Guardianship(models.Model):
    """This contact is a child. Their guardian agrees to single purposes (`Consent.by_guardian`), or to whatever the
    child says. Without the latter, no level of consent above `most` comes into force, whoever writes it: the database
    keeps it down (contacts/migrations, contacts_keep_children).

    `agreed_at`: when the guardian agreed to whatever the child says; `how`: in which words, and where that is on
    record. `most`: what the purposes that the guardian agreed to come to, at least Transactional.
    """

    child = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="guardianship")
    guardian = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="wards", db_index=False
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=300, blank=True)
    most = models.PositiveSmallIntegerField(default=ConsentLevel.TRANSACTIONAL, db_default=2)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["guardian"], condition=Q(guardian__isnull=False), name="wards_of_guardian")]

    def __str__(self) -> str:
        return f"{self.child}, a child"
