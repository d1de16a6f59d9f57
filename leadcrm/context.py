"""What every page of the house needs: its name and the rail on the left."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from contacts.models import User
from leadcrm.lib.facts import Count
from leadcrm.rail import rail
from leads.views.notices import unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, and `rail` and `bell` as calls: only a page that draws them pays for their counts."""
    return {"workspace": settings.WORKSPACE_NAME, "rail": partial(rail, request), "bell": partial(bell, request)}


def bell(request: HttpRequest) -> Count | None:
    """How many notices the person has not read; None for nobody."""
    return unread(request.user) if isinstance(request.user, User) else None
