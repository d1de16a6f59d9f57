"""Websites whose visits are followed: what arrives raw, visitors, their visits, and who they turned out to be."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Contact, Interaction, MarketingContext
from forms_intake.models.forms import new_public_id
from forms_intake.models.submissions import Submission


class Website(models.Model):
    """A site of ours that carries the script. Hits are taken from pages of its `origins` only."""

    name = models.CharField(max_length=100, unique=True)
    public_id = models.CharField(max_length=20, unique=True, default=new_public_id, editable=False)
    origins = ArrayField(
        models.CharField(max_length=255),
        help_text="Where its pages are, such as https://www.example.com; hits from elsewhere are refused.",
    )
    marketing_context = models.OneToOneField(MarketingContext, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True, db_default=True, help_text="What is not takes no hits.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PageMatch(models.TextChoices):
    EXACT = "exact", "is exactly"
    PREFIX = "prefix", "begins with"
    GLOB = "glob", "is like"
    HOST = "host", "is anything"


class PageRule(models.Model):
    """Which pages count as what: the first rule of a website that an address meets, in their order, names it.

    A visit that meets it makes one interaction called `name`, of the rule's marketing context or the website's.
    """

    website = models.ForeignKey(Website, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(
        max_length=100, help_text="What timelines and conditions call it, such as “Pricing visited”."
    )
    match = models.CharField("the path", max_length=10, choices=PageMatch, default=PageMatch.EXACT)
    pattern = models.CharField(
        "this", max_length=300, blank=True, help_text="Such as /pricing/. In “is like”, * stands for anything."
    )
    host = models.CharField(
        "only on", max_length=255, blank=True, help_text="One host, such as shop.example.com; empty: all of them."
    )
    marketing_context = models.ForeignKey(
        MarketingContext,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What such a visit is about; empty: the website.",
    )
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        ordering = ["website", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["website", "name"], name="one_page_rule_a_website_and_name")]

    def __str__(self) -> str:
        return self.name


class RawHit(models.Model):
    """What a browser or a mail program sent, kept as it came until a worker has made something of it.

    `body` is text: for `HITS` the JSON of the script, for the others that of the signed token. Nothing of it is
    trusted yet. `robot`: the request itself said that no person sent it.
    """

    class Kind(models.TextChoices):
        HITS = "hits", "Page views"
        OPENED = "open", "Mail opened"
        CLICKED = "click", "Link in a mail followed"

    kind = models.CharField(max_length=5, choices=Kind)
    website_id = models.BigIntegerField(null=True, blank=True)
    body = models.TextField()
    user_agent = models.CharField(max_length=300, blank=True)
    robot = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Visitor(models.Model):
    """A browser that agreed to be remembered, by a digest of its cookie. Who it is, `VisitorIdentity` says."""

    key = models.UUIDField(unique=True, editable=False)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["last_seen"], name="visitors_by_age")]

    def __str__(self) -> str:
        return f"Visitor {self.pk}"


class IdentifiedBy(models.TextChoices):
    FORM = "form", "Sent a form"
    LINK = "link", "Came by a signed link"


class VisitorIdentity(models.Model):
    """From `since` on this browser is used by this contact, until another identity begins."""

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="identities")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    how = models.CharField(max_length=4, choices=IdentifiedBy)

    class Meta:
        ordering = ["visitor", "since"]
        verbose_name_plural = "visitor identities"

    def __str__(self) -> str:
        return f"Visitor {self.visitor_id} is contact {self.contact_id}"


class Identification(models.Model):
    """A processed submission told who a browser is; a worker has not followed it up yet."""

    key = models.UUIDField()
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"Submission {self.submission_id} named contact {self.contact_id}"


class Visit(models.Model):
    """One stay on a website: page views with no half hour between them, by one person as far as is known.

    `later`: it began before anybody knew who it was. `tags` are those of the campaign that led there.
    """

    website = models.ForeignKey(Website, on_delete=models.CASCADE, related_name="visits", db_index=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="visits", db_index=False)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    pages = models.PositiveIntegerField(default=0)
    landing = models.CharField("first page", max_length=300, blank=True)
    referrer = models.CharField(max_length=300, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    later = models.BooleanField("attributed later", default=False)

    class Meta:
        indexes = [
            models.Index(fields=["visitor", "ended_at"], name="visits_of_visitor"),
            models.Index(fields=["website", "started_at"], name="visits_of_website"),
            models.Index(
                F("contact"),
                F("started_at").desc(),
                F("id").desc(),
                condition=Q(contact__isnull=False),
                name="visits_of_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"Visit {self.pk}"


class Hit(models.Model):
    """One page view. `key` is a digest of the visitor and of the id the script gave it: delivered twice, it counts
    once.
    """

    key = models.UUIDField(unique=True, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="hits")
    website = models.ForeignKey(Website, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    host = models.CharField(max_length=255)
    path = models.CharField(max_length=300)
    title = models.CharField(max_length=200, blank=True)
    rule = models.ForeignKey(
        PageRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["website", "at"], name="hits_of_website"),
            models.Index(fields=["rule", "at"], condition=Q(rule__isnull=False), name="hits_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.host}{self.path}"


class MailTouch(models.Model):
    """That a contact opened a mail, or followed one link of it: how often, by people and by robots.

    `mail` is what the sender calls it; `link` is "" for opening. The interactions say the first of each.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    mail = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=1500, blank=True)
    link_key = models.UUIDField(editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    times = models.PositiveIntegerField(default=0)
    robot_times = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    robot_interaction = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "mail touches"
        constraints = [
            models.UniqueConstraint(fields=["contact", "mail", "link_key"], name="one_touch_a_contact_mail_and_link")
        ]

    def __str__(self) -> str:
        return f"{self.mail}: {self.link or 'opened'}"
