"""Scoring in Django's admin: models as marketers edit them, and the scores they gave."""

import scoring.permissions  # noqa: F401
from scoring.admin import models, readiness, scores

__all__ = ["models", "readiness", "scores"]
