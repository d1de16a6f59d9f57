"""The five stages and their order; nothing else."""

from __future__ import annotations

from django.db import models


class Stage(models.TextChoices):
    INQUIRY = "inquiry", "Inquiry"
    MARKETING_QUALIFICATION = "marketing_qualification", "Automated marketing qualification"
    TELEPROSPECTING_ACCEPTANCE = "teleprospecting_acceptance", "Teleprospecting acceptance"
    TELEPROSPECTING_QUALIFICATION = "teleprospecting_qualification", "Teleprospecting qualification"
    SALES_ACCEPTANCE = "sales_acceptance", "Sales acceptance"


ORDER: tuple[Stage, ...] = tuple(Stage)


def is_forward(source: str, target: str) -> bool:
    """Whether going from `source` to `target` is progress."""
    return ORDER.index(Stage(target)) > ORDER.index(Stage(source))
