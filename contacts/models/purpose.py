"""What people are asked to agree to, and in which words: a purpose and the versions of its wording."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from contacts.models.consent_level import ConsentLevel


class Purpose(models.Model):
    """One thing a person may agree to or refuse by itself: a newsletter, invitations, a call.

    `level` is what agreeing comes to on the contact. With `confirm`, agreeing counts once a link in a mail was
    followed; withdrawing counts at once. A retired purpose is asked for nowhere; what was agreed to stays.
    """

    name = models.CharField(max_length=100, unique=True)
    description = models.CharField(
        max_length=300, blank=True, help_text="What people get, as their own page of preferences says it."
    )
    level = models.PositiveSmallIntegerField(
        choices=[choice for choice in ConsentLevel.choices if choice[0]],
        default=ConsentLevel.SUBSCRIPTIONS,
        help_text="The consent level that agreeing comes to.",
    )
    confirm = models.BooleanField(
        "confirmed by mail", default=False, help_text="Agreeing counts once the person has followed a link in a mail."
    )
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PurposeWording(models.Model):
    """The sentence people agree to, one version of it. Never edited: better words are a new version.

    The version in force at a moment is the latest made by then; that is what was shown. `text` is its first words, in
    `language` ("" where nobody said in which); `others` the same in further languages, by their codes.
    """

    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="wordings")
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=1000)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    others = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["purpose", "-number"]
        constraints = [models.UniqueConstraint(fields=["purpose", "number"], name="one_wording_a_number")]

    def __str__(self) -> str:
        return f"{self.purpose}, version {self.number}"

    def said_in(self, language: str) -> tuple[str, str]:
        """The words for somebody who is spoken to in a language, and the language those are in: theirs, that without
        its region, or else the first.
        """
        for code in (language, language.partition("-")[0]):
            if code in self.others:
                return str(self.others[code]), code
            if code == self.language:
                break
        return self.text, self.language
