"""Files that take long to send go one at a time. Each keeps a process of the web server until its last row is read,
there are few of them, and all others want pages meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import structlog
from django.db import Error, connection
from django.db.models import QuerySet

from leadcrm.lib.errors import DomainError
from leadcrm.lib.patience import TooSlow, within

log = structlog.get_logger("leadcrm.files")

SENDING = 7_251_940
"""The number of the advisory lock under which one session at a time sends a long file."""
LONG = 20_000
"""A file of more rows is long: it takes more than about a second."""
COUNTING_MS = 200


class Occupied(DomainError):
    """Somebody else's long file is being sent."""

    code = "file_being_sent"
    status = 503

    def __init__(self, what: str = "Another long file") -> None:
        super().__init__(
            f"{what} is being sent. Long files go one at a time, so that pages stay quick for everybody: "
            "try again in a minute."
        )


class InTurn:
    """Parts of a long file, for as long as nobody else sends one: from when it is made until it is closed, as the web
    server does when it was read to its end or its reader went away. Raises Occupied.
    """

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = parts
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDING])
            if not cursor.fetchone()[0]:
                raise Occupied

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def close(self) -> None:
        """Let the next one go. What died with its database connection has let go already."""
        if hasattr(self._parts, "close"):
            self._parts.close()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDING])
        except Error as error:
            log.warning("the turn ended with its connection", error=str(error))


def in_turn(parts: Iterable[str], *, of: QuerySet) -> Iterable[str]:
    """`parts` as they are, or in turn where there are many rows (`of`) behind them. Raises Occupied."""
    return InTurn(parts) if _is_long(of) else parts


def _is_long(rows: QuerySet) -> bool:
    try:
        with within(COUNTING_MS):
            return rows.order_by()[LONG : LONG + 1].exists()
    except TooSlow:
        return True
