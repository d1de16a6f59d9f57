"""What every page of the house needs: its name and the rail on the left."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"workspace": settings.WORKSPACE_NAME}
