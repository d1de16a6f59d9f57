"""Keeping what browsers and mail programs send: one statement, like a post to a form. A worker does the rest."""

from __future__ import annotations

from django.db import connection

from forms_intake.models import RawHit
from leadcrm.lib import doorbell

TRACK = "forms_intake.track"
STORE = """
INSERT INTO forms_intake_rawhit (kind, website_id, body, user_agent, robot) VALUES (%s, %s, %s, %s, %s)
"""


def store_raw(
    kind: RawHit.Kind, body: str, *, website_id: int | None = None, user_agent: str = "", robot: bool = False
) -> None:
    """Keep one request and ring for a worker. `body` holds no NUL."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [kind.value, website_id, body, user_agent, robot])
    doorbell.ring_on_commit(TRACK)
