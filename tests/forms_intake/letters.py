"""The limit of letters that ask people to confirm something, counted in tests as it is outside."""

from __future__ import annotations

from collections import Counter

import pytest

from leadcrm.lib import ratelimit


def count_letters(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many were asked for, by address; nothing else is limited from now on."""
    counted: Counter[str] = Counter()

    def allow(key: str, *, limit: int, seconds: int) -> ratelimit.Decision:
        if not key.startswith("confirm-to:"):
            return ratelimit.ALLOWED
        counted[key] += 1
        return ratelimit.ALLOWED if counted[key] <= limit else ratelimit.Decision(False, seconds)

    monkeypatch.setattr(ratelimit, "allow", allow)
    return counted
