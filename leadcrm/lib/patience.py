"""Queries that are given a time, and what is done when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

QUICKLY = "SET LOCAL statement_timeout = %s; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off"
"""Workers and compilers take longer to start than most such queries take."""
PATIENTLY = "SET LOCAL statement_timeout = %s"
AS_USUAL = (
    "SET LOCAL statement_timeout TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT;"
    " SET LOCAL jit TO DEFAULT"
)
QUERY_CANCELED = "57014"
LONG_MS = 1000
"""From here on a query may take all the help the server offers."""


class TooSlow(Exception):
    """A query took longer than it was given."""


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Each query inside ends after `milliseconds`. Raises TooSlow then; the transaction around goes on."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PATIENTLY if milliseconds >= LONG_MS else QUICKLY, [milliseconds])
            yield
            cursor.execute(AS_USUAL)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        raise TooSlow from None
