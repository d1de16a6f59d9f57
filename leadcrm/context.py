"""What every page of the house needs: its name and the rail on the left."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from leadcrm.rail import rail


def shell(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, and `rail` as a call: only a page that draws it pays for its counts."""
    return {"workspace": settings.WORKSPACE_NAME, "rail": partial(rail, request)}
