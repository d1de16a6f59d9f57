"""People, and the keys that say who is who."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Upper

from contacts.models.account import Account
from contacts.models.base import Record, RecordQuerySet
from contacts.models.consent_level import ConsentLevel
from contacts.models.strategy import MatchingStrategy
from contacts.models.user import User
from leadcrm.lib.text import straight


class ContactRole(models.TextChoices):
    """The part a person plays when their company buys."""

    DECISION_MAKER = "decision_maker", "Decision maker"
    INFLUENCER = "influencer", "Influencer"
    CHAMPION = "champion", "Champion"
    USER = "user", "User"
    GATEKEEPER = "gatekeeper", "Gatekeeper"
    OTHER = "other", "Other"


class ContactQuerySet(RecordQuerySet):
    def visible_to(self, user: User) -> Self:
        """Living contacts in this person's lists and search: sales does not see those kept for marketing only."""
        return self.alive() if user.sees_marketing_only else self.alive().filter(marketing_only=False)


class Contact(Record):
    """A person. May be known by e-mail, phone or an external id, or by several; which is decided by match keys.

    `email` is checked by normalise.email, which knows internationalised addresses. `phone` is as typed, `phone_e164`
    as machines compare it ("" when it is no number). `consent_level` is the highest level in force, kept beside the
    consents that prove it. `marketing_only` people are hidden from sales. Who is
    `do_not_call` is in no queue of calls, who is `do_not_email` is written to by nobody; pages link neither.
    """

    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True, editable=False)
    job_title = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, choices=ContactRole, blank=True)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    country = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    consent_level = models.PositiveSmallIntegerField(choices=ConsentLevel, default=ConsentLevel.NONE)
    marketing_only = models.BooleanField(default=False)
    do_not_call = models.BooleanField(default=False, db_default=False)
    do_not_email = models.BooleanField("do not e-mail", default=False, db_default=False)
    search_text = models.GeneratedField(
        expression=models.Func(
            F("first_name"),
            Value(" "),
            F("last_name"),
            Value(" "),
            F("email"),
            template="upper(%(expressions)s)",
            arg_joiner=" || ",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(Upper("last_name"), Upper("first_name"), F("id"), name="contact_by_name"),
            # Newest first is by id; this one serves "created between", at next to no cost.
            BrinIndex(fields=["created_at"], name="contacts_by_creation"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="contact_by_updated"),
            models.Index(fields=["phone_e164"], condition=~Q(phone_e164=""), name="contact_by_phone"),
            models.Index(fields=["role"], condition=~Q(role=""), name="contact_by_role"),
            models.Index(fields=["consent_level"], condition=Q(consent_level__gte=1), name="contact_by_consent"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_contacts"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="contact_search"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What to call this person on a page."""
        return (
            f"{self.first_name} {self.last_name}".strip() or self.email or self.phone or self.external_id or "No name"
        )

    @property
    def callable_number(self) -> str:
        """The number as machines dial it; "" where there is none, or nobody may call."""
        return "" if self.do_not_call else self.phone_e164

    @property
    def address_to_write_to(self) -> str:
        """The e-mail address; "" where there is none, or nobody may write."""
        return "" if self.do_not_email else self.email

    @property
    def initials(self) -> str:
        names = [self.first_name, self.last_name] if self.first_name or self.last_name else self.name.split()[:2]
        return "".join(straight(name)[:1] for name in names).upper()


class ContactMatchingStrategy(MatchingStrategy):
    """Which attributes, all of them together, say that two contacts are the same person.

    They are compared as normalised, or as they were typed when they end in ":exact" (match_keys.py).
    """

    name = models.CharField(max_length=100, unique=True)
    attributes = ArrayField(
        models.CharField(max_length=30),
        help_text="Any of email, phone, external_id, first_name, last_name; all must be the same.",
    )
    fuzzy = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        help_text="What must be alike besides. A strategy with any of these suggests, and never decides.",
    )
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "contact matching strategies"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_contact_strategy"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def deciding(self) -> list[str]:
        """The attributes that decide who somebody is: none, where likeness has a say."""
        return [] if self.fuzzy else self.attributes


class MatchKey(models.Model):
    """Who owns an identity. The unique constraint decides who was first, for every writer alike.

    `kind` names the attributes joined by "+" ("email", "phone", "first_name+last_name+phone"); `value` is their
    normalised values (match_keys.py). `inherited`: it came with somebody who was merged into this contact, and stays
    though no field says it, so that who is known by it is still found.
    """

    kind = models.CharField(max_length=100)
    value = models.CharField(max_length=500)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="match_keys")
    inherited = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_contact_a_match_key")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
