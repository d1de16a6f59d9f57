"""People who sign in, and the role that decides what they see first and may do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models

from contacts.roles import IN_ADMIN, Abilities, Ability, Role, can


class User(AbstractUser):
    """A person who works here. What they may do follows from `role` alone (see contacts/roles.py).

    `is_staff` and `is_superuser` are kept as the role says whenever a user is saved.
    """

    role = models.CharField(max_length=20, choices=Role, default=Role.SALESPERSON)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and self.is_superuser:
            self.role = Role.ADMINISTRATOR  # made on the command line, which asks for no role
        self.is_staff = self.role in IN_ADMIN
        self.is_superuser = self.role == Role.ADMINISTRATOR
        if "role" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "is_staff", "is_superuser"}
        super().save(*args, **kwargs)

    @property
    def initials(self) -> str:
        names = str(self).split()
        return "".join(name[0] for name in names[:2]).upper()

    @property
    def can(self) -> Abilities:
        """What this person can, by the names of abilities, for templates; elsewhere ask `roles.can`."""
        return Abilities(self)

    @property
    def sees_marketing_only(self) -> bool:
        """Whether lists and search show contacts kept for marketing only."""
        return can(self, Ability.SEE_MARKETING_ONLY)
