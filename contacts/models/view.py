"""Saved views of lists: what is shown, in which columns and order; whose they are, and who put them where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models.base import Deletable
from contacts.models.user import User
from contacts.roles import Role


class Sharing(models.TextChoices):
    """Who sees a view."""

    PRIVATE = "private", "Only me"
    ROLE = "role", "A role"
    EVERYBODY = "everybody", "Everybody"


class ListOf(models.TextChoices):
    """The lists that people keep as views; the roof's LISTINGS says what each is."""

    CONTACT = "contact", "Contacts"
    ACCOUNT = "account", "Accounts"
    LEAD = "lead", "Leads"
    OPPORTUNITY = "opportunity", "Opportunities"


class SavedViewQuerySet(models.QuerySet):
    def alive(self) -> Self:
        """Views that are not deleted."""
        return self.filter(deleted_at__isnull=True)

    def deleted_lately(self, within: timedelta) -> Self:
        """Views that were deleted no longer ago than that."""
        return self.filter(deleted_at__gte=timezone.now() - within)

    def seen_by(self, user: User) -> Self:
        """Living views of this person, of their role and of everybody, for administrators of every role, with what
        they themselves chose of each (`chosen_pinned`, `chosen_default`), by place and name.
        """
        roles = Q() if user.role == Role.ADMINISTRATOR else Q(role=user.role)
        theirs = Q(owner=user) | Q(sharing=Sharing.EVERYBODY) | Q(roles, sharing=Sharing.ROLE)
        mine: Any = FilteredRelation("choices", condition=Q(choices__user=user))
        found = self.alive().filter(theirs).annotate(mine=mine)
        return found.annotate(chosen_pinned=F("mine__pinned"), chosen_default=F("mine__is_default")).order_by(
            "position", "name", "pk"
        )


class SavedView(Deletable):
    """A list as somebody keeps it: `query` has its filters by name, each a list of values as the address has them.

    Empty `columns` and `sort` are the list's own. `pinned`: a tab above the list, unless a person chose otherwise.
    Shipped ones belong to nobody, so administrators keep them. `version` counts saves.
    """

    entity = models.CharField("list", max_length=20, choices=ListOf)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sharing = models.CharField(max_length=10, choices=Sharing, default=Sharing.PRIVATE)
    role = models.CharField(max_length=20, choices=Role, blank=True, help_text="When it is shared with a role.")
    query = models.JSONField(default=dict, blank=True)
    columns = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    sort = models.CharField(max_length=40, blank=True)
    pinned = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=100, db_default=100)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sharing="role") | ~Q(role=""), name="view_shared_with_a_role_names_it")
        ]

    def __str__(self) -> str:
        return self.name

    def is_tab_for(self, user: User) -> bool:
        """Whether it stands above the list of this person, for whom it was fetched (`seen_by`)."""
        chosen: bool | None = getattr(self, "chosen_pinned", None)
        of_others = self.sharing == Sharing.ROLE and self.role != user.role and self.owner_id != user.pk
        return self.pinned and not of_others if chosen is None else chosen


class ViewChoice(models.Model):
    """What one person chose of a view: whether it is a tab above their list, whether their list opens with it."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="choices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=20, choices=ListOf, help_text="As the view's.")
    pinned = models.BooleanField(null=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["view", "user"], name="one_choice_a_view_and_person"),
            models.UniqueConstraint(
                fields=["user", "entity"], condition=Q(is_default=True), name="one_default_view_a_list_and_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.view}"
