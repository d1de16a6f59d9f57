"""The optional extra `ml`: whether it is installed, and what of ours needs it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.utils.module_loading import import_string

from scoring.rehearsal.errors import ExtraMissing

INSTALL = 'pip install "leadcrm[ml]"'


def is_installed() -> bool:
    """Whether points can be suggested here."""
    return find_spec("numpy") is not None


def regression(name: str) -> Any:
    """`fit` or `held_out` of regression.py, which takes time to load and must be loadable. Raises ExtraMissing."""
    if not is_installed():
        raise ExtraMissing(INSTALL)
    return import_string(f"scoring.rehearsal.regression.{name}")
