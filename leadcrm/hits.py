"""One thing that search or the palette offers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """One thing found. `remark` tells namesakes apart."""

    label: str
    remark: str
    url: str
    icon: str
    sheet: bool = False
    """Whether it is a form, which opens in a dialog where scripts run."""
