"""How far a person's consent goes."""

from __future__ import annotations

from django.db import models


class ConsentLevel(models.IntegerChoices):
    """Nested levels; a higher one includes the lower ones."""

    NONE = 0, "None"
    CONSENT = 1, "Contact at all"
    TRANSACTIONAL = 2, "Transactional"
    SUBSCRIPTIONS = 3, "Subscriptions"
    MARKETING = 4, "Marketing"
    PROFILING = 5, "Profiling"
