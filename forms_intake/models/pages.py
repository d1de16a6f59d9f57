"""Landing pages: what is live beside the draft, the addresses they had, and their images."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Deletable, MarketingContext
from forms_intake.models.forms import IntakeForm


def new_image_key() -> str:
    """A name for an image that cannot be guessed."""
    return secrets.token_hex(16)


class PageState(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    STOPPED = "stopped", "Stopped"


class LandingPage(Deletable):
    """A page of ours at /p/<slug>/, made of blocks.

    `draft` is what is being edited (landing/definition.py says what is in it); visitors see `version`, what it said
    when it last went live. An archived page may be deleted, and is gone for good thirty days later; what came
    through it stays. Title, address, campaign and product are the page's own and change at once.
    """

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=PageState, default=PageState.DRAFT)
    draft = models.JSONField(default=dict)
    version = models.ForeignKey(
        "PageVersion", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class PageVersion(models.Model):
    """What a page said from when it went live."""

    page = models.ForeignKey(LandingPage, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["page", "-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="one_page_version_a_number")]

    def __str__(self) -> str:
        return f"{self.page}, version {self.number}"


class PageForm(models.Model):
    """That a page shows a form, or did: what is posted from a copy that somebody still has open is the page's, too.

    `shown` is false once neither the draft nor what is live has it.
    """

    page = models.ForeignKey(LandingPage, on_delete=models.CASCADE, related_name="uses", db_index=False)
    form = models.ForeignKey(IntakeForm, on_delete=models.PROTECT, related_name="page_uses")
    shown = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "form"], name="one_page_form")]

    def __str__(self) -> str:
        return f"{self.page}: {self.form}"


class PageSlug(models.Model):
    """An address that a page had before: it leads to where the page is now."""

    slug = models.SlugField(max_length=80, unique=True)
    page = models.ForeignKey(LandingPage, on_delete=models.CASCADE, related_name="old_slugs")
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.slug


class PageImage(models.Model):
    """A picture for pages, written anew from what was uploaded: three sizes, and nothing else that was in the file.

    `large` and `small` are WebP, `social` is a JPEG; `width` and `height` are those of `large`, in pixels.
    """

    key = models.CharField(max_length=32, unique=True, default=new_image_key, editable=False)
    name = models.CharField(max_length=150)
    alt = models.CharField(max_length=300, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Of the large one, in bytes.")
    small_width = models.PositiveIntegerField()
    large = models.BinaryField()
    small = models.BinaryField()
    social = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class PageTest(models.Model):
    """A comparison of a page's variants, from going live with them until a winner is chosen.

    `planned` visitors of each variant were thought needed when it began, to find a difference of `difference` per cent
    from a conversion of `expected` per cent.
    """

    page = models.ForeignKey(LandingPage, on_delete=models.CASCADE, related_name="tests")
    number = models.PositiveIntegerField()
    letters = ArrayField(models.CharField(max_length=1))
    expected = models.FloatField()
    difference = models.FloatField()
    planned = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    winner = models.CharField(max_length=1, blank=True, default="")

    class Meta:
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="one_page_test_a_number"),
            models.UniqueConstraint(fields=["page"], condition=Q(ended_at=None), name="one_running_test_a_page"),
        ]

    def __str__(self) -> str:
        return f"{self.page}, test {self.number}"


class PageVisits(models.Model):
    """How often a page was shown on a day, with which form, and to how many browsers a test gave each variant.

    `test` is the number of the test (0: none ran). Several rows (`slot`) share the counting, so that visitors of a busy
    page do not wait for each other.
    """

    page = models.ForeignKey(LandingPage, on_delete=models.CASCADE, related_name="+", db_index=False)
    form = models.ForeignKey(IntakeForm, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    test = models.PositiveIntegerField(default=0)
    variant = models.CharField(max_length=1, blank=True, default="")
    slot = models.PositiveSmallIntegerField(default=0)
    visits = models.PositiveIntegerField(default=0)
    visitors = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "day", "test", "variant", "slot", "form"],
                name="one_count_of_page_visits",
                nulls_distinct=False,
            )
        ]
        indexes = [models.Index(F("form"), F("day"), name="page_visits_of_form")]

    def __str__(self) -> str:
        return f"{self.page} on {self.day}"
