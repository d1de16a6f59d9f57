"""Queries that are given a time, and what is done when it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

QUICKLY = "SET LOCAL statement_timeout = %s; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
"""Workers and compilers take longer to start than most such queries take."""
PATIENTLY = "SET LOCAL statement_timeout = %s"
WITHOUT_WORKERS = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
AS_USUAL = (
    "SET LOCAL statement_timeout TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT;"
    " SET LOCAL jit TO DEFAULT"
)
NAMED = "SET LOCAL application_name = %s"
UNNAMED = "SET LOCAL application_name TO DEFAULT"
CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE application_name = %s AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
"""
QUERY_CANCELED = "57014"
LONG_MS = 1000
"""From here on a query may take all the help the server offers."""


class TooSlow(Exception):
    """A query took longer than it was given, or nobody waits for it any more."""


class Allowance:
    """Milliseconds that several queries have together."""

    def __init__(self, milliseconds: int) -> None:
        self._ends = time.monotonic() + milliseconds / 1000

    def most(self, milliseconds: int) -> int:
        """So many, or what is left; at least one, since none would mean any number."""
        return max(1, min(milliseconds, int((self._ends - time.monotonic()) * 1000)))


@contextmanager
def within(milliseconds: int, *, called: str = "") -> Iterator[None]:
    """Each query inside ends after `milliseconds`. Raises TooSlow then; the transaction around goes on.

    Under the name it is `called` (plain ASCII, up to 60 characters) `give_up` ends it sooner.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PATIENTLY if milliseconds >= LONG_MS else QUICKLY, [milliseconds])
            if called:
                cursor.execute(NAMED, [called])
            yield
            cursor.execute(f"{AS_USUAL}; {UNNAMED}" if called else AS_USUAL)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        raise TooSlow from None


@contextmanager
def without_workers() -> Iterator[None]:
    """Each query inside takes one process of the server and no compiler, as suits reading rows of one page: to start
    more takes longer than they help, and many pages are asked for at once. A transaction around it says otherwise.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WITHOUT_WORKERS)
        yield


def give_up(called: str) -> int:
    """End the queries that run under this name, in whichever process; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(CANCEL, [called])
        return len(cursor.fetchall())
