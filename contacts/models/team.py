"""Who works with whom, and where."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Team(models.Model):
    """People who share work. Leads can be given to it, and to one of its members."""

    name = models.CharField(max_length=100, unique=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="TeamMember", related_name="teams")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """One person in one team; who leads it is told what goes wrong in it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    leads_team = models.BooleanField("leads the team", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="once_in_a_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Territory(models.Model):
    """A part of the market that leads belong to, such as a country or an industry."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "territories"

    def __str__(self) -> str:
        return self.name
