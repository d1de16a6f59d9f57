"""Named sets of scoring models."""

from __future__ import annotations

from typing import Self

from django.db import models


class ScoringModelQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Models whose version scores leads now."""
        return self.filter(state="live", version__isnull=False)
