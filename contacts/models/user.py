"""People who sign in, and the role that decides what they see first and may do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    MARKETER = "marketer", "Marketer"
    TELEPROSPECTOR = "teleprospector", "Teleprospector"
    SALESPERSON = "salesperson", "Salesperson"
    SALES_MANAGER = "sales_manager", "Sales manager"
    ADMINISTRATOR = "administrator", "Administrator"


class User(AbstractUser):
    """A person who works here. What they may do follows from `role` alone (see permissions.py)."""

    role = models.CharField(max_length=20, choices=Role, default=Role.SALESPERSON)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        names = str(self).split()
        return "".join(name[0] for name in names[:2]).upper()
